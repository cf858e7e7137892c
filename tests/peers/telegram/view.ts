import type { MessageView } from './types.ts'
import type { ChatRecord } from './world/chat.ts'
import { messageObject, type StoredMessage } from './world/message.ts'

export function viewOf(chat: ChatRecord, message: StoredMessage, botId: number): MessageView {
  const { file } = message
  const keyboard = message.keyboard?.inline_keyboard
  return {
    chatId: chat.id,
    messageId: message.id,
    fromId: message.from.id,
    fromBot: message.from.id === botId,
    text: message.text,
    entities: [...message.entities],
    keyboard,
    buttons: (keyboard ?? []).flat().map(({ text }) => text),
    otherMarkup: message.otherMarkup,
    files: file ? [{ ...file, size: file.bytes.length }] : [],
    threadId: message.threadId,
    replyToMessageId: message.replyToId,
    linkPreview: message.linkPreview,
    silent: message.silent,
    service: message.service !== undefined,
    deleted: message.deleted,
    editCount: message.history.length,
    history: [...message.history],
    raw: messageObject(chat, message),
  }
}
