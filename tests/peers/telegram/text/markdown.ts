import type { MessageEntity } from 'grammy/types'
import type { Formatted } from './clean.ts'
import {
  addressed,
  closing,
  endsHere,
  isAddressed,
  marks,
  type Open,
  type Place,
  readUrl,
  reserved,
  unclosed,
} from './markdown-marks.ts'

/** Reads parse_mode MarkdownV2: every reserved character must be markup or be escaped. */
export const parseMarkdownV2 = (source: string): Formatted => new Reader(source).read()

class Reader {
  readonly #source: string
  readonly #open: Open[] = []
  readonly #entities: MessageEntity[] = []
  #text = ''
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  read(): Formatted {
    while (this.#at < this.#source.length) this.#step()
    if (this.#open[0]?.type === 'blockquote') this.#endQuote(this.#open[0])
    const left = this.#open.at(-1)
    if (left) throw unclosed(left, this.#source)
    return { text: this.#text, entities: this.#entities }
  }

  #step(): void {
    const letter = this.#source[this.#at] ?? ''
    const top = this.#open.at(-1)
    const next = this.#source.charCodeAt(this.#at + 1)
    const verbatim = top?.type === 'pre' || top?.type === 'code'
    const quote = this.#open[0]?.type === 'blockquote' ? this.#open[0] : undefined
    if (letter === '\\' && next > 0 && next < 127) {
      this.#at += 1
      this.#plain(this.#source[this.#at] ?? '')
    } else if (quote && letter === '\n' && !verbatim && this.#source[this.#at + 1] !== '>') {
      // A quotation lasts until the first line that does not carry it on.
      this.#endQuote(quote)
      this.#plain(letter)
    } else if (top && endsHere(top, this.#source, this.#at)) this.#end(top)
    else if (verbatim && letter !== '`') this.#plain(letter)
    else if (verbatim) throw reserved(letter)
    else if (letter === '>') this.#quote(quote)
    else this.#begin(letter)
  }

  #plain(letter: string): void {
    this.#text += letter
    this.#at += 1
  }

  #quote(quote: Open | undefined): void {
    if (this.#at > 0 && this.#source[this.#at - 1] !== '\n') throw reserved('>')
    if (!quote) {
      this.#open.push({ mark: '>', type: 'blockquote', offset: this.#text.length, at: this.#at, language: '' })
    }
    this.#at += 1
  }

  #begin(letter: string): void {
    const [mark, type] = marks.find(([sign]) => this.#source.startsWith(sign, this.#at)) ?? []
    if (mark === undefined || type === undefined) {
      if ('[]()~>#+-=|{}.!'.includes(letter)) throw reserved(letter)
      this.#plain(letter)
      return
    }
    const rest = this.#source.slice(this.#at + mark.length)
    const [header = '', language = ''] = type === 'pre' ? (/^([^\s`]+)?\n/.exec(rest) ?? []) : []
    this.#open.push({ mark, type, offset: this.#text.length, at: this.#at, language })
    this.#at += mark.length + header.length
  }

  #end(top: Open): void {
    this.#at += closing(top).length
    const place = this.#place(top)
    if (isAddressed(top)) {
      const { url, next } = readUrl(this.#source, this.#at)
      this.#at = next
      this.#keep(addressed(top, url ?? this.#text.slice(top.offset), place))
    } else this.#keep({ type: top.type, ...place, ...(top.language ? { language: top.language } : {}) })
    this.#open.pop()
  }

  /** "||" just before the end of a quotation makes it expandable; anything else left open in it is a mistake. */
  #endQuote(quote: Open): void {
    const top = this.#open.at(-1) ?? quote
    const expandable = this.#open.length === 2 && top.type === 'spoiler' && top.at === this.#at - 2
    if (top !== quote && !expandable) throw unclosed(top, this.#source)
    this.#keep({ type: expandable ? 'expandable_blockquote' : 'blockquote', ...this.#place(quote) })
    this.#open.length = 0
  }

  #place = (top: Open): Place => ({ offset: top.offset, length: this.#text.length - top.offset })

  #keep(entity: ({ type: string } & Place) | undefined): void {
    if (entity && entity.length > 0) this.#entities.push(entity as MessageEntity)
  }
}
