import type { User } from 'grammy/types'
import { placeOf } from '../methods/place.ts'
import { trim } from '../text/clean.ts'
import { detect } from '../text/detect.ts'
import type { Pressed, Sent } from '../types.ts'
import type { ChatRecord } from '../world/chat.ts'
import { messageObject, type StoredMessage } from '../world/message.ts'
import type { World } from '../world/world.ts'
import { tell } from './updates.ts'

export interface Where {
  readonly replyToMessageId?: number | undefined
  readonly threadId?: number | undefined
}

export interface OutgoingFile {
  readonly name: string
  readonly bytes: Uint8Array
  readonly mimeType: string
  readonly caption?: string
}

export function sendText(world: World, chat: ChatRecord, user: User, given: string, where: Where): Sent {
  const { text } = trim({ text: given, entities: [] })
  if (text === '' || text.length > 4096) throw new Error('a user can send between 1 and 4096 characters')
  const place = placeFor(chat, user, where)
  return tell(world, chat, world.store(chat, { from: user, text, entities: detect(text), ...place }))
}

export function editText(world: World, chat: ChatRecord, user: User, messageId: number, text: string): Sent {
  const stored = there(chat, messageId)
  if (stored.from.id !== user.id || stored.file)
    throw new Error(`message ${messageId} is no text of ${user.first_name}`)
  stored.history.push({ text: stored.text, entities: stored.entities, keyboard: undefined, at: world.now() })
  Object.assign(stored, { text, entities: detect(text), editedAt: world.seconds() })
  return tell(world, chat, stored, true)
}

export function sendFile(world: World, chat: ChatRecord, user: User, given: OutgoingFile, where: Where): Sent {
  const place = placeFor(chat, user, where)
  const text = given.caption ?? ''
  const upload = { name: given.name, mimeType: given.mimeType, bytes: Buffer.from(given.bytes) }
  const file = world.files.add(upload, 'document')
  return tell(world, chat, world.store(chat, { from: user, text, entities: detect(text), file, ...place }))
}

/** Presses a callback button by its text or its data. There must be one, on the message as it stands. */
export function pressButton(world: World, chat: ChatRecord, user: User, messageId: number, wanted: string): Pressed {
  const stored = there(chat, messageId)
  mustBeIn(chat, user)
  const buttons = (stored.keyboard?.inline_keyboard ?? []).flat()
  const found = buttons.find(
    (item) => item.text === wanted || ('callback_data' in item && item.callback_data === wanted),
  )
  const listed = buttons.map(({ text }) => `"${text}"`).join(', ') || 'none'
  if (!found) throw new Error(`no button "${wanted}" on message ${messageId}; it has ${listed}`)
  if (!('callback_data' in found)) throw new Error(`button "${wanted}" does not call back`)
  return world.callbacks.open((id) =>
    world.updates.add(
      'callback_query',
      {
        id,
        from: user,
        message: messageObject(chat, stored),
        chat_instance: chat.instance,
        data: found.callback_data,
      },
      `user:${user.id}`,
    ),
  )
}

export function openTopic(world: World, chat: ChatRecord, user: User, name: string): Sent {
  if (!chat.isForum) throw new Error('only a forum has topics')
  const id = chat.lastMessageId + 1
  const service = { forum_topic_created: { name, icon_color: 7_322_096 } }
  return tell(world, chat, world.store(chat, { from: user, service, threadId: id, isTopic: true }))
}

function placeFor(chat: ChatRecord, user: User, where: Where): ReturnType<typeof placeOf> {
  mustBeIn(chat, user)
  const reply = where.replyToMessageId === undefined ? undefined : there(chat, where.replyToMessageId)
  if (where.threadId !== undefined && !chat.isForum) throw new Error('only a forum has topics')
  if (where.threadId !== undefined) there(chat, where.threadId)
  return placeOf(chat, where.threadId, reply)
}

function there(chat: ChatRecord, messageId: number): StoredMessage {
  const stored = chat.messages.get(messageId)
  if (!stored || stored.deleted) throw new Error(`no message ${messageId} in chat ${chat.id}`)
  return stored
}

function mustBeIn(chat: ChatRecord, user: User): void {
  const standing = chat.members.get(user.id) ?? 'left'
  if (standing === 'left' || standing === 'kicked') throw new Error(`${user.first_name} is not in chat ${chat.id}`)
  if (chat.migratedTo !== undefined) throw new Error(`chat ${chat.id} has become ${chat.migratedTo}`)
}
