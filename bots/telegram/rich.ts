import type { MessageEntity } from 'grammy/types'

/** Text with its formatting beside it, as Telegram takes it: nothing in the text can be taken for markup. */
export interface Rich {
  text: string
  /** In the order in which they begin; offsets and lengths in UTF-16 units. */
  entities: MessageEntity[]
}

export type Style = 'bold' | 'italic' | 'strikethrough' | 'code'

/** Line ends are one kind, tabs are blanks. */
const LINE_ENDS = /\r\n?|[\u2028\u2029\u0085]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: Telegram makes blanks of them, so their place is kept
const CONTROLS = /[\u0000-\u0009\u000b-\u001f]/g
/** Marks that turn the direction of what follows: with them a text can look like another. */
const DIRECTION_MARKS = /[\u202a-\u202e\u2066-\u2069]/g
const INVISIBLE = /[\s\u00ad\u200b-\u200f\u2060\u2800\u3164\ufeff]/g

/** What somebody wrote, as Telegram will keep it. Telegram tidies in the same way, but then the offsets would be ours to guess. */
export const clean = (text: string): string =>
  text
    .toWellFormed()
    .replace(LINE_ENDS, '\n')
    .replaceAll('\t', '    ')
    .replace(CONTROLS, ' ')
    .replace(DIRECTION_MARKS, '')

/** One line of it. */
export const cleanLine = (text: string): string =>
  clean(text)
    .replace(/\s*\n\s*/g, ' ')
    .trim()

/** Telegram refuses a text in which there is nothing to see. */
export const isBlank = (text: string): boolean => text.replace(INVISIBLE, '') === ''

export const plain = (text: string): Rich => ({ text: clean(text), entities: [] })

export const styled = (text: string, style: Style): Rich => wrap(clean(text), { type: style })

/** A block of code; the language is shown by the apps and decides about colours. */
export function block(text: string, language?: string): Rich {
  const isName = language !== undefined && /^[\w+#.-]{1,32}$/.test(language)
  return wrap(clean(text).trimEnd(), { type: 'pre', ...(isName ? { language } : {}) })
}

/** Longer quotes are shown by their beginning, and opened by a tap. */
const QUOTE_CHARACTERS = 700
const QUOTE_LINES = 12

/** Set apart by a bar, with the formats that are in it. */
export function quoted(rich: Rich): Rich {
  const { text, entities } = trimmed(rich)
  const isLong = text.length > QUOTE_CHARACTERS || text.split('\n', QUOTE_LINES + 1).length > QUOTE_LINES
  const type = isLong ? 'expandable_blockquote' : 'blockquote'
  return { text, entities: [{ type, offset: 0, length: text.length }, ...entities] }
}

export const isQuote = ({ type }: MessageEntity): boolean => type === 'blockquote' || type === 'expandable_blockquote'

export function wrap(text: string, kind: { type: Style | 'pre' } | { type: 'text_link'; url: string }): Rich {
  return { text, entities: text === '' ? [] : [{ ...kind, offset: 0, length: text.length }] }
}

export const concat = (...pieces: readonly (Rich | string)[]): Rich => join(pieces, '')

export function join(pieces: readonly (Rich | string)[], separator: string): Rich {
  let text = ''
  const entities: MessageEntity[] = []
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) text += separator
    const rich = typeof piece === 'string' ? plain(piece) : piece
    for (const entity of rich.entities) entities.push({ ...entity, offset: entity.offset + text.length })
    text += rich.text
  }
  return { text, entities }
}

/** The part between two offsets; formatting that crosses a border is cut there. */
export function slice({ text, entities }: Rich, start: number, end = text.length): Rich {
  const kept = entities.flatMap((entity) => {
    const from = Math.max(entity.offset, start)
    const length = Math.min(entity.offset + entity.length, end) - from
    return length > 0 ? [{ ...entity, offset: from - start, length }] : []
  })
  return { text: text.slice(start, end), entities: kept }
}

/** Without blank lines before and blanks behind. */
export function trimmed(rich: Rich): Rich {
  const end = rich.text.trimEnd().length
  const start = /^(?:[^\S\n]*\n)*/.exec(rich.text)?.[0].length ?? 0
  return start >= end ? { text: '', entities: [] } : slice(rich, start, end)
}

const WORD_JOINER = '\u2060'
const AT_NAME = /@(?=[A-Za-z0-9_])/g

/**
 * An `@name` in a bot's text calls its owner wherever they share the chat. With an invisible mark behind the `@` it is
 * words only. Code is left as it is: Telegram looks for no mentions there, and people copy it.
 */
export function withoutPings(rich: Rich): Rich {
  const marks = mentionsIn(rich)
  if (marks.length === 0) return rich
  const cuts = [0, ...marks, rich.text.length]
  const shift = (offset: number): number => offset + countBelow(marks, offset)
  return {
    text: cuts
      .slice(1)
      .map((cut, index) => rich.text.slice(cuts[index], cut))
      .join(WORD_JOINER),
    entities: rich.entities.map((entity) => {
      const offset = shift(entity.offset)
      return { ...entity, offset, length: shift(entity.offset + entity.length) - offset }
    }),
  }
}

/** Behind each `@` that Telegram would take for the beginning of a mention. `ann@example.org` is none. */
function mentionsIn({ text, entities }: Rich): number[] {
  const code = entities.filter(({ type }) => type === 'pre' || type === 'code').values()
  let { value: block, done } = code.next()
  const marks: number[] = []
  for (const { index } of text.matchAll(AT_NAME)) {
    while (!done && block && block.offset + block.length < index) ({ value: block, done } = code.next())
    const end = block ? block.offset + block.length : 0
    const isInside = block !== undefined && block.offset <= index && index + 1 < end
    const isAddress = /[A-Za-z0-9_]/.test(text[index - 1] ?? '') && end !== index
    if (!isInside && !isAddress) marks.push(index + 1)
  }
  return marks
}

/** Takes out again what `withoutPings` put in: people copy names from our messages into commands. */
export const withoutMarks = (text: string): string => text.replaceAll(`@${WORD_JOINER}`, '@')

/** How many marks stand before an offset; they are in order. */
function countBelow(marks: readonly number[], offset: number): number {
  let low = 0
  let high = marks.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((marks[middle] ?? 0) < offset) low = middle + 1
    else high = middle
  }
  return low
}
