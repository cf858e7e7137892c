import type { CallbackQuery, Message, Update } from 'grammy/types'
import type { Incoming } from '#core/chat/message.ts'
import { conversationOf, isPrivateChat, messageRefOf } from './address.ts'
import { filesOf } from './files.ts'
import { withoutMarks } from './rich.ts'
import type { Self } from './self.ts'
import { spokenTo } from './spoken-to.ts'

type Sender = Incoming['sender']
type Base = Pick<Incoming, 'channel' | 'deliveryId' | 'conversation' | 'isPrivate'>

/** What an update says to us; undefined when it says nothing: talk between people, joins, edits, other bots. */
export function toIncoming(
  update: Update,
  self: Self,
  nowMs: number,
  runOfDraft: (draftId: number) => string | undefined = () => undefined,
): Incoming | undefined {
  if (update.message) return fromMessage(update.message, update.update_id, self)
  if (update.callback_query) return fromPress(update.callback_query, update.update_id, self, nowMs)
  const stopped = update.stopped_message_generation
  if (stopped) return fromStop(stopped, update.update_id, self, { nowMs, runId: runOfDraft(stopped.draft_id) })
  return undefined
}

/**
 * Stop beside text that is being written: the chat is private, so whoever pressed is whose chat it is. Of a draft that another
 * process shows the run is not known: then it is the one that is going on.
 */
function fromStop(
  { chat, message_thread_id: threadId }: NonNullable<Update['stopped_message_generation']>,
  updateId: number,
  self: Self,
  { nowMs, runId }: { nowMs: number; runId: string | undefined },
): Incoming | undefined {
  if (!isPrivateChat(chat.id)) return undefined
  const name = [chat.first_name, chat.last_name].filter(Boolean).join(' ')
  return {
    channel: 'telegram',
    deliveryId: `${self.id}:${updateId}`,
    conversation: conversationOf(chat.id, threadId),
    isPrivate: true,
    sender: { externalId: String(chat.id), name, ...(chat.username ? { handle: chat.username } : {}) },
    text: runId === undefined ? '/cancelrun' : `/cancelrun ${runId}`,
    isAddressed: true,
    files: [],
    atMs: nowMs,
  }
}

function fromMessage(message: Message, updateId: number, self: Self): Incoming | undefined {
  const atMs = message.date * 1000
  if (message.migrate_to_chat_id !== undefined) {
    const nobody = { ...baseOf(message, updateId, self), isAddressed: true, text: '', files: [], atMs }
    const sender = { externalId: String(message.from?.id ?? message.chat.id), name: message.from?.first_name ?? '' }
    return { ...nobody, sender, movedTo: conversationOf(message.migrate_to_chat_id) }
  }
  // A channel or an administrator in a group's name is nobody whose rights we could know.
  if (message.sender_chat || !message.from || message.from.is_bot || message.chat.type === 'channel') return undefined
  const files = filesOf(message)
  if (message.text === undefined && message.caption === undefined && files.length === 0) return undefined
  const spoken = spokenTo(message, self)
  if (!spoken) return undefined
  const isShared = !isPrivateChat(message.chat.id)
  return {
    ...baseOf(message, updateId, self),
    sender: senderOf(message.from),
    text: withoutMarks(spoken.text),
    isAddressed: true,
    files,
    ...(message.forward_origin ? { isForwarded: true as const } : {}),
    ...replied(message),
    // In a group the answer hangs on the question, so that it is seen whose it is.
    ...(isShared ? { hints: { messageRef: messageRefOf(message.chat.id, message.message_id) } } : {}),
    atMs,
  }
}

function fromPress({ id, from, message, data }: CallbackQuery, updateId: number, self: Self, nowMs: number) {
  if (!message || data === undefined) return undefined
  const incoming: Incoming = {
    ...baseOf(message, updateId, self),
    sender: senderOf(from),
    text: labelOf(message, data),
    isAddressed: true,
    button: { token: data, answerRef: id },
    files: [],
    ...(isPrivateChat(message.chat.id)
      ? {}
      : { hints: { messageRef: messageRefOf(message.chat.id, message.message_id) } }),
    atMs: nowMs,
  }
  return incoming
}

function baseOf(message: NonNullable<CallbackQuery['message']>, updateId: number, self: Self): Base {
  // Replies in any supergroup have a thread; only in a forum is it a place of its own.
  const isTopic = 'is_topic_message' in message && message.is_topic_message === true
  const threadId = isTopic && 'message_thread_id' in message ? message.message_thread_id : undefined
  return {
    channel: 'telegram',
    // Update ids count for each bot by itself, and a server may change its bot.
    deliveryId: `${self.id}:${updateId}`,
    conversation: conversationOf(message.chat.id, threadId),
    isPrivate: isPrivateChat(message.chat.id),
  }
}

const senderOf = (user: { id: number; first_name: string; last_name?: string; username?: string }): Sender => ({
  externalId: String(user.id),
  name: [user.first_name, user.last_name].filter(Boolean).join(' '),
  ...(user.username ? { handle: user.username } : {}),
})

/** The message that this one answers. What its author picked out of it counts for the whole. */
function replied({ chat, reply_to_message: original, quote }: Message): Pick<Incoming, 'replyTo'> {
  // In a topic, everything that answers nothing "answers" the message that opened the topic.
  if (!original || original.forum_topic_created) return {}
  const text = (quote?.is_manual ? quote.text : undefined) ?? original.text ?? original.caption
  const files = filesOf(original)
  return {
    replyTo: {
      messageRef: messageRefOf(chat.id, original.message_id),
      ...(text === undefined ? {} : { text: withoutMarks(text) }),
      ...(files.length > 0 ? { files } : {}),
    },
  }
}

/** What stands on the pressed button. */
function labelOf(message: NonNullable<CallbackQuery['message']>, data: string): string {
  const rows = 'reply_markup' in message ? message.reply_markup?.inline_keyboard : undefined
  return rows?.flat().find((button) => 'callback_data' in button && button.callback_data === data)?.text ?? ''
}
