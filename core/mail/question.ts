import { findQuestion, insertQuestion, useQuestion } from '#db/mail.ts'
import { reply } from '../chat/message.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { createFormDesk } from '../forms/desk.ts'
import { hashSecret } from '../ids.ts'
import { answerInstead } from './instead.ts'
import { codeOfLink, linkHint } from './links.ts'
import type { KeptMail, KnownMail, MailPlace } from './mail.ts'
import { isNew, keepFiles, putMail, type Taken } from './take.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue' | 'settings'>

const LIFETIME_MS = 60 * 60 * 1000

/**
 * Asks the owner of an address whether a mail is theirs that does not prove it: what it says waits, and the link to it goes
 * to the address, where only its owner reads. Once for each mail.
 */
export async function askAboutMail(
  core: Needs,
  mail: KnownMail & { accountId: string },
  { why, place }: { why: string; place?: MailPlace | undefined },
): Promise<Taken> {
  const nowMs = core.clock.nowMs()
  const { accountId, address } = mail
  return core.db.write(async function askAboutMail(tx): Promise<Taken> {
    if (!(await isNew(tx, mail.marks, place, nowMs))) return 'again'
    const kept = await keepFiles(core, tx, mail, nowMs)
    const id = core.ids.newSecret()
    const mailJson = JSON.stringify(kept)
    await insertQuestion.run(tx, {
      codeHash: hashSecret(codeOfLink(core.settings.authSecret, { kind: 'confirm', id })),
      accountId,
      address,
      mailJson,
      expiresAtMs: nowMs + LIFETIME_MS,
    })
    const words = [
      `Somebody wrote to me as ${address}, and the mail does not prove that it was you (${why}). Nothing was done.`,
      'If it was you, open the link within an hour: it shows what would be done, and asks once more. If it was not you, leave it: nothing happens.',
    ] as const
    await answerInstead(core, tx, mail, {
      event: 'mail.asked',
      why,
      answer: { reply: reply(...words), hints: linkHint({ kind: 'confirm', id }) },
      nowMs,
    })
    return 'taken'
  })
}

export interface MailQuestion {
  address: string
  subject: string
  text: string
  files: string[]
}

/** What would be done; looking changes nothing. */
export async function lookAtQuestion(core: Pick<Core, 'db' | 'clock'>, code: string): Promise<MailQuestion> {
  const row = await findQuestion.first(core.db, { codeHash: hashSecret(code) })
  if (!row || row.used_at_ms !== null || row.expires_at_ms <= core.clock.nowMs()) throw overdue()
  const { subject, text, written = '', files } = JSON.parse(row.mail_json) as KeptMail
  return { address: row.address, subject, text: text || written, files: files.map(({ name }) => name) }
}

/** Has it done what the mail says, once. */
export async function confirmMail(core: Needs & Pick<Core, 'tools'>, code: string): Promise<void> {
  const nowMs = core.clock.nowMs()
  const codeHash = hashSecret(code)
  await fillWhatWaits(core, codeHash)
  await core.db.write(async function confirmMail(tx) {
    const row = await findQuestion.first(tx, { codeHash })
    if (!row || (await useQuestion.run(tx, { codeHash, nowMs })) === 0) throw overdue()
    const { account_id: accountId } = row
    await appendEvents(tx, nowMs, [
      { type: 'mail.confirmed', actor: accountId, context: contextKey(personal(accountId)), subject: accountId },
    ])
    await putMail(core, tx, JSON.parse(row.mail_json) as KeptMail, nowMs)
  })
}

/** Before it is used, so that what dies in between is asked for once more: filling in the same again changes nothing. */
async function fillWhatWaits(core: Needs & Pick<Core, 'tools'>, codeHash: string): Promise<void> {
  const row = await findQuestion.first(core.db, { codeHash })
  if (!row || row.used_at_ms !== null || row.expires_at_ms <= core.clock.nowMs()) return
  const { form } = JSON.parse(row.mail_json) as KeptMail
  if (!form?.values) return
  const person = { channel: 'email', externalId: row.address } as const
  await createFormDesk(core).fill(form.formId, person, { values: form.values })
}

const overdue = (): AppError =>
  new AppError('not_found', 'This link was used, or is too old. Send the mail again, and a new one comes.')
