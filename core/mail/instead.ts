import type { Tx } from '#db/db.ts'
import type { Reply } from '../chat/message.ts'
import { putMessage } from '../chat/outbox.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { type KnownMail, mailConversation } from './mail.ts'
import { putIntoThread } from './threads.ts'

interface Instead {
  event: 'mail.asked' | 'mail.refused'
  why: string
  answer: { reply: Reply; hints?: Record<string, string> }
  nowMs: number
}

/** Answers a mail of somebody in its thread without doing anything of it, and why is on record. */
export async function answerInstead(
  core: Pick<Core, 'ids' | 'clock' | 'queue'>,
  tx: Tx,
  mail: KnownMail & { accountId: string },
  { event, why, answer, nowMs }: Instead,
): Promise<void> {
  const { accountId, address, messageId } = mail
  const thread = await putIntoThread(core, tx, mail, nowMs)
  const context = contextKey(personal(accountId))
  await appendEvents(tx, nowMs, [{ type: event, actor: accountId, context, subject: accountId, details: { why } }])
  await putMessage(core, tx, {
    channel: 'email',
    conversation: mailConversation(address, thread.id),
    cause: `mail:${messageId}`,
    ...answer,
    isAwaited: true,
  })
}
