import type { File, MessageEntity } from 'grammy/types'
import type { Call } from '../call.ts'
import { refuse } from '../errors.ts'
import { readFormatted } from '../text/formatted.ts'
import { checkDelivery, reach } from '../world/access.ts'
import type { World } from '../world/world.ts'
import { isTopic } from './place.ts'

const actions = new Set(
  (
    'typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker ' +
    'find_location record_video_note upload_video_note'
  ).split(' '),
)

export function sendChatAction(world: World, call: Call): true {
  if (!actions.has(call.args.text('action'))) throw refuse('Wrong parameter action in request')
  const chat = reach(world, call.args.text('chat_id'), 'write')
  const thread = call.args.int('message_thread_id')
  if (chat.isForum && thread > 0 && !isTopic(chat, thread)) throw refuse('message thread not found')
  checkDelivery(chat, 'text messages')
  return true
}

export function sendMessageDraft(world: World, call: Call): true {
  const { text, entities } = readFormatted(call, { text: 'text', entities: 'entities' })
  const chat = reach(world, call.args.text('chat_id'), 'write')
  if (chat.type !== 'private') throw refuse('TEXTDRAFT_PEER_INVALID')
  const draftId = call.args.int('draft_id')
  if (draftId === 0) throw refuse('RANDOM_ID_INVALID')
  if (text.length > 4096) throw refuse('MESSAGE_TOO_LONG')
  checkDelivery(chat, 'text messages')
  const threadId = call.args.int('message_thread_id') || undefined
  world.drafts.push({
    chatId: chat.id,
    draftId,
    text,
    entities: entities as MessageEntity[],
    threadId,
    at: world.now(),
  })
  world.signal.notify()
  return true
}

export function answerCallbackQuery(world: World, call: Call): true {
  const text = call.args.text('text')
  const url = call.args.text('url')
  if (text.length > 200) throw refuse('MESSAGE_TOO_LONG')
  const opensBot = new RegExp(`^(https?://)?(t|telegram)\\.me/${world.bot.username}\\?start=|^tg://`, 'i')
  if (url !== '' && !opensBot.test(url)) throw refuse('URL_INVALID')
  const outcome = { answered: true, text, showAlert: call.args.bool('show_alert'), url }
  if (world.callbacks.answer(call.args.text('callback_query_id'), outcome)) return true
  throw refuse('query is too old and response timeout expired or query ID is invalid')
}

const downloadLimit = 20 * 1024 * 1024

export function getFile(world: World, call: Call): File {
  const id = call.args.text('file_id')
  if (id === '') throw refuse('file_id not specified')
  const file = world.files.get(id)
  if (!file) throw refuse('invalid file_id')
  if (file.bytes.length > downloadLimit) throw refuse('file is too big')
  return {
    file_id: file.fileId,
    file_unique_id: file.uniqueId,
    file_size: file.bytes.length,
    file_path: world.files.open(file),
  }
}
