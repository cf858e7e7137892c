import { plainText } from '#core/chat/plain.ts'
import type { Outgoing, Sender, SendResult } from '#core/chat/sender.ts'
import { sha256 } from '#core/ids.ts'
import { type Mailer, MailUnclear } from '#core/outbound/mail.ts'

/** Mail is not edited; a value there must be. */
const EDIT_MS = 60_000
const AGAIN_MS = 60_000

/** Mail as a way out: a conversation is an address, the subject comes as a hint. Nothing comes in here. */
export function createMailSender({ mailer, host }: { mailer: Mailer; host: string }): Sender {
  return {
    name: 'email',
    pace: { editPrivateMs: EDIT_MS, editSharedMs: EDIT_MS },
    isPrivate: () => true,
    send: (message) => send(mailer, host, message),
    edit: async () => ({ outcome: 'refused', reason: 'What was mailed cannot be changed.' }),
    download: () => Promise.reject(new Error('There are no files in mail that goes out.')),
  }
}

async function send(mailer: Mailer, host: string, message: Outgoing): Promise<SendResult> {
  const { key, cause, conversation, parts, hints, maybeDuplicate } = message
  const messageId = `<${sha256(`${key}/${cause}`).slice(0, 40)}@${host}>`
  const text = `${maybeDuplicate ? '(This may be a duplicate.)\n\n' : ''}${plainText(parts)}`
  try {
    await mailer.send({ to: conversation, subject: hints?.subject ?? 'A message from Muster', text, messageId })
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
