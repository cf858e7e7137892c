import { isDeepStrictEqual } from 'node:util'
import type { InlineKeyboardMarkup, Message, MessageEntity } from 'grammy/types'
import type { Call } from '../call.ts'
import { forbid, refuse } from '../errors.ts'
import { readInlineMarkup } from '../keyboard.ts'
import { isBlank, readFormatted } from '../text/formatted.ts'
import { messageIn, reach } from '../world/access.ts'
import type { ChatRecord } from '../world/chat.ts'
import { messageObject, type StoredMessage } from '../world/message.ts'
import type { World } from '../world/world.ts'
import { readLinkPreview } from './send.ts'

interface Target {
  readonly chat: ChatRecord
  readonly message: StoredMessage
  readonly keyboard: InlineKeyboardMarkup | undefined
}

const unchanged =
  'message is not modified: specified new message content and reply markup are exactly the same as a current ' +
  'content and reply markup of the message'

export function editMessageText(world: World, call: Call): Message {
  if (call.args.text('text') === '') throw refuse('Message text is empty')
  const { text, entities } = readFormatted(call, { text: 'text', entities: 'entities' })
  const linkPreview = readLinkPreview(call)
  const target = readTarget(world, call)
  if (target.message.file) throw refuse('There is no text in the message to edit')
  if (isBlank(text)) throw refuse('Text must be non-empty')
  // Sending says this in a sentence; editing passes on the server's own code.
  if (text.length > 4096) throw refuse('MESSAGE_TOO_LONG')
  return change(world, target, { text, entities, linkPreview })
}

export function editMessageReplyMarkup(world: World, call: Call): Message {
  const target = readTarget(world, call)
  const { text, entities, linkPreview } = target.message
  return change(world, target, { text, entities, linkPreview })
}

function readTarget(world: World, call: Call): Target {
  const chatId = call.args.text('chat_id')
  const messageId = Math.max(0, call.args.int('message_id'))
  const keyboard = readInlineMarkup(call, Number(chatId) > 0)
  if (chatId === '' && messageId === 0) throw refuse('Message identifier is not specified')
  const chat = reach(world, chatId, 'edit')
  const message = messageIn(chat, messageId, 'message to edit')
  const editable = message.from.id === world.bot.id && !message.service && !message.otherMarkup
  if (!editable || chat.migratedTo !== undefined) throw refuse("Message can't be edited")
  return { chat, message, keyboard }
}

interface Content {
  readonly text: string
  readonly entities: MessageEntity[]
  readonly linkPreview: Record<string, unknown> | undefined
}

/** An edit without reply_markup takes the old keyboard away. */
function change(world: World, { chat, message, keyboard }: Target, content: Content): Message {
  if (chat.blocked) throw forbid('bot was blocked by the user')
  world.limiter.spend(chat)
  const { text, entities, linkPreview } = message
  const same = isDeepStrictEqual([text, entities, linkPreview, message.keyboard], [...Object.values(content), keyboard])
  if (same) throw refuse(unchanged)
  message.history.push({ text, entities, keyboard: message.keyboard?.inline_keyboard, at: world.now() })
  Object.assign(message, content, { keyboard, editedAt: world.seconds() })
  world.signal.notify()
  return messageObject(chat, message)
}

export function deleteMessage(world: World, call: Call): true {
  const chatId = call.args.text('chat_id')
  const messageId = Math.max(0, call.args.int('message_id'))
  if (chatId === '') throw refuse('Chat identifier is not specified')
  if (messageId === 0) throw refuse('Message identifier is not specified')
  const chat = reach(world, chatId, 'write')
  const message = messageIn(chat, messageId, 'message to delete')
  const own = message.from.id === world.bot.id && !message.service
  if (!own && chat.type !== 'private' && chat.bot !== 'administrator') throw refuse("Message can't be deleted")
  message.deleted = true
  world.signal.notify()
  return true
}
