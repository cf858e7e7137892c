import type { Value } from './line.ts'

/** Phones turn `"` and `'` into these; any of a class closes any other of it. */
const CLASSES = {
  double: { characters: [...'"“”„‟«»'], find: /["“”„‟«»]/g, open: 'open-double' },
  single: { characters: [..."'‘’‚‛"], find: /['‘’‚‛]/g, open: 'open-single' },
} as const

type QuoteClass = keyof typeof CLASSES

const quoteClass = (character: string): QuoteClass | undefined => {
  if (CLASSES.double.characters.includes(character)) return 'double'
  return CLASSES.single.characters.includes(character) ? 'single' : undefined
}

const WORD_END = /\s|$/g

/** Asked at every quote of a text that may hold nothing else, hence by number first. */
function isWordEnd(text: string, at: number): boolean {
  const code = at < text.length ? text.charCodeAt(at) : 0
  return code <= 0x20 || (code > 0x7f && text.charAt(at).trim() === '')
}

/**
 * Reads words and quoted text at a place in one message.
 *
 * A quote opens only where a word starts and closes only where a word ends, so `don't`, `27"` and `"it"s"` need no
 * care. `\"` is a quote inside quoted text; backslashes count for nothing else, so `"C:\new"` is what it looks like.
 * What cannot be closed is remembered: a line of a thousand open quotes is searched once.
 */
export class QuoteReader {
  readonly #text: string
  readonly #hopeless = new Set<QuoteClass>()
  readonly #lastAt = new Map<QuoteClass, number>()

  constructor(text: string) {
    this.#text = text
  }

  read(start: number): Value & { end: number } {
    const opened = start < this.#text.length ? quoteClass(this.#text.charAt(start)) : undefined
    const quoted = opened && !this.#hopeless.has(opened) ? this.#readQuoted(start, opened) : undefined
    if (quoted) return { ...quoted, quoting: 'closed' }
    WORD_END.lastIndex = start
    const end = WORD_END.exec(this.#text)?.index ?? this.#text.length
    const isOpen = opened !== undefined && this.#lastOf(opened) <= start
    return { text: this.#text.slice(start, end), quoting: isOpen ? CLASSES[opened].open : 'none', end }
  }

  #readQuoted(start: number, opened: QuoteClass): { text: string; end: number } | undefined {
    const text = this.#text
    const { find } = CLASSES[opened]
    let content = ''
    let copied = start + 1
    find.lastIndex = copied
    for (let hit = find.exec(text); hit; hit = find.exec(text)) {
      const slashes = backslashesBefore(text, hit.index, copied)
      const isClosing = slashes % 2 === 0 && isWordEnd(text, hit.index + 1)
      if (slashes === 0 && !isClosing) continue
      content += text.slice(copied, hit.index - slashes) + '\\'.repeat(slashes >> 1)
      if (isClosing) return { text: content, end: hit.index + 1 }
      copied = hit.index
    }
    this.#hopeless.add(opened)
    return undefined
  }

  /** Where the last quote of this class stands: one that has another behind it is closed in its own way (`"so", he said`). */
  #lastOf(opened: QuoteClass): number {
    let at = this.#lastAt.get(opened)
    if (at === undefined) {
      at = Math.max(...CLASSES[opened].characters.map((character) => this.#text.lastIndexOf(character)))
      this.#lastAt.set(opened, at)
    }
    return at
  }
}

function backslashesBefore(text: string, at: number, from: number): number {
  let count = 0
  while (at - count > from && text[at - count - 1] === '\\') count += 1
  return count
}

/** Quoted so that it reads back as it is, whatever is in it. */
export function quote(text: string): string {
  const find = /["“”„‟«»]/g
  let rendered = '"'
  let copied = 0
  for (let hit = find.exec(text); hit; hit = find.exec(text)) {
    rendered += `${text.slice(copied, hit.index)}${'\\'.repeat(backslashesBefore(text, hit.index, copied) + 1)}${hit[0]}`
    copied = hit.index + 1
  }
  return `${rendered}${text.slice(copied)}${'\\'.repeat(backslashesBefore(text, text.length, copied))}"`
}
