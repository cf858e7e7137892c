import type { Incoming, IncomingFile } from '#core/chat/message.ts'
import { homeOf } from '#core/home/address.ts'
import { conversationOf, externalIdOf, isDirect, messageRefOf } from './address.ts'
import type { Origin } from './forms/origin.ts'
import type { ActionBody, CommandBody, EventBody, MessageEvent, ShortcutBody, SlackFile, ViewBody } from './payloads.ts'
import { plainFromSlack } from './text.ts'

/** Who the bot is in the workspace where it is installed. */
export interface Bot {
  userId: string
  teamId: string
}

/** Slack takes answers through a `response_url` for half an hour. */
const RESPONSE_URL_MS = 30 * 60_000
/** What people say comes without a subtype, with a file, or from a thread into the channel. */
const SPOKEN = new Set([undefined, 'file_share', 'thread_broadcast'])

/** A mention, or a direct message. Undefined for what is nobody's words to the bot: edits, deletions, bots, talk of others. */
export function fromEvent({ event, event_id }: EventBody, bot: Bot): Incoming | undefined {
  const { channel, user, ts } = event
  if (!channel || !user || !ts || !isSpokenToBot(event) || user === bot.userId) return undefined
  const isReply = event.thread_ts !== undefined && event.thread_ts !== ts
  return {
    channel: 'slack',
    deliveryId: event_id,
    conversation: conversationOf(channel, isReply ? event.thread_ts : undefined),
    isPrivate: isDirect(channel),
    sender: { externalId: externalIdOf(bot.teamId, user), name: '' },
    text: plainFromSlack(event.text ?? '', bot.userId),
    isAddressed: true,
    files: (event.files ?? []).flatMap(fileFrom),
    ...(isReply ? { replyTo: { messageRef: messageRefOf(channel, event.thread_ts ?? '') } } : {}),
    atMs: msOf(ts),
  }
}

function isSpokenToBot(event: MessageEvent): boolean {
  if (event.bot_id !== undefined || event.edited !== undefined || !SPOKEN.has(event.subtype)) return false
  return event.type === 'app_mention' || (event.type === 'message' && event.channel_type === 'im')
}

/** `/muster <line>` is the line; a job's own slash command stands as it is. */
export function fromCommand(body: CommandBody, bot: Bot, nowMs: number): Incoming {
  const words = plainFromSlack(body.text ?? '', bot.userId)
  const externalId = externalIdOf(bot.teamId, body.user_id)
  return {
    channel: 'slack',
    deliveryId: body.trigger_id,
    conversation: body.channel_id,
    isPrivate: isDirect(body.channel_id),
    sender: { externalId, name: body.user_name ?? '', ...(body.user_name ? { handle: body.user_name } : {}) },
    text: body.command === '/muster' ? lineOf(words) : `${body.command} ${words}`.trim(),
    isAddressed: true,
    files: [],
    hints: hintsOf(body, externalId, nowMs),
    atMs: nowMs,
  }
}

const lineOf = (words: string): string => (words === '' ? '/help' : words.startsWith('/') ? words : `/${words}`)

/** Somebody looks at their Home tab. Undefined for the other tab, which is the direct messages. */
export function fromHomeOpened({ event, event_id }: EventBody, bot: Bot, nowMs: number): Incoming | undefined {
  const { user, tab } = event
  if (!user || tab !== 'home') return undefined
  return {
    channel: 'slack',
    deliveryId: event_id,
    conversation: homeOf(user),
    isPrivate: true,
    sender: { externalId: externalIdOf(bot.teamId, user), name: '' },
    text: '/home',
    isAddressed: true,
    files: [],
    atMs: nowMs,
  }
}

/** The shortcut in the message field; what comes of it belongs into the person's direct messages (`direct`). */
export const fromShortcut = (body: ShortcutBody, direct: string, bot: Bot, nowMs: number): Incoming => ({
  channel: 'slack',
  deliveryId: body.trigger_id,
  conversation: direct,
  isPrivate: true,
  sender: senderOf(body, bot),
  text: '/run',
  isAddressed: true,
  files: [],
  hints: hintsOf(body, externalIdOf(bot.teamId, body.user.id), nowMs),
  atMs: nowMs,
})

