import type { Call } from '../call.ts'
import { refuse } from '../errors.ts'
import { isFields, optionalBool, optionalString, requiredInt } from '../fields.ts'
import { reach } from '../world/access.ts'
import type { ChatRecord } from '../world/chat.ts'
import type { StoredMessage } from '../world/message.ts'
import type { World } from '../world/world.ts'

type Place = Pick<StoredMessage, 'threadId' | 'replyToId' | 'topicRootId' | 'isTopic'>

/** Where in the chat a message goes: its topic and what it replies to. */
export function readPlace(world: World, call: Call, chat: ChatRecord): Place {
  const thread = Math.max(0, call.args.int('message_thread_id'))
  const reply = readReply(world, call, chat)
  if (chat.type === 'private' && thread !== 0) throw refuse('message thread not found')
  if (!chat.isForum) {
    if (thread !== 0) call.violate('message_thread_id in a chat without topics; Telegram ignores it')
    return placeOf(chat, undefined, reply)
  }
  // The general topic has no identifier of its own; naming it as 1 is an error.
  if (thread !== 0 && !isTopic(chat, thread)) throw refuse('message thread not found')
  return placeOf(chat, thread === 0 ? undefined : thread, reply)
}

export const isTopic = (chat: ChatRecord, thread: number): boolean =>
  chat.messages.get(thread)?.service?.forum_topic_created !== undefined

/** Replies in a supergroup carry the thread of what they reply to, whether or not the chat has topics. */
export function placeOf(chat: ChatRecord, thread: number | undefined, reply: StoredMessage | undefined): Place {
  const inTopic = thread ?? (chat.isForum && reply?.isTopic ? reply.threadId : undefined)
  if (inTopic !== undefined) {
    return { threadId: inTopic, replyToId: reply?.id, topicRootId: inTopic, isTopic: true }
  }
  const thread0 = chat.type === 'supergroup' && reply ? (reply.threadId ?? reply.id) : undefined
  return { threadId: thread0, replyToId: reply?.id, topicRootId: undefined, isTopic: false }
}

function readReply(world: World, call: Call, chat: ChatRecord): StoredMessage | undefined {
  const value = call.args.json('reply_parameters', "Can't parse reply parameters JSON object")
  if (value !== undefined && !isFields(value)) throw refuse('Object expected as reply parameters')
  const fields = value ?? {}
  const id = Object.keys(fields).length > 0 ? requiredInt(fields, 'message_id') : call.args.int('reply_to_message_id')
  if (id <= 0) return undefined
  const elsewhere = optionalString(fields, 'chat_id')
  const source = elsewhere === '' ? chat : reach(world, elsewhere, 'read')
  const message = source.messages.get(id)
  if (!message || message.deleted) {
    if (optionalBool(fields, 'allow_sending_without_reply')) return undefined
    throw refuse('message to be replied not found')
  }
  const quote = optionalString(fields, 'quote')
  if (quote !== '' && !message.text.includes(quote)) throw refuse('QUOTE_TEXT_INVALID')
  return source === chat ? message : undefined
}
