import type { ChannelName, Incoming, IncomingFile, Part } from '#core/chat/message.ts'

/** One message as it goes out. Its buttons carry opaque tokens (≤ 64 bytes) in place of commands. */
export interface Outgoing {
  /** Where to; the channel's own conversation id. */
  conversation: string
  parts: Part[]
  /** Show to this person alone: their platform id. Falls back to a direct message where the platform has nothing better. */
  onlyFor?: string
  /** The message this answers, when it is known. */
  replyTo?: string
  /** A send whose outcome was never learnt is repeated with this mark, and the message says that it may be a duplicate. */
  maybeDuplicate: boolean
  /** What the incoming message left for its answer (`response_url`). */
  hints?: Record<string, string>
  readFile(artifactId: string): Promise<Uint8Array>
}

export type SendResult =
  /** `messageRef` is what `edit` takes later. */
  | { outcome: 'sent'; messageRef: string }
  /** Try again after this long; nothing was delivered. */
  | { outcome: 'retry'; afterMs: number; reason: string }
  /** It can never work: chat gone, bot blocked, text refused. */
  | { outcome: 'refused'; reason: string }
  /** The connection broke after the request went out: it may or may not have arrived. */
  | { outcome: 'unclear'; reason: string }
  /** The conversation has a new id; send there. */
  | { outcome: 'moved'; conversation: string }

export interface Pace {
  /** Least time between two edits of one card, in a private and in a shared conversation. */
  editPrivateMs: number
  editSharedMs: number
}

/** Called by a channel for each update; resolves when the update is stored, so that it may be acknowledged. */
export type Receive = (incoming: Incoming) => Promise<void>

/** One platform. It owns the platform's limits, formats and calls, and knows nothing of commands or money. */
export interface Channel {
  readonly name: ChannelName
  readonly pace: Pace
  /** Answers the platform's webhook request; undefined where the channel has no webhook. */
  webhook?(request: Request): Promise<Response>
  /** Starts polling or the socket; `receive` stores an update. Called once. */
  start(receive: Receive): Promise<void>
  stop(): Promise<void>
  send(message: Outgoing): Promise<SendResult>
  /** Replaces the message in place. `sent` also when nothing had to change. */
  edit(messageRef: string, message: Outgoing): Promise<SendResult>
  /** Ends the platform's waiting state of a pressed button; `notice` is shown as a toast where there are toasts. */
  answerPress?(answerRef: string, notice?: string): Promise<void>
  download(file: IncomingFile): Promise<Uint8Array>
  /** Brings the platform's command menu up to date; writes only what changed. */
  syncMenu?(menu: Menu): Promise<void>
}

export interface MenuEntry {
  command: string
  description: string
}

/** What the menu offers: everyone in private, everyone in groups, and per conversation where a context is linked. */
export interface Menu {
  personal: MenuEntry[]
  group: MenuEntry[]
}
