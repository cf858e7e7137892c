import { ApiFail, forbid, refuse } from '../errors.ts'
import type { ChatRecord } from './chat.ts'
import type { StoredMessage } from './message.ts'
import type { World } from './world.ts'

export type Access = 'read' | 'members' | 'edit' | 'write'

/** The chat a call names, if the bot may do there what it wants to; otherwise Telegram's refusal. */
export function reach(world: World, given: string, access: Access): ChatRecord {
  if (given === '') throw refuse('chat_id is empty')
  const chat = find(world, given)
  if (chat.type === 'group') checkGroup(chat, access)
  if (chat.type === 'supergroup') {
    if (chat.bot === 'kicked') throw forbid('bot was kicked from the supergroup chat')
    const isPublic = chat.username !== undefined
    const needsPlace = !isPublic || access === 'edit' || access === 'write'
    if (chat.bot === 'left' && needsPlace) throw forbid('bot is not a member of the supergroup chat')
  }
  return chat
}

function find(world: World, given: string): ChatRecord {
  const chat = given.startsWith('@')
    ? [...world.chats.values()].find(
        ({ type, username }) => type !== 'private' && username?.toLowerCase() === given.slice(1).toLowerCase(),
      )
    : world.chats.get(Number(/^-?\d+/.exec(given)?.[0] ?? 0))
  if (chat) return chat
  // Someone met in a group is known, but has not opened a chat with the bot.
  const met = [...world.chats.values()].some(({ members }) => members.has(Number(given)))
  throw met ? forbid("bot can't initiate conversation with a user") : refuse('chat not found')
}

function checkGroup(chat: ChatRecord, access: Access): void {
  const writes = access === 'write' || access === 'members'
  if (chat.migratedTo !== undefined) {
    if (!writes) return
    throw new ApiFail(400, 'group chat was upgraded to a supergroup chat', { migrate_to_chat_id: chat.migratedTo })
  }
  if (access === 'read') return
  if (chat.bot === 'kicked') throw forbid('bot was kicked from the group chat')
  if (chat.bot === 'left') throw forbid('bot is not a member of the group chat')
}

/** What only shows once a message is on its way. */
export function checkDelivery(chat: ChatRecord, what: 'text messages' | 'documents' | 'photos'): void {
  if (chat.blocked) throw forbid('bot was blocked by the user')
  if (chat.muted) throw refuse(`not enough rights to send ${what} to the chat`)
}

/** A message that is there, or "<what> not found". */
export function messageIn(chat: ChatRecord, id: number, what: string): StoredMessage {
  const message = chat.messages.get(id)
  if (!message || message.deleted) throw refuse(`${what} not found`)
  return message
}
