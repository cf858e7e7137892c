export interface NewUser {
  id?: string
  name: string
  realName?: string
}

export interface NewChannel {
  id?: string
  name: string
  /** User ids. The bot is in it unless `withoutBot`. */
  members?: string[]
  isPrivate?: boolean
  withoutBot?: boolean
}

export interface PeerOptions {
  mode: 'socket' | 'http'
  users: NewUser[]
  channels?: NewChannel[]
  /** For signatures and the half hour of response addresses. */
  nowMs?: () => number
}

export interface FileView {
  readonly id: string
  readonly name: string
  readonly sizeBytes: number
  readonly url: string
}

/** A message as it stands now; `text` is what a person sees, `fallback` what a notification says. */
export interface MessageView {
  readonly channel: string
  readonly ts: string
  readonly threadTs: string | undefined
  readonly fromBot: boolean
  readonly text: string
  readonly fallback: string
  readonly blocks: readonly Block[]
  readonly buttons: readonly string[]
  /** Those of them that Slack asks about before it brings the press. */
  readonly asking: readonly string[]
  readonly files: readonly FileView[]
  readonly ephemeralTo: string | undefined
  readonly isEdited: boolean
}

/** A dialog or a Home tab as it stands now. */
export interface ViewView {
  readonly id: string
  readonly hash: string
  readonly callbackId: string | undefined
  readonly privateMetadata: string
  readonly title: string
  readonly submit: string | undefined
  readonly tellsOnClose: boolean
  readonly blocks: readonly Block[]
}

/** A file as Slack tells of one that was put into a dialog. */
export interface FormFile {
  readonly id: string
  readonly name: string
  readonly mimetype: string
  readonly size: number
  readonly url_private_download: string
}

export type Block = Readonly<Record<string, unknown>> & { readonly type: string }

export interface CallRecord {
  readonly method: string
  readonly args: Readonly<Record<string, unknown>>
  readonly atMs: number
  outcome: 'running' | 'answered' | 'dropped'
  result: Record<string, unknown> | undefined
}

export interface Violation {
  readonly method: string
  readonly message: string
}

/** One thing Slack brought to the bot. `payload` is the event's, command's or press's body. */
export interface Delivery {
  readonly kind: string
  readonly payload: Readonly<Record<string, unknown>>
  isAcknowledged: boolean
  /** What the acknowledgement said, when it said something. */
  answer: Record<string, unknown> | undefined
  /** HTTP only. */
  status: number | undefined
}

export type Fault =
  | { retryAfter: number }
  /** Slack's word for a refusal. */
  | { refusal: string }
  | { status: number }
  | 'drop-before'
  | 'drop-after'
  | { delayMs: number }

export interface FaultPlan {
  /** A method's name, `response_url`, `upload`, `download`, or `*`. */
  method: string
  /** Only calls about this channel. */
  channel?: string
  fault: Fault
  count?: number
}
