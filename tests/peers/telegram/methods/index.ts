import type { Call } from '../call.ts'
import type { World } from '../world/world.ts'
import { getChat, getChatAdministrators, getChatMember, getChatMemberCount, leaveChat } from './chats.ts'
import { deleteMyCommands, getMyCommands, setMyCommands } from './commands.ts'
import { deleteMessage, editMessageReplyMarkup, editMessageText } from './edit.ts'
import { answerCallbackQuery, getFile, sendChatAction, sendMessageDraft } from './other.ts'
import { sendMessage } from './send.ts'
import { sendDocument, sendPhoto } from './upload.ts'
import { deleteWebhook, setWebhook } from './webhook.ts'

type Method = (world: World, call: Call) => unknown

export const methods: Readonly<Record<string, Method>> = {
  getMe: (world) => world.bot,
  getUpdates: (world, call) => world.polling.getUpdates(call),
  setWebhook,
  deleteWebhook,
  getWebhookInfo: (world) => world.webhook.info(),
  sendMessage,
  sendDocument,
  sendPhoto,
  sendChatAction,
  sendMessageDraft,
  editMessageText,
  editMessageReplyMarkup,
  deleteMessage,
  answerCallbackQuery,
  setMyCommands,
  getMyCommands,
  deleteMyCommands,
  getFile,
  getChat,
  getChatMember,
  getChatMemberCount,
  getChatAdministrators,
  leaveChat,
}
