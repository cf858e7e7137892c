import type { Outgoing, Sender, SendResult } from '#core/chat/sender.ts'
import { sha256 } from '#core/ids.ts'
import type { MailDesk } from '#core/mail/desk.ts'
import { type Mailer, MailUnclear } from '#core/outbound/mail.ts'
import { letterOf, unsubscribeHeaders } from './letter.ts'
import { render } from './render.ts'

/** Mail is not edited; a value there must be. */
const EDIT_MS = 60_000
const AGAIN_MS = 60_000

interface Needs {
  mailer: Mailer
  host: string
  desk: Pick<MailDesk, 'linkIn' | 'unsubscribeIn'>
}

/** Mail as a way out: a conversation is an address, the subject comes as a hint. Nothing comes in here. */
export function createMailSender(needs: Needs): Sender {
  return {
    name: 'email',
    pace: { editPrivateMs: EDIT_MS, editSharedMs: EDIT_MS },
    isPrivate: () => true,
    send: (message) => send(needs, message),
    edit: async () => ({ outcome: 'refused', reason: 'What was mailed cannot be changed.' }),
    download: () => Promise.reject(new Error('There are no files in mail that goes out.')),
  }
}

async function send({ mailer, host, desk }: Needs, message: Outgoing): Promise<SendResult> {
  const { key, cause, conversation, parts, hints, maybeDuplicate } = message
  const messageId = `<${sha256(`${key}/${cause}`).slice(0, 40)}@${host}>`
  const unsubscribe = desk.unsubscribeIn(hints)
  // Nobody reads what is answered here: what is to be answered is answered where one is signed in.
  const shown = parts.flatMap((part) => {
    if (part.type === 'buttons') return { ...part, buttons: part.buttons.filter(({ url }) => url !== undefined) }
    return part.type === 'form' ? [] : part
  })
  const letter = letterOf(render(shown), {
    isMaybeDuplicate: maybeDuplicate,
    left: [],
    attached: [],
    link: desk.linkIn(hints),
    isRead: false,
    unsubscribe,
  })
  const subject = hints?.subject ?? 'A message from Muster'
  try {
    await mailer.send({ to: conversation, subject, ...letter, messageId, headers: unsubscribeHeaders(unsubscribe) })
    return { outcome: 'sent', messageRef: messageId }
  } catch (error) {
    return outcomeOf(error)
  }
}

/** What the mail server said, as the mail library puts it: a code where it answered, and what was being done. */
function outcomeOf(error: unknown): SendResult {
  // Behind DATA it may have been taken before the connection broke.
  if (error instanceof MailUnclear) return { outcome: 'unclear', reason: 'The mail server broke off.' }
  const { responseCode, command = '' } = error as { responseCode?: number; command?: string }
  if (responseCode !== undefined && responseCode >= 500) {
    const isOurs = command.startsWith('AUTH') || responseCode === 530 || responseCode === 535
    const reason = isOurs ? 'The mail server does not take the user and password.' : 'The mail server refused it.'
    return isOurs ? { outcome: 'retry', afterMs: AGAIN_MS, reason } : { outcome: 'refused', reason }
  }
  if (responseCode !== undefined) return { outcome: 'retry', afterMs: AGAIN_MS, reason: 'The mail server is busy.' }
  return { outcome: 'retry', afterMs: AGAIN_MS, reason: 'The mail server cannot be reached.' }
}
