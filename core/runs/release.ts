import type { Tx } from '#db/db.ts'
import { releaseRun as releaseRunRow } from '#db/runs.ts'
import { touchCard } from '../chat/outbox.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { chargeOwed } from '../economy/holds.ts'
import { warnOf } from '../economy/warnings.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { formatUsd } from '../money.ts'
import { runKey } from './card-key.ts'
import { wakeFollower } from './finish.ts'
import { postResult } from './result.ts'
import { loadRun, paidRun, type StoredRun } from './stored.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/**
 * The step of a retry that pays what a run still owes and hands out its result, without running anything again. Refused
 * like a hold when the money is still not there, and (`conflict`) for runs that owe nothing. Twice at once: one pays.
 */
export async function releaseRun(core: Needs, tx: Tx, run: StoredRun): Promise<void> {
  const runId = run.row.id
  if (run.state.status !== 'payment_failed') throw new AppError('conflict', 'That run owes nothing.')
  const nowMs = core.clock.nowMs()
  const hasGaps = run.state.steps.some(({ status }) => status === 'failed')
  const status = hasGaps ? 'partially_completed' : 'succeeded'
  // The row first: of two at once, the second finds it released and undoes itself.
  if (!(await releaseRunRow.first(tx, { id: runId, status, nowMs }))) {
    throw new AppError('conflict', 'That run was released a moment ago.')
  }
  await chargeWhatIsOwed(core, tx, run, nowMs)
  await showResult(core, tx, runId, nowMs)
}

async function chargeWhatIsOwed(core: Needs, tx: Tx, run: StoredRun, nowMs: number): Promise<void> {
  const { row, context, pins } = run
  const id = `charge_${row.id}_owed${pins.retried ? `_${pins.retried.group}` : ''}`
  const amountMicros = row.owed_micros
  const paid = await chargeOwed(tx, paidRun(run), { amountMicros, nowMs, id })
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
  await wakeFollower(core, tx, run, nowMs)
  const { channel, conversation } = run.row
  if (conversation) await touchCard(core, tx, { channel, conversation, cardKey: runKey(runId), cause: runId })
}
