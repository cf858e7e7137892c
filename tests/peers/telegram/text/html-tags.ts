import type { MessageEntity } from 'grammy/types'
import { refuse } from '../errors.ts'
import { linkProblem } from '../links.ts'

export interface OpenTag {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly offset: number
}

export const kinds = new Map<string, string>([
  ['b', 'bold'],
  ['strong', 'bold'],
  ['i', 'italic'],
  ['em', 'italic'],
  ['u', 'underline'],
  ['ins', 'underline'],
  ['s', 'strikethrough'],
  ['strike', 'strikethrough'],
  ['del', 'strikethrough'],
  ['tg-spoiler', 'spoiler'],
  ['span', 'spoiler'],
  ['code', 'code'],
  ['pre', 'pre'],
  ['blockquote', 'blockquote'],
  ['a', 'text_link'],
  ['tg-emoji', 'custom_emoji'],
  ['tg-time', 'date_time'],
])

/** What a closed tag comes to. `made` is there because <pre><code class=…> is one block, not two. */
export function entityOf(tag: OpenTag, text: string, made: MessageEntity[]): MessageEntity | undefined {
  const place = { offset: tag.offset, length: text.length - tag.offset }
  if (place.length === 0) return undefined
  const { attributes } = tag
  switch (tag.name) {
    case 'a':
      return link(attributes.href || text.slice(tag.offset), place)
    case 'tg-emoji': {
      const id = attributes['emoji-id'] ?? ''
      if (!/^[1-9]\d*$/.test(id)) throw refuse('Invalid custom emoji identifier specified')
      return { type: 'custom_emoji', custom_emoji_id: id, ...place }
    }
    case 'tg-time': {
      const unix = Number(attributes.unix)
      const format = (attributes.format ?? '') as 'r'
      return unix > 0 ? { type: 'date_time', unix_time: unix, date_time_format: format, ...place } : undefined
    }
    case 'blockquote':
      return { type: attributes.expandable === undefined ? 'blockquote' : 'expandable_blockquote', ...place }
    case 'pre': {
      const inner = made.at(-1) as (MessageEntity & { language?: string }) | undefined
      const wraps = inner?.type === 'code' && inner.offset === place.offset && inner.length === place.length
      if (wraps && inner) made.pop()
      return { type: 'pre', ...place, ...(wraps && inner?.language ? { language: inner.language } : {}) }
    }
    case 'code': {
      const language = /^language-(.+)$/.exec(attributes.class ?? '')?.[1]
      return { type: 'code', ...place, ...(language ? { language } : {}) } as MessageEntity
    }
    default:
      return { type: kinds.get(tag.name), ...place } as MessageEntity
  }
}

export function link(url: string, place: { offset: number; length: number }): MessageEntity | undefined {
  const id = Number(/^tg:\/\/user\?id=(\d+)$/.exec(url)?.[1] ?? 0)
  if (id > 0) return { type: 'text_mention', user: { id, is_bot: false, first_name: '' }, ...place }
  // A bad address costs the link, not the message; that is Telegram's choice.
  return linkProblem(url) ? undefined : { type: 'text_link', url, ...place }
}
