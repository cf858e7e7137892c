import type { Json } from '../json.ts'
import type { ChannelName, FormPart, Incoming, IncomingFile, Part } from './message.ts'

/** One message as it goes out. Its buttons carry opaque tokens (≤ 64 bytes) in place of commands. */
export interface Outgoing {
  /** The same for every try of the same message. */
  key: string
  /** Where to; the channel's own conversation id. */
  conversation: string
  parts: Part[]
  /** Show to this person alone: their platform id. The channel says in public only that it answered. */
  onlyFor?: string
  /** The message this answers, when it is known. */
  replyTo?: string
  /** What caused it: `in:<seq>` of an incoming message, or a run's id. */
  cause: string
  /** A send whose outcome was never learnt is repeated with this mark, and the message says that it may be a duplicate. */
  maybeDuplicate: boolean
  /** What the incoming message left for its answer (`response_url`). */
  hints?: Record<string, string>
  readFile(artifactId: string): Promise<Uint8Array>
}

export type SendResult =
  /** `messageRef` is what `edit` takes later. */
  | { outcome: 'sent'; messageRef: string }
  /**
   * Try again after this long; nothing was delivered. With `isBegun` a part is there, and the next try of this process goes
   * on behind it; another one would begin anew, so what it sends may be a duplicate.
   */
  | { outcome: 'retry'; afterMs: number; reason: string; isBegun?: boolean }
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

/** What a run has written so far, or the end of it; nothing of it stays. */
export interface LiveText {
  runId: string
  conversation: string
  text: string
  /** What was written since the last look. Where text can only grow, this is what it grows by. */
  added: string
}

/** How a channel shows text while it is written, beside its messages. */
export interface LiveSender {
  /** Least time between two looks in one conversation, with room for the card's own edits. */
  readonly everyMs: number
  isOffered(conversation: string): boolean
  /** Shows it in place of what was shown of the same run. `off`: not here, and no more of this one. */
  show(text: LiveText): Promise<{ againAfterMs?: number } | 'off'>
  /** The run writes no more. */
  end?(at: Pick<LiveText, 'runId' | 'conversation'>): void
}

/** What the core needs of a channel: to deliver. */
export interface Sender {
  readonly name: ChannelName
  readonly pace: Pace
  send(message: Outgoing): Promise<SendResult>
  /**
   * Where a card is not edited in place: how long to wait before it is shown for the first time as it stands now, so long after
   * it came to be; 0 for at once, Infinity for not before it changes. It holds nothing up meanwhile.
   */
  cardDelayMs?(parts: readonly Part[], ageMs: number): number
  /** Replaces the message in place. `sent` also when nothing had to change. */
  edit(messageRef: string, message: Outgoing): Promise<SendResult>
  /** Ends the platform's waiting state of a pressed button; `notice` is shown as a toast where there are toasts. */
  answerPress?(answerRef: string, notice?: string): Promise<void>
  /**
   * How this channel shows a form: among the messages, or in a dialog of its own that a button or `openForm` brings up.
   * Without it a form is asked for field by field.
   */
  readonly forms?: 'inline' | 'dialog'
  /** Opens a form for whoever sent this, at once; false when that is not possible (any more). */
  openForm?(incoming: Incoming, form: FormPart): Promise<boolean>
  /** Shows each person a page of their own (core/home): what goes to such a conversation stands there, and nothing else. */
  readonly homes?: true
  /** Without it there is the card, and then the result. */
  readonly live?: LiveSender
  download(file: IncomingFile): Promise<Uint8Array>
  /** A link that opens the bot here with a code, as `/start <code>`; undefined while its name is not known. */
  startLink?(code: string): string | undefined
  /** False where others can read along. */
  isPrivate(conversation: string): boolean
}

export type Senders = ReadonlyMap<ChannelName, Sender>

/** Called by a channel for each update; resolves when the update is stored, so that it may be acknowledged. */
export type Receive = (incoming: Incoming) => Promise<void>

/** What somebody put into a form: values as JSON or as they were typed (null takes one back), and files. */
export interface FilledIn {
  values: Record<string, Json>
  files?: Record<string, IncomingFile>
}

/** Who fills in a form, as the channel knows them. */
export type FormPerson = Pick<Incoming, 'channel'> & { externalId: string }

/** Where channels bring what was put into forms, before it is sent: what is wrong shows beside the fields at once. */
export interface FormDesk {
  /** As it stands now; undefined when it is over, or somebody else's. */
  find(formId: string, person: FormPerson): Promise<FormPart | undefined>
  /**
   * Keeps what was given, wrong things too, and says what is wrong by field (`problem`). `isComplete`: nothing is missing
   * and nothing wrong, so it may be sent. `isReady`: nor is there anything to look at once more before it is, such as a
   * price. What was chosen may bring further fields. Undefined like `find`.
   */
  fill(
    formId: string,
    person: FormPerson,
    filled: FilledIn,
  ): Promise<{ form: FormPart; isComplete: boolean; isReady: boolean } | undefined>
}
