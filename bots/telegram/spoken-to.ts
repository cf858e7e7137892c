import type { Message } from 'grammy/types'
import type { Self } from './self.ts'

/** `/run`, `/run@bot`, `/release-notes`: Telegram itself ends a command at the dash, people do not. */
const COMMAND = /^\/([A-Za-z][\w-]*)(?:@(\w+))?(?=\s|$)/

/**
 * What was said to the bot, without its name. Undefined for what was not: in groups everything but commands, mentions
 * and replies to the bot; everywhere the commands of another bot.
 */
export function spokenTo(message: Message, self: Self): { text: string } | undefined {
  const { text, isMentioned } = withoutMentions(message, self)
  const [whole, name, bot] = COMMAND.exec(text) ?? []
  if (bot !== undefined && bot.toLowerCase() !== self.username.toLowerCase()) return undefined
  const line = whole === undefined ? text : `/${name}${text.slice(whole.length)}`
  const isCommand = whole !== undefined
  return message.chat.type === 'private' || isCommand || isMentioned || isReplyTo(message, self)
    ? { text: line }
    : undefined
}

function withoutMentions(message: Message, self: Self): { text: string; isMentioned: boolean } {
  const text = message.text ?? message.caption ?? ''
  const name = `@${self.username.toLowerCase()}`
  const mentions = (message.entities ?? message.caption_entities ?? []).filter(
    (entity) =>
      (entity.type === 'text_mention' && entity.user.id === self.id) ||
      (entity.type === 'mention' && text.slice(entity.offset, entity.offset + entity.length).toLowerCase() === name),
  )
  let words = text
  for (const { offset, length } of mentions.toReversed()) {
    const before = words.slice(0, offset)
    const after = words.slice(offset + length)
    // `@bot, run it` and `run @bot it` both read on without a gap.
    words = before.trim() === '' ? after.replace(/^[,:]?\s*/, '') : before.replace(/[^\S\n]+$/, '') + after
  }
  return { text: words.trim(), isMentioned: mentions.length > 0 }
}

const isReplyTo = ({ reply_to_message: original }: Message, self: Self): boolean =>
  original !== undefined && original.from?.id === self.id && !original.forum_topic_created
