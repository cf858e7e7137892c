import { cleanText } from '../grammar.ts'
import { quote } from './quotes.ts'

export interface LineParts {
  words?: readonly string[]
  /** `true` for a flag without a value. Undefined ones are left out. */
  flags?: Readonly<Record<string, string | true | undefined>>
  /** Free text. Goes on the following lines, where nothing in it can be taken for a flag. */
  text?: string
}

/** The line that reads back as exactly these parts; what buttons carry. Control characters are lost, as in reading. */
export function renderLine(name: string, { words = [], flags = {}, text = '' }: LineParts = {}): string {
  const named = Object.entries(flags).map(([flag, value]) => {
    if (value === undefined) return []
    return value === true ? [`--${flag}`] : [`--${flag}=${renderWord(value)}`]
  })
  const line = [`/${name}`, ...words.map(renderWord), ...named.flat()].join(' ')
  return text === '' ? line : `${line}\n${cleanText(text)}`
}

/** Letters, digits and harmless signs stand bare; in doubt a word is quoted. */
const PLAIN = /^[\p{L}\p{N}_@$#][\p{L}\p{N}_@$#.:/+,-]*$/u

function renderWord(word: string): string {
  const clean = cleanText(word)
  return PLAIN.test(clean) ? clean : quote(clean)
}
