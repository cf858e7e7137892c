import type { IncomingFile } from '../chat/message.ts'

/** A file as it came in a mail. */
export interface MailFile {
  name: string
  mediaType: string
  bytes: Uint8Array
}

/** A mail whose sender is known, read and reduced to what it says. */
export interface KnownMail {
  accountId: string | undefined
  /** Verified address of the sender, in lower case. */
  address: string
  /** As the sender writes it. */
  name: string
  messageId: string
  /** `References` and `In-Reply-To`, oldest first. */
  references: string[]
  /** From a reply address of ours. */
  threadId?: string
  subject: string
  /** The command line or the words. */
  text: string
  context?: string
  button?: { token: string }
  /** With what is still to be put into it, where the mail does not prove who wrote it. */
  form?: { formId: string; values?: Record<string, string> }
  /** The words, where they are the answer to a form or a button, for whoever is asked whether they are theirs. */
  written?: string
  /** What the mail is known by; a mail of which one was seen before is a repetition. */
  marks: string[]
  files: MailFile[]
  /** What of it could not be taken, in sentences. */
  problems?: string[]
  /** Our message that this one answers, as the outbox knows it. */
  replyTo?: { messageRef: string; text?: string }
  atMs: number
}

/** The same with its files where they stay. */
export type KeptMail = Omit<KnownMail, 'files'> & { files: IncomingFile[] }

/** How far a mailbox was read with this mail. */
export interface MailPlace {
  mailbox: string
  uidValidity: string
  uid: number
}

/** What a reply to one of our mails may mean. */
export interface Offers {
  /** As the outbox knows the message. */
  ref: string
  /** What its buttons are called, what may be written in their place, and their tokens. */
  buttons: { label: string; token: string; says?: string }[]
  formId?: string
  /** Its beginning, for who answers it. */
  text?: string
}

export const mailConversation = (address: string, threadId: string): string => `${address}#${threadId}`

/** The address, and the thread unless a message begins its own. */
export function parseMailConversation(conversation: string): { address: string; threadId?: string } {
  const at = conversation.lastIndexOf('#')
  return at < 0
    ? { address: conversation }
    : { address: conversation.slice(0, at), threadId: conversation.slice(at + 1) }
}
