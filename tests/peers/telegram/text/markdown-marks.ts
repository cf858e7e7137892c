import type { MessageEntity } from 'grammy/types'
import { type ApiFail, refuse } from '../errors.ts'
import { byteOffset } from './entities.ts'
import { link } from './html-tags.ts'

export interface Open {
  readonly mark: string
  readonly type: string
  readonly offset: number
  /** Where its mark stands in the source. */
  readonly at: number
  readonly language: string
}

export interface Place {
  readonly offset: number
  readonly length: number
}

/** Longer marks stand before those they begin with. */
export const marks: readonly (readonly [string, string])[] = [
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

export const isAddressed = ({ type }: Open): boolean => type === 'text_link' || type === 'custom_emoji'

/** Whether the mark that ends `top` stands at this place. */
export function endsHere(top: Open, source: string, at: number): boolean {
  if (top.mark === '>') return false
  // Inside _italic_ a double underscore opens underline instead of closing italic.
  if (top.mark === '_' && source[at + 1] === '_') return false
  return source.startsWith(closing(top), at)
}

export const closing = (top: Open): string => (isAddressed(top) ? ']' : top.mark)

export function readUrl(source: string, at: number): { url: string | undefined; next: number } {
  if (source[at] !== '(') return { url: undefined, next: at }
  const match = /^\(((?:\\.|[^)\\])*)\)/s.exec(source.slice(at))
  if (!match) throw refuse(`Can't find end of a URL at byte offset ${byteOffset(source, at)}`)
  return { url: (match[1] ?? '').replace(/\\(.)/gs, '$1'), next: at + match[0].length }
}

export function addressed(top: Open, url: string, place: Place): MessageEntity | undefined {
  if (top.type === 'text_link') return link(url, place)
  const id = /^tg:\/\/emoji\?id=([1-9]\d*)$/.exec(url)?.[1]
  if (!id) throw refuse('Invalid tg://emoji or tg://time URL specified')
  return { type: 'custom_emoji', custom_emoji_id: id, ...place }
}

export const reserved = (letter: string): ApiFail =>
  refuse(`Character '${letter}' is reserved and must be escaped with the preceding '\\'`)

const spoken: Record<string, string> = { text_link: 'TextUrl', custom_emoji: 'CustomEmoji', blockquote: 'BlockQuote' }

export function unclosed({ type, at }: Open, source: string): ApiFail {
  const name = spoken[type] ?? type.slice(0, 1).toUpperCase() + type.slice(1)
  return refuse(`Can't find end of ${name} entity at byte offset ${byteOffset(source, at)}`)
}
