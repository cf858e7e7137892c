import type { MessageEntity } from 'grammy/types'

type Found = 'url' | 'email' | 'bot_command' | 'mention' | 'hashtag' | 'cashtag'

// Order matters: an address inside a link is part of the link.
const patterns: readonly (readonly [Found, RegExp])[] = [
  ['url', /(?<![\p{L}\p{N}_@])(?:https?:\/\/|www\.)[^\s<>"']*[^\s<>"'.,:;!?)\]]/giu],
  ['email', /(?<![\p{L}\p{N}_.+-])[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/giu],
  ['bot_command', /(?<![\p{L}\p{N}_/<>])\/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\p{L}\p{N}_/<>])/gu],
  ['mention', /(?<![\p{L}\p{N}_])@[a-zA-Z0-9_]{2,32}(?![\p{L}\p{N}_])/gu],
  ['hashtag', /(?<![\p{L}\p{N}_#])#(?=[\p{N}_]*\p{L})[\p{L}\p{N}_]{1,256}(?![\p{L}\p{N}_#])/gu],
  ['cashtag', /(?<![\p{L}\p{N}_$])\$[A-Z]{1,8}(?![\p{L}\p{N}_$])/gu],
]

/** The entities Telegram finds by itself, outside those already `given`. */
export function detect(text: string, given: readonly MessageEntity[] = []): MessageEntity[] {
  const closed = given.filter(({ type }) => ['pre', 'code', 'text_link', 'text_mention'].includes(type))
  const result: MessageEntity[] = []
  for (const [type, pattern] of patterns) {
    for (const match of text.matchAll(pattern)) {
      const entity = { type, offset: match.index, length: match[0].length }
      const taken = [...closed, ...result].some(
        (other) => entity.offset < other.offset + other.length && other.offset < entity.offset + entity.length,
      )
      if (!taken) result.push(entity)
    }
  }
  return [...given, ...result].toSorted((a, b) => a.offset - b.offset || b.length - a.length)
}
