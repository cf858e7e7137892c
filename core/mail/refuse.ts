import { reply } from '../chat/message.ts'
import { putMessage } from '../chat/outbox.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { type KnownMail, type MailPlace, mailConversation } from './mail.ts'
import { isNew, newThreadId } from './take.ts'
import { addToThread, beginThread, threadOf } from './threads.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/** Why a reply address continues nothing. */
export type Refusal = 'old' | 'foreign'

const WORDS: Record<Refusal, string> = {
  old: 'You answered a mail that is too old to be answered. Nothing was done. Write a new mail, and say in it what you would like.',
  foreign:
    'You answered a mail that I wrote to somebody else: what it asks is theirs to answer. Nothing was done. Write a new mail of your own.',
}

/** Does nothing of what a mail says, and tells whoever wrote it so. Once for each mail. */
export async function refuseMail(
  core: Needs,
  mail: KnownMail & { accountId: string },
  { why, place }: { why: Refusal; place?: MailPlace | undefined },
): Promise<'refused' | 'again'> {
  const nowMs = core.clock.nowMs()
  const { accountId, address, messageId, subject } = mail
  return core.db.write(async function refuseMail(tx): Promise<'refused' | 'again'> {
    if (!(await isNew(tx, mail.marks, place, nowMs))) return 'again'
    const thread =
      (await threadOf(tx, mail)) ??
      (await beginThread(tx, { id: newThreadId(core.ids.newSecret()), address, subject, nowMs }))
    await addToThread(tx, thread, { messageId, isOurs: false, nowMs })
    await appendEvents(tx, nowMs, [
      {
        type: 'mail.refused',
        actor: accountId,
        context: contextKey(personal(accountId)),
        subject: accountId,
        details: { why },
      },
    ])
    await putMessage(core, tx, {
      channel: 'email',
      conversation: mailConversation(address, thread.id),
      cause: `mail:${messageId}`,
      reply: reply(WORDS[why]),
      isAwaited: true,
    })
    return 'refused'
  })
}
