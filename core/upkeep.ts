import { deleteOldAllowances } from '#db/allowances.ts'
import { deleteOldIdempotent } from '#db/idempotency.ts'
import { deleteOldNotifications } from '#db/notifications.ts'
import { sweepCredentials } from './accounts/sweep.ts'
import type { Core } from './core.ts'
import { sweepForms } from './forms/close.ts'
import { inTurn } from './leases/turn.ts'
import { sweepMails } from './mail/sweep.ts'
import { pause } from './pause.ts'
import { sweepBudgetUses } from './policy/budgets/sweep.ts'
import { sweepRules } from './rules/sweep.ts'
import { nudgeTasks } from './tasks/nudge.ts'
import { sweepTriggers } from './triggers/sweep.ts'
import { sweepProposals } from './words/proposal.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'log' | 'queue'>

/** Not at once: a process that has just started has people waiting. */
const FIRST_MS = 60_000
const EVERY_MS = 3_600_000
/** A batch is a transaction, and whoever else writes waits no longer than for one. */
const BATCH = 500

/**
 * Clients are promised a day. Messages and buttons have their answers here too, and one of them may have been half done
 * when the power went: a week is longer than a server stays off over the holidays by mistake.
 */
const KEEP_ANSWERS_MS = 7 * 24 * 3_600_000

/** What happened is in the events for good; what somebody was told of it a season ago nobody looks up. */
const KEEP_NOTIFICATIONS_MS = 90 * 24 * 3_600_000

/**
 * Removes what is over and nobody asks for any more, and reminds of what stands still, now and then, until told to stop. Of several processes one does it at a
 * time, and the others find nothing left.
 */
export async function keepSwept(core: Needs, { ttlMs, stop }: { ttlMs: number; stop: AbortSignal }): Promise<void> {
  for (let waitMs = FIRST_MS; ; waitMs = EVERY_MS) {
    await pause(core.clock, waitMs, stop)
    if (stop.aborted) return
    const done = new AbortController()
    const turn = { resource: 'upkeep', purpose: 'Removes what is over', ttlMs }
    await inTurn(core, { ...turn, stop: AbortSignal.any([stop, done.signal]) }, async (signal) => {
      await sweepCredentials(core)
      await sweepAnswers(core, signal)
      await sweepAllowances(core, signal)
      await sweepNotifications(core, signal)
      await sweepForms(core, signal)
      await nudgeTasks(core, signal)
      await sweepTriggers(core, signal)
      await sweepRules(core, signal)
      await sweepBudgetUses(core, signal)
      await sweepMails(core)
      await sweepProposals(core, signal)
      done.abort()
    })
  }
}

/** Forgets answers to requests that are older than they are kept. Returns how many. */
function sweepAnswers({ db, clock }: Needs, signal: AbortSignal): Promise<number> {
  const beforeMs = clock.nowMs() - KEEP_ANSWERS_MS
  return inBatches(signal, () =>
    db.write(async function forgetOldAnswers(tx) {
      return deleteOldIdempotent.run(tx, { beforeMs, most: BATCH })
    }),
  )
}

/** The same for minutes of requests that are over. */
function sweepAllowances({ db, clock }: Needs, signal: AbortSignal): Promise<number> {
  const beforeMs = clock.nowMs()
  return inBatches(signal, () =>
    db.write(async function forgetOldAllowances(tx) {
      return deleteOldAllowances.run(tx, { beforeMs, most: BATCH })
    }),
  )
}

/** The same for what people were told. */
function sweepNotifications({ db, clock }: Needs, signal: AbortSignal): Promise<number> {
  const beforeMs = clock.nowMs() - KEEP_NOTIFICATIONS_MS
  return inBatches(signal, () =>
    db.write(async function forgetOldNotifications(tx) {
      return deleteOldNotifications.run(tx, { beforeMs, most: BATCH })
    }),
  )
}

async function inBatches(signal: AbortSignal, removeBatch: () => Promise<number>): Promise<number> {
  let removed = 0
  for (let inBatch = BATCH; inBatch === BATCH && !signal.aborted; removed += inBatch) inBatch = await removeBatch()
  return removed
}
