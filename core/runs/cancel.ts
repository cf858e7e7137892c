import type { Tx } from '#db/db.ts'
import { releaseRun, requestCancel } from '#db/runs.ts'
import type { Actor } from '../actor.ts'
import { touchCard } from '../chat/outbox.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { chargeOwed } from '../economy/holds.ts'
import { warnOf } from '../economy/warnings.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { formatUsd } from '../money.ts'
import { requireSpender } from '../teams/spender.ts'
import { runKey } from './card-key.ts'
import { paidRun } from './funds.ts'
import { readableRun } from './read.ts'
import { postResult } from './result.ts'
import { hasRunEnded } from './states.ts'
import { loadRun, type StoredRun } from './stored.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/**
 * Asks for a run to be stopped. The worker that has it aborts what executes and settles what was done; that takes a
 * moment. A second time, or for a run that has ended, nothing changes; the answer says how the run stands.
 */
export async function cancelRun(core: Needs, actor: Actor, runId: string): Promise<{ runId: string; ended: boolean }> {
  return core.db.write(async function cancelRun(tx) {
    const run = await readableRun(tx, actor, runId)
    await requireSpender(tx, actorIn(actor, run), new Set())
    if (hasRunEnded(run.state.status)) return { runId, ended: true }
    const asked = await requestCancel.run(tx, { id: runId, reason: `Stopped by @${actor.handle}` })
    if (asked === 0) return { runId, ended: false }
    await appendEvents(tx, core.clock.nowMs(), [
      { type: 'run.cancel_requested', actor: actor.accountId, context: contextKey(run.context), subject: runId },
    ])
    await core.queue.enqueue(tx, {
      kind: 'run',
      key: runKey(runId),
      runAtMs: core.clock.nowMs(),
      fairGroup: contextKey(run.context),
    })
    return { runId, ended: false }
  })
}

/**
 * Pays what a run still owes and hands out its result, without running anything again. Refused like a hold when the
 * money is still not there, and (`conflict`) for runs that owe nothing. Twice at once: one pays.
 */
export async function releaseWithheld(core: Needs, actor: Actor, runId: string): Promise<{ runId: string }> {
  return core.db.write(async function releaseWithheld(tx) {
    const run = await readableRun(tx, actor, runId)
    await requireSpender(tx, actorIn(actor, run), new Set())
    if (run.state.status !== 'payment_failed') throw new AppError('conflict', 'That run owes nothing.')
    const nowMs = core.clock.nowMs()
    const hasGaps = run.state.steps.some(({ status }) => status === 'failed')
    const status = hasGaps ? 'partially_completed' : 'succeeded'
    // The row first: of two at once, the second finds it released and undoes itself.
    if (!(await releaseRun.first(tx, { id: runId, status, nowMs }))) {
      throw new AppError('conflict', 'That run was released a moment ago.')
    }
    await chargeWhatIsOwed(core, tx, run, nowMs)
    await showResult(core, tx, runId, nowMs)
    return { runId }
  })
}

async function chargeWhatIsOwed(core: Needs, tx: Tx, run: StoredRun, nowMs: number): Promise<void> {
  const { row, context } = run
  const amountMicros = row.owed_micros
  const paid = await chargeOwed(tx, paidRun(run), { amountMicros, nowMs, id: `charge_${row.id}_owed` })
  await warnOf(core, tx, { accountId: row.account_id, context }, { ...paid, amountMicros, nowMs })
  await appendEvents(tx, nowMs, [
    {
      type: 'run.released',
      actor: row.account_id,
      context: contextKey(context),
      subject: row.id,
      details: { paidUsd: formatUsd(row.owed_micros) },
    },
  ])
}

async function showResult(core: Needs, tx: Tx, runId: string, nowMs: number): Promise<void> {
  const run = await loadRun(tx, runId)
  if (!run) return
  await postResult(core, tx, run, nowMs)
  const { channel, conversation } = run.row
  if (conversation) await touchCard(core, tx, { channel, conversation, cardKey: runKey(runId), cause: runId })
}

/** Rights are those in the run's own context, whatever context the person stands in now. */
const actorIn = (actor: Actor, run: StoredRun): Actor => ({ ...actor, context: run.context })
