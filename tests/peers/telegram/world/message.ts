import type { InlineKeyboardMarkup, Message, MessageEntity, User } from 'grammy/types'
import { detect } from '../text/detect.ts'
import type { Revision } from '../types.ts'
import { type ChatRecord, chatObject } from './chat.ts'
import type { StoredFile } from './files.ts'

export interface StoredMessage {
  readonly chatId: number
  readonly id: number
  readonly date: number
  readonly from: User
  readonly threadId: number | undefined
  readonly replyToId: number | undefined
  /** The topic's opening message stands in as "replied to" for messages in a topic that reply to nothing. */
  readonly topicRootId: number | undefined
  readonly isTopic: boolean
  readonly file: StoredFile | undefined
  readonly service: Partial<Message> | undefined
  readonly silent: boolean
  text: string
  entities: MessageEntity[]
  keyboard: InlineKeyboardMarkup | undefined
  otherMarkup: Record<string, unknown> | undefined
  linkPreview: Record<string, unknown> | undefined
  editedAt: number | undefined
  deleted: boolean
  readonly history: Revision[]
}

/** The message as the Bot API shows it. */
export function messageObject(chat: ChatRecord, message: StoredMessage, withReply = true): Message {
  const replied = chat.messages.get(message.replyToId ?? message.topicRootId ?? 0)
  return {
    message_id: message.id,
    from: message.from,
    chat: chatObject(chat),
    date: message.date,
    ...(message.threadId === undefined ? {} : { message_thread_id: message.threadId }),
    ...(message.isTopic ? { is_topic_message: true } : {}),
    ...(message.editedAt === undefined ? {} : { edit_date: message.editedAt }),
    ...(withReply && replied && !replied.deleted
      ? { reply_to_message: messageObject(chat, replied, false) as NonNullable<Message['reply_to_message']> }
      : {}),
    ...content(message),
    ...(message.linkPreview ? { link_preview_options: message.linkPreview } : {}),
    ...(message.keyboard ? { reply_markup: message.keyboard } : {}),
    ...message.service,
  }
}

function content(message: StoredMessage): Partial<Message> {
  const entities = detect(message.text, message.entities)
  const { file } = message
  if (!file) {
    if (message.service) return {}
    return { text: message.text, ...(entities.length > 0 ? { entities } : {}) }
  }
  const caption = message.text === '' ? {} : { caption: message.text }
  const captionEntities = entities.length > 0 ? { caption_entities: entities } : {}
  const identity = { file_id: file.fileId, file_unique_id: file.uniqueId, file_size: file.bytes.length }
  if (file.kind === 'photo') {
    return { photo: [{ ...identity, width: file.width, height: file.height }], ...caption, ...captionEntities }
  }
  const named = { ...identity, file_name: file.name, mime_type: file.mimeType }
  return { document: named, ...caption, ...captionEntities }
}
