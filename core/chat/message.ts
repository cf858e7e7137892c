/** What comes in from a channel and what goes out, with nothing of any platform in it. */

export type ChannelName = 'telegram' | 'slack' | 'email' | 'web' | 'webhook' | 'api' | 'mcp' | 'rule'

/** A file that came with a message. `fetchRef` is the channel's own handle; the bytes are fetched when they are needed. */
export interface IncomingFile {
  name: string
  mediaType: string
  sizeBytes: number
  fetchRef: string
}

/** One update, normalised. Stored as it stands in the inbox before the platform gets its acknowledgement. */
export interface Incoming {
  channel: ChannelName
  /** The platform's own id for this delivery; a second one with the same id is dropped. */
  deliveryId: string
  /** Where it was said and where answers go: opaque to all but the channel (`123`, `123:45` for a topic, `T1:C1:169.1`). */
  conversation: string
  /** True where only the sender and the bot can read along. */
  isPrivate: boolean
  sender: { externalId: string; name: string; handle?: string }
  /** The command line or the words. Mentions of the bot are already cut off. */
  text: string
  /** True when the text was meant for the bot: a command, a mention, a reply to it, or any text in private. */
  isAddressed: boolean
  /** The opaque token of the button that was pressed, and the platform's handle to answer the press. */
  button?: { token: string; answerRef?: string }
  files: IncomingFile[]
  /** What of it could not be taken, in sentences: said with the answer. */
  notes?: string[]
  /** Somebody else's words, passed on: what they say is not what the sender says. */
  isForwarded?: true
  /** The message this one answers: its platform ref, and its text when the platform sent it along. */
  replyTo?: { messageRef: string; text?: string; files?: IncomingFile[] }
  /** A form that was filled in and is to be sent; what is in it has been kept already. */
  form?: { formId: string }
  /** The conversation moved: from now on it is known by this id (Telegram group → supergroup). */
  movedTo?: string
  /** Who pays, when that was said beside the text (`team/<id>`, `user/<id>`); an `--as` in the text goes before it. */
  context?: string
  /** The rules that led to it, where no person said it. */
  cause?: string[]
  /** Where the sender is written to apart from this conversation, where that is another one. */
  directTo?: string
  /** What only this channel understands and needs later (Slack's `response_url`, `trigger_id`). */
  hints?: Record<string, string>
  atMs: number
}

export interface Button {
  label: string
  /** A command line; pressing the button takes the same road as typing it. Stored behind an opaque token. */
  command?: string
  /** What stands in for the command on the platform; given when the message is put into the outbox. */
  token?: string
  /** A link instead of a command; in the web chat it may be the path of a page of the console. */
  url?: string
  style?: 'primary' | 'danger'
  /** What one may write in its place where buttons are answered by writing: `yes`. Its label works there anyway. */
  says?: string
  /** Works once, for whoever presses first: everything that spends. */
  once?: boolean
  /** For what ends or spends something and asks nothing by itself when it is pressed. */
  confirm?: Confirm
}

/**
 * What is asked between a press and its command, where the channel has a step for it: a dialog in Slack, a second row on the
 * web. Elsewhere a press counts at once, as the typed command does: what may not be done by one tap asks by a message.
 */
export interface Confirm {
  title: string
  /** What follows from saying yes. */
  text: string
  yes: string
  no: string
}

/** One thing a form asks for. */
export interface FormField {
  name: string
  label: string
  description?: string
  /** `json`: lists and objects, typed as JSON. `file`: the text of an attached file. */
  kind: 'text' | 'multiline' | 'number' | 'integer' | 'boolean' | 'choice' | 'json' | 'file'
  required: boolean
  /** With `choice`: what may be given, and how it reads. */
  options?: { value: string; label: string }[]
  /** What might be given, as it is typed. */
  examples?: string[]
  /** What was given so far, as it is typed; of a file its name. */
  value?: string
  /** A long text that may be given as a file as well. */
  takesFile?: true
  /** What was given is a file: `value` is what it is called, not what it says. */
  isFile?: true
  /** What counts when nothing is given, as it is typed. */
  usual?: string
  /** What is wrong with what was given, for beside the field. */
  problem?: string
}

export type ProgressStatus = 'pending' | 'running' | 'done' | 'failed' | 'skipped' | 'cancelled' | 'waiting'

export type Part =
  | { type: 'text'; text: string; style?: 'plain' | 'strong' | 'muted' | 'heading' }
  | MarkdownPart
  | QuotePart
  | { type: 'fields'; fields: { label: string; value: string }[] }
  | { type: 'list'; items: string[]; ordered?: boolean }
  | { type: 'table'; columns: string[]; rows: string[][] }
  | CodePart
  | { type: 'buttons'; buttons: Button[] }
  | {
      type: 'progress'
      title: string
      status: ProgressStatus
      steps: { label: string; status: ProgressStatus; note?: string }[]
      /** What it waits for is asked by a message of its own. Only said where a card is not changed in place. */
      isAskedApart?: true
    }
  | { type: 'file'; artifactId: string; name: string; mediaType: string; sizeBytes: number }
  | FormPart

/** Markdown that a tool made: channels show it as far as they can, always harmless. */
export interface MarkdownPart {
  type: 'markdown'
  text: string
}

export interface CodePart {
  type: 'code'
  text: string
  language?: string
}

/**
 * What others made, set apart from the words of the bot around it, by a bar or a box: whatever stands in it, nobody takes it
 * for the bot's own word, its title included.
 */
export interface QuotePart {
  type: 'quote'
  title?: string
  of: MarkdownPart | CodePart
}

/** A form: shown as one where the channel has forms, asked field by field where it has none. */
export interface FormPart {
  type: 'form'
  formId: string
  title: string
  /** What stands above the fields. */
  note?: string
  fields: FormField[]
  /** The field that words without a slash are taken for. */
  asks?: string
  /** What stands on the button that sends it. */
  submitLabel: string
}

export interface Reply {
  parts: Part[]
  /** Money, errors and other people's business: shown to the sender alone when the conversation is not private. */
  isPrivate?: boolean
  /** A form to be filled in: opened at once where the channel can do that, else shown as its card. */
  formId?: string
  /** Shown as a toast to whoever pressed a button, where there are toasts. */
  notice?: string
}

export const text = (value: string, style?: 'plain' | 'strong' | 'muted' | 'heading'): Part =>
  style ? { type: 'text', text: value, style } : { type: 'text', text: value }

export const reply = (...parts: (Part | string)[]): Reply => ({
  parts: parts.map((part) => (typeof part === 'string' ? text(part) : part)),
})

export const privately = (value: Reply): Reply => ({ ...value, isPrivate: true })