/** The shortcut beside a message is said in answer to it, where it stands. Undefined without a message. */
export function fromMessageShortcut(body: ShortcutBody, bot: Bot, nowMs: number): Incoming | undefined {
  const { channel, message } = body
  if (!channel || !message?.ts) return undefined
  const threadTs = message.thread_ts === message.ts ? undefined : message.thread_ts
  return {
    ...fromShortcut(body, conversationOf(channel.id, threadTs), bot, nowMs),
    isPrivate: isDirect(channel.id),
    replyTo: { messageRef: messageRefOf(channel.id, message.ts), ...originalFrom(message, bot) },
  }
}

function senderOf({ user }: Pick<ActionBody, 'user'>, { teamId }: Bot): Incoming['sender'] {
  const handle = user.username ?? user.name
  return {
    externalId: externalIdOf(teamId, user.id),
    name: user.name ?? user.username ?? '',
    ...(handle ? { handle } : {}),
  }
}

/**
 * A pressed button. Undefined for what only opens a link. On the Home tab there is no channel: what comes of it belongs into
 * the person's direct messages (`direct`); undefined without.
 */
export function fromAction(body: ActionBody, bot: Bot, nowMs: number, direct?: string): Incoming | undefined {
  const [action] = body.actions
  const channel = body.channel?.id ?? direct
  if (!action?.value || !channel) return undefined
  const { user, container } = body
  const externalId = externalIdOf(bot.teamId, user.id)
  const threadTs = container?.thread_ts ?? body.message?.thread_ts
  const isReply = threadTs !== undefined && threadTs !== container?.message_ts
  return {
    channel: 'slack',
    deliveryId: `${body.trigger_id}:${action.action_ts ?? ''}`,
    conversation: conversationOf(channel, isReply ? threadTs : undefined),
    isPrivate: isDirect(channel),
    sender: senderOf(body, bot),
    text: action.text?.text ?? '',
    isAddressed: true,
    button: { token: action.value, ...(body.response_url ? { answerRef: body.response_url } : {}) },
    files: [],
    hints: hintsOf(body, externalId, nowMs),
    atMs: action.action_ts ? msOf(action.action_ts) : nowMs,
  }
}

/** One page of one dialog; what is sent of it is one delivery, however often it comes. */
export const deliveryIdOf = ({ view }: ViewBody): string => `${view.id}:${view.hash ?? ''}`

/** A form that was filled in and sent. Sending the same page of the same dialog again is the same delivery. */
export function fromSubmission(body: ViewBody, origin: Origin, bot: Bot, nowMs: number): Incoming {
  const { trigger_id } = body
  const { formId, conversation, hints = {} } = origin
  return {
    channel: 'slack',
    deliveryId: deliveryIdOf(body),
    conversation,
    isPrivate: isDirect(conversation),
    sender: senderOf(body, bot),
    text: '',
    isAddressed: true,
    files: [],
    form: { formId },
    hints: { ...hints, ...(trigger_id ? { trigger_id } : {}) },
    atMs: nowMs,
  }
}

/** A dialog that was closed with something in it. There is no trigger to open it again at once: its card has one. */
export function fromClosing(body: ViewBody, origin: Origin, bot: Bot, nowMs: number): Incoming {
  const { form: _, ...rest } = fromSubmission(body, origin, bot, nowMs)
  return { ...rest, deliveryId: `${rest.deliveryId}:closed`, text: `/fillin ${origin.formId} open` }
}

/** What an answer may need: where to post without being a member, for whom alone, and until when. */
function hintsOf(
  { trigger_id, response_url }: { trigger_id: string; response_url?: string },
  externalId: string,
  nowMs: number,
): Record<string, string> {
  if (!response_url) return { trigger_id }
  return { trigger_id, response_url, response_for: externalId, response_until_ms: String(nowMs + RESPONSE_URL_MS) }
}

/** The first message of a thread, as something is said in answer to it. */
export function originalFrom(
  { text, files }: Pick<MessageEvent, 'text' | 'files'>,
  bot: Bot,
): Pick<NonNullable<Incoming['replyTo']>, 'text' | 'files'> {
  const words = plainFromSlack(text ?? '', bot.userId)
  const kept = (files ?? []).flatMap(fileFrom)
  return { ...(words ? { text: words } : {}), ...(kept.length > 0 ? { files: kept } : {}) }
}

export function fileFrom(file: SlackFile): IncomingFile[] {
  // A file that was deleted, or that lives elsewhere, has nothing to download.
  if (!file.url_private_download) return []
  return [
    {
      name: file.name ?? file.title ?? 'file',
      mediaType: file.mimetype ?? 'application/octet-stream',
      sizeBytes: file.size ?? 0,
      fetchRef: file.url_private_download,
    },
  ]
}

const msOf = (ts: string): number => Math.round(Number(ts) * 1000)
