import type { MessageEntity } from 'grammy/types'
import type { Sent } from '../types.ts'
import type { ChatRecord } from '../world/chat.ts'
import { messageObject, type StoredMessage } from '../world/message.ts'
import type { World } from '../world/world.ts'

/** Tells the bot of a message, if it is there to hear and privacy mode lets it. */
export function tell(world: World, chat: ChatRecord, stored: StoredMessage, edited = false): Sent {
  const message = messageObject(chat, stored)
  const kind = edited ? 'edited_message' : 'message'
  const updateId = hears(world, chat, stored) ? world.updates.add(kind, message, `chat:${chat.id}`) : undefined
  return { messageId: stored.id, updateId, message }
}

function hears(world: World, chat: ChatRecord, stored: StoredMessage): boolean {
  if (chat.blocked || chat.bot === 'left' || chat.bot === 'kicked') return false
  const everything = chat.type === 'private' || chat.bot === 'administrator' || world.bot.can_read_all_group_messages
  if (everything || stored.service) return true
  const replied = chat.messages.get(stored.replyToId ?? 0)
  if (replied?.from.id === world.bot.id) return true
  return stored.entities.some((entity) => concerns(world, stored.text, entity))
}

function concerns(world: World, text: string, entity: MessageEntity): boolean {
  const name = world.bot.username.toLowerCase()
  const words = text.slice(entity.offset, entity.offset + entity.length).toLowerCase()
  if (entity.type === 'bot_command') return !words.includes('@') || words.endsWith(`@${name}`)
  if (entity.type === 'mention') return words === `@${name}`
  return entity.type === 'text_mention' && entity.user.id === world.bot.id
}
