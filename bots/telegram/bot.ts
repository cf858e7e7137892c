import { Api } from 'grammy'
import type { Outgoing, SendResult } from '#core/chat/sender.ts'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/core.ts'
import { cut } from '#core/cut.ts'
import type { Channel } from '../channel.ts'
import { isPrivateChat, parseConversation } from './address.ts'
import { Drafts } from './drafts.ts'
import { reasonOf } from './errors.ts'
import { download } from './files.ts'
import { Intake } from './intake.ts'
import { MenuWriter } from './menu.ts'
import { Privately } from './privately.ts'
import { clean } from './rich.ts'
import { Sending } from './sending.ts'

export interface TelegramOptions {
  token: string
  mode: 'polling' | 'webhook'
  /** Needed with `webhook`: 1 to 256 of `A-Za-z0-9_-`. */
  webhookSecret?: string
  /** Telegram posts to `/webhooks/telegram` below it. */
  publicUrl: string
  /** Without a slash at the end. */
  apiRoot: string
  log: Log
  clock: Clock
}

/** Past these Telegram's own limits begin: about one edit a second in private, twenty messages a minute in a group. */
const PACE = { editPrivateMs: 1_100, editSharedMs: 3_100 }
/** Longer than a poll is held. */
const CALL_TIMEOUT_S = 40
const UPLOAD_TIMEOUT_S = 300
const NOTICE_MAX = 200

/** Telegram as a channel. One bot, by polling or by webhook. */
export function createTelegramChannel(options: TelegramOptions): Channel {
  const { token, apiRoot, log, clock } = options
  const api = new Api(token, { apiRoot, timeoutSeconds: CALL_TIMEOUT_S })
  const uploads = new Api(token, { apiRoot, timeoutSeconds: UPLOAD_TIMEOUT_S })
  const webhook = webhookOf(options)
  const drafts = new Drafts({ api, log })
  const runOfDraft = (draftId: number): string | undefined => drafts.runOf(draftId)
  const intake = new Intake({ api, log, clock, runOfDraft, ...(webhook ? { webhook } : {}) })
  const sending = new Sending({ api, uploads, log, clock, stopping: intake.stopping })
  const privately = new Privately({ sending, self: () => intake.self(), clock, log })
  const menu = new MenuWriter({ api, log, clock, stopping: intake.stopping })

  async function send(message: Outgoing): Promise<SendResult> {
    const place = parseConversation(message.conversation)
    if (!place) return { outcome: 'refused', reason: 'Telegram knows no such conversation.' }
    const isForOne = message.onlyFor !== undefined && !isPrivateChat(place.chatId)
    return isForOne ? privately.send(place, message, message.onlyFor ?? '') : sending.send(place, message)
  }

  async function answerPress(answerRef: string, notice?: string): Promise<void> {
    const text = notice && { text: cut(clean(notice), NOTICE_MAX) }
    try {
      await api.answerCallbackQuery(answerRef, text || {})
    } catch (error) {
      // Too late is the usual reason; the press itself is stored and counts.
      log.debug({ reason: reasonOf(error) }, 'A button press could not be answered')
    }
  }

  return {
    name: 'telegram',
    pace: PACE,
    isPrivate: (conversation) => isPrivateChat(parseConversation(conversation)?.chatId ?? 0),
    send,
    edit: (messageRef, message) => sending.edit(messageRef, message),
    answerPress,
    live: drafts,
    download: (file) => download({ api, apiRoot, token }, file),
    startLink: (code) => intake.knownSelf && `https://t.me/${intake.knownSelf.username}?start=${code}`,
    start: async (receive, help) => intake.start(receive, help?.inTurn),
    stop: () => intake.stop(),
    trouble: () => intake.trouble(),
    syncMenu: (wanted) => menu.sync(wanted),
    ...(webhook ? { webhook: (request: Request) => intake.post(request) } : {}),
  }
}

function webhookOf({ mode, webhookSecret, publicUrl }: TelegramOptions): { url: string; secret: string } | undefined {
  if (mode === 'polling') return undefined
  if (!webhookSecret) throw new Error('A webhook needs a secret: without one anybody could speak for Telegram.')
  return { url: `${publicUrl.replace(/\/+$/, '')}/webhooks/telegram`, secret: webhookSecret }
}
