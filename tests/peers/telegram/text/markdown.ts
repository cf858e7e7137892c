import type { MessageEntity } from 'grammy/types'
import { refuse } from '../errors.ts'
import type { Formatted } from './clean.ts'
import { byteOffset } from './entities.ts'
import { link } from './html-tags.ts'

interface Open {
  readonly mark: string
  readonly type: string
  readonly offset: number
  readonly at: number
  readonly language: string
}

const marks: readonly (readonly [string, string])[] = [
  ['```', 'pre'],
  ['`', 'code'],
  ['__', 'underline'],
  ['_', 'italic'],
  ['||', 'spoiler'],
  ['*', 'bold'],
  ['~', 'strikethrough'],
  ['![', 'custom_emoji'],
  ['[', 'text_link'],
]

const spoken: Record<string, string> = { text_link: 'TextUrl', custom_emoji: 'CustomEmoji', blockquote: 'BlockQuote' }

const spokenName = (type: string): string => spoken[type] ?? type.slice(0, 1).toUpperCase() + type.slice(1)

/** Reads parse_mode MarkdownV2: every reserved character must be markup or be escaped. */
export function parseMarkdownV2(source: string): Formatted {
  const open: Open[] = []
  const entities: MessageEntity[] = []
  let text = ''
  let at = 0
  const close = (entity: MessageEntity | undefined): void => {
    if (entity && entity.length > 0) entities.push(entity)
    open.pop()
  }
  const place = (top: Open) => ({ offset: top.offset, length: text.length - top.offset })
  while (at < source.length) {
    const letter = source[at] ?? ''
    const top = open.at(-1)
    const verbatim = top?.type === 'pre' || top?.type === 'code'
    const next = source.charCodeAt(at + 1)
    if (letter === '\\' && next > 0 && next < 127) {
      text += source[at + 1]
      at += 2
    } else if (top && letter === '\n' && open[0]?.type === 'blockquote' && !verbatim && source[at + 1] !== '>') {
      // A quotation lasts until the first line that does not carry it on; "||" just before makes it expandable.
      const quote = endOfQuote(open, source, at)
      open.splice(1)
      close({ type: quote, ...place(open[0] as Open) } as MessageEntity)
      text += letter
      at += 1
    } else if (top && top.mark !== '>' && source.startsWith(closing(top), at) && !isDouble(top, source, at)) {
      at += closing(top).length
      if (top.type === 'text_link' || top.type === 'custom_emoji') {
        const url = readUrl(source, at)
        at = url.next
        close(addressed(top, url.url ?? text.slice(top.offset), place(top)))
      } else {
        close({ type: top.type, ...place(top), ...(top.language ? { language: top.language } : {}) } as MessageEntity)
      }
    } else if (verbatim) {
      if (letter === '`') throw reserved(letter)
      text += letter
      at += 1
    } else if (letter === '>') {
      if (at > 0 && source[at - 1] !== '\n') throw reserved(letter)
      if (!open.some(({ type }) => type === 'blockquote')) {
        open.push({ mark: '>', type: 'blockquote', offset: text.length, at, language: '' })
      }
      at += 1
    } else {
      const mark = marks.find(([sign]) => source.startsWith(sign, at))
      if (mark) {
        const [sign, type] = mark
        const [header = '', language = ''] = type === 'pre' ? (/^([^\s`]+)?\n/.exec(source.slice(at + 3)) ?? []) : []
        open.push({ mark: sign, type, offset: text.length, at, language })
        at += sign.length + header.length
      } else {
        if ('[]()~>#+-=|{}.!'.includes(letter)) throw reserved(letter)
        text += letter
        at += 1
      }
    }
  }
  if (open[0]?.type === 'blockquote') {
    const quote = endOfQuote(open, source, at)
    open.splice(1)
    close({ type: quote, ...place(open[0]) } as MessageEntity)
  }
  const left = open.at(-1)
  if (left) throw unclosed(left, source)
  return { text, entities }
}

function endOfQuote(open: readonly Open[], source: string, at: number): string {
  const top = open.at(-1)
  if (open.length === 1) return 'blockquote'
  if (open.length === 2 && top?.type === 'spoiler' && top.at === at - 2) return 'expandable_blockquote'
  throw unclosed(top as Open, source)
}

const closing = (top: Open): string => (top.mark === '[' || top.mark === '![' ? ']' : top.mark)

// Inside _italic_ a double underscore opens underline instead of closing italic.
const isDouble = (top: Open, source: string, at: number): boolean => top.mark === '_' && source[at + 1] === '_'

function readUrl(source: string, at: number): { url: string | undefined; next: number } {
  if (source[at] !== '(') return { url: undefined, next: at }
  const match = /^\(((?:\\.|[^)\\])*)\)/s.exec(source.slice(at))
  if (!match) throw refuse(`Can't find end of a URL at byte offset ${byteOffset(source, at)}`)
  return { url: (match[1] ?? '').replace(/\\(.)/gs, '$1'), next: at + match[0].length }
}

function addressed(top: Open, url: string, place: { offset: number; length: number }): MessageEntity | undefined {
  if (top.type === 'text_link') return link(url, place)
  const id = /^tg:\/\/emoji\?id=([1-9]\d*)$/.exec(url)?.[1]
  if (!id) throw refuse('Invalid tg://emoji or tg://time URL specified')
  return { type: 'custom_emoji', custom_emoji_id: id, ...place }
}

const reserved = (letter: string) =>
  refuse(`Character '${letter}' is reserved and must be escaped with the preceding '\\'`)

const unclosed = (top: Open, source: string) =>
  refuse(`Can't find end of ${spokenName(top.type)} entity at byte offset ${byteOffset(source, top.at)}`)
