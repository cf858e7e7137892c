import type { InlineKeyboardMarkup, Message, MessageEntity, User } from 'grammy/types'

export type ChatRef = number | { readonly id: number }
export type UserRef = number | { readonly id: number }

export interface PeerOptions {
  readonly token?: string
  readonly username?: string
  readonly firstName?: string
  /** Off means the bot reads every group message. On, Telegram's own default, it sees commands, mentions and replies. */
  readonly privacyMode?: boolean
  readonly rateLimit?: boolean | RateLimits
  /** How long a pressed button waits for its answer. */
  readonly callbackTimeoutMs?: number
  /** First pause between webhook attempts; it doubles up to a second. */
  readonly webhookRetryMs?: number
  readonly webhookAttempts?: number
  /** Where to really deliver a webhook set to a public address. Nothing is ever sent off this machine. */
  readonly webhookTarget?: (url: string) => string
  /** Only notes what does not keep to Telegram's types, and goes on, as Telegram does. Usually it is refused. */
  readonly passesOver?: boolean
  /** Milliseconds since the epoch; for message dates and rate limits. */
  readonly now?: () => number
}

export interface RateLimits {
  readonly perSecond?: number
  readonly burst?: number
  readonly groupPerMinute?: number
}

export interface UploadedFile {
  readonly name: string
  readonly mimeType: string
  readonly bytes: Buffer
}

export interface FileView extends UploadedFile {
  readonly kind: 'document' | 'photo'
  readonly fileId: string
  readonly size: number
}

export interface Revision {
  readonly text: string
  readonly entities: readonly MessageEntity[]
  readonly keyboard: InlineKeyboardMarkup['inline_keyboard'] | undefined
  readonly at: number
}

/** A message as it stands now. `entities` are the ones its sender gave, without those Telegram finds by itself. */
export interface MessageView {
  readonly chatId: number
  readonly messageId: number
  readonly fromId: number
  readonly fromBot: boolean
  readonly text: string
  readonly entities: readonly MessageEntity[]
  readonly keyboard: InlineKeyboardMarkup['inline_keyboard'] | undefined
  readonly buttons: readonly string[]
  readonly otherMarkup: Readonly<Record<string, unknown>> | undefined
  readonly files: readonly FileView[]
  readonly threadId: number | undefined
  readonly replyToMessageId: number | undefined
  readonly linkPreview: Readonly<Record<string, unknown>> | undefined
  readonly silent: boolean
  readonly service: boolean
  readonly deleted: boolean
  readonly editCount: number
  readonly history: readonly Revision[]
  readonly raw: Message
}

export interface CallRecord {
  readonly id: number
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
  readonly at: number
  finishedAt: number | undefined
  outcome: 'running' | 'answered' | 'dropped-before' | 'dropped-after' | 'abandoned'
  result: unknown
  error: { readonly code: number; readonly description: string; readonly parameters?: object } | undefined
}

export interface Violation {
  readonly callId: number
  readonly method: string
  readonly message: string
}

export interface FaultError {
  readonly code: number
  readonly description: string
  readonly retryAfter?: number
  readonly migrateToChatId?: number
}

export interface FaultPlan {
  /** A method name, `file` for downloads, or `*` for every method but getUpdates. */
  readonly method: string
  readonly chatId?: number
  readonly count?: number
  readonly error: FaultError | 'drop-before' | 'drop-after' | { readonly delayMs: number }
}

export interface CallbackOutcome {
  readonly answered: boolean
  readonly text: string
  readonly showAlert: boolean
  readonly url: string
  readonly queryId: string
  readonly updateId: number | undefined
}

export type Pressed = Promise<CallbackOutcome> & { readonly queryId?: string; readonly updateId?: number | undefined }

/** What a user action made. `updateId` is undefined when the bot is not told, e.g. under privacy mode. */
export interface Sent {
  readonly messageId: number
  readonly updateId: number | undefined
  readonly message: Message
}

export interface DraftView {
  readonly chatId: number
  readonly draftId: number
  readonly text: string
  readonly entities: readonly MessageEntity[]
  readonly threadId: number | undefined
  readonly at: number
}

export interface Scope {
  readonly type: string
  readonly chat_id?: number | string
  readonly user_id?: number
}

export type { Message, MessageEntity, User }
