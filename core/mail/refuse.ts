import { reply } from '../chat/message.ts'
import type { Core } from '../core.ts'
import { answerInstead } from './instead.ts'
import type { KnownMail, MailPlace } from './mail.ts'
import { isNew } from './take.ts'

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
  return core.db.write(async function refuseMail(tx): Promise<'refused' | 'again'> {
    if (!(await isNew(tx, mail.marks, place, nowMs))) return 'again'
    await answerInstead(core, tx, mail, { event: 'mail.refused', why, answer: { reply: reply(WORDS[why]) }, nowMs })
    return 'refused'
  })
}
