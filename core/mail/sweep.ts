import { sweepMail } from '#db/mail.ts'
import type { Core } from '../core.ts'

const HOUR_MS = 3_600_000
/** A mail that is older than a day is not obeyed anyway; clocks that go wrong have a week. */
const KEEP_SEEN_MS = 7 * 24 * HOUR_MS
const KEEP_QUESTIONS_MS = 24 * HOUR_MS

/** Forgets what protects nothing any more: marks of old mails, counts of past hours, links that have ended. */
export async function sweepMails({ db, clock }: Pick<Core, 'db' | 'clock'>): Promise<void> {
  const nowMs = clock.nowMs()
  await db.write(async function forgetOldMail(tx) {
    await sweepMail.seen.run(tx, { beforeMs: nowMs - KEEP_SEEN_MS })
    await sweepMail.answers.run(tx, { beforeHour: Math.floor(nowMs / HOUR_MS) - 1 })
    await sweepMail.questions.run(tx, { beforeMs: nowMs - KEEP_QUESTIONS_MS })
  })
}
