import type { MessageEntity } from 'grammy/types'
import { labelOf, linkUrl } from './links.ts'
import { clean, type Rich } from './rich.ts'

/** Bits, because a stretch of text can bear several. */
const BOLD = 1
const ITALIC = 2
const STRUCK = 4

interface Piece {
  text: string
  marks: number
  isCode?: boolean
  url?: string
  /** May yet turn out to open something. */
  isToken?: boolean
}

interface Open {
  token: string
  piece: Piece
  at: number
}

const MARKS: Record<string, number> = {
  '***': BOLD | ITALIC,
  '**': BOLD,
  __: BOLD,
  '*': ITALIC,
  _: ITALIC,
  '~~': STRUCK,
}
const TYPES = [
  [BOLD, 'bold'],
  [ITALIC, 'italic'],
  [STRUCK, 'strikethrough'],
] as const
const TOKENS = /\\[!-/:-@[-`{-~]|`+|\*{1,3}|__?|~~|!?\[/g
/** Each part of a link is bounded, so that no text makes this slow. */
const LINK =
  /!?\[([^[\]\n]{0,1000})\]\(\s?<?([^\s()<>]{1,2000}(?:\([^\s()<>]{0,500}\)[^\s()<>]{0,500})?)>?(?:\s"[^"\n]{0,200}")?\s?\)/y
/** Marks inside marks inside marks: more than this is not meant as formatting. */
const DEPTH_MAX = 6

/** Bold, italic, struck through, code and links of Markdown; whatever does not add up stays as it was written. */
export function inline(source: string): Rich {
  return assemble(new Scan(clean(source)).run())
}

class Scan {
  readonly #text: string
  readonly #pieces: Piece[] = []
  readonly #open: Open[] = []
  /** Runs of backticks that nothing closes any more. */
  readonly #unclosed = new Set<string>()

  constructor(text: string) {
    this.#text = text
  }

  run(): Piece[] {
    const tokens = new RegExp(TOKENS)
    let at = 0
    for (let match = tokens.exec(this.#text); match; match = tokens.exec(this.#text)) {
      this.#add(this.#text.slice(at, match.index))
      at = this.#take(match[0], match.index)
      tokens.lastIndex = at
    }
    this.#add(this.#text.slice(at))
    return this.#pieces
  }

  /** Gives where to go on. */
  #take(token: string, at: number): number {
    const end = at + token.length
    if (token.startsWith('\\')) this.#add(token.slice(1))
    else if (token.startsWith('`')) return this.#code(token, end)
    else if (token.endsWith('[')) return this.#link(token, at, end)
    else this.#mark(token, at, end)
    return end
  }

  /** Words join the words before them, so that a text full of stray signs stays one piece. */
  #add(text: string): void {
    const last = this.#pieces.at(-1)
    const isJoined = last && last.marks === 0 && !last.isCode && !last.isToken && last.url === undefined
    if (isJoined) last.text += text
    else if (text !== '') this.#push({ text, marks: 0 })
  }

  #push(piece: Piece): Piece {
    this.#pieces.push(piece)
    return piece
  }

  #code(ticks: string, start: number): number {
    const end = this.#unclosed.has(ticks) ? -1 : this.#closingTicks(ticks, start)
    if (end < 0) {
      this.#unclosed.add(ticks)
      this.#add(ticks)
      return start
    }
    const code = this.#text.slice(start, end)
    const isPadded = /^ .*[^ ].* $/s.test(code)
    this.#push({ text: isPadded ? code.slice(1, -1) : code, marks: 0, isCode: true })
    return end + ticks.length
  }

  #closingTicks(ticks: string, start: number): number {
    for (let at = this.#text.indexOf(ticks, start); at >= 0; at = this.#text.indexOf(ticks, at)) {
      let end = at
      while (this.#text[end] === '`') end++
      if (end - at === ticks.length) return at
      at = end
    }
    return -1
  }

  #link(token: string, at: number, end: number): number {
    LINK.lastIndex = at
    const [whole, label = '', target = ''] = LINK.exec(this.#text) ?? []
    if (whole === undefined) {
      this.#add(token)
      return end
    }
    const words = label ? inline(label).text : target
    const url = linkUrl(target)
    if (url && labelOf(words, url)) this.#push({ text: words, marks: 0, url })
    else this.#add(words === target ? words : `${words} (${target})`)
    return at + whole.length
  }

  #mark(token: string, at: number, end: number): void {
    const before = this.#text[at - 1] ?? ' '
    const after = this.#text[end] ?? ' '
    const isWordy = token.startsWith('_')
    const canClose = !/\s/.test(before) && !(isWordy && /[\p{L}\p{N}]/u.test(after))
    const canOpen = !/\s/.test(after) && !(isWordy && /[\p{L}\p{N}]/u.test(before))
    const opened = canClose ? this.#open.findLastIndex((open) => open.token === token) : -1
    const open = this.#open[opened]
    if (open && open.at < this.#pieces.length - 1) {
      this.#open.length = opened
      open.piece.text = ''
      for (const piece of this.#pieces.slice(open.at)) piece.marks |= MARKS[token] ?? 0
      return
    }
    if (canOpen && this.#open.length < DEPTH_MAX) {
      const piece = this.#push({ text: token, marks: 0, isToken: true })
      this.#open.push({ token, piece, at: this.#pieces.length - 1 })
    } else this.#add(token)
  }
}

/** Every stretch with the same look has its own entities, so none ever crosses another. Code bears no other marks. */
function assemble(pieces: readonly Piece[]): Rich {
  let text = ''
  const entities: MessageEntity[] = []
  for (const run of runs(pieces)) {
    const place = { offset: text.length, length: run.text.length }
    if (run.isCode) entities.push({ type: 'code', ...place })
    else {
      if (run.url) entities.push({ type: 'text_link', url: run.url, ...place })
      for (const [mark, type] of TYPES) if (run.marks & mark) entities.push({ type, ...place })
    }
    text += run.text
  }
  return { text, entities }
}

function runs(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = []
  for (const piece of pieces) {
    const last = joined.at(-1)
    if (piece.text === '') continue
    if (last && look(last) === look(piece)) last.text += piece.text
    else joined.push({ ...piece })
  }
  return joined
}

const look = ({ marks, isCode, url }: Piece): string => (isCode ? 'code' : `${marks} ${url ?? ''}`)
