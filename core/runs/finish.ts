import type { Tx } from '#db/db.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { settleHolds } from '../economy/holds.ts'
import { wakeWaiting } from '../economy/wake.ts'
import { warnOf } from '../economy/warnings.ts'
import type { NewEvent } from '../events/append.ts'
import { formatUsd, showUsd } from '../money.ts'
import { firstOutputs, variantsOfJob } from '../variants/job.ts'
import { runKey } from './card-key.ts'
import { keepLargeAsFiles } from './large-outputs.ts'
import { postResult } from './result.ts'
import { paidRun, type StoredRun } from './stored.ts'
import { tellEnd } from './tell-end.ts'
import { isRunHeard, type RunTold, tellRun } from './telling.ts'

type Needs = Pick<Core, 'ids' | 'queue' | 'clock'>

/**
 * What the end of a run brings with it: the money settled once, a waiting parent woken, the result posted.
 * A result that cannot be paid for is kept and withheld (`payment_failed`).
 */
export async function finishRun(
  core: Needs,
  tx: Tx,
  run: StoredRun,
  nowMs: number,
): Promise<{ run: StoredRun; events: NewEvent[] }> {
  const finished: StoredRun = { ...run, row: { ...run.row, finished_at_ms: nowMs } }
  if (isRunHeard()) tx.afterCommit(() => tellRun(runTold(finished, nowMs)))
  if (run.row.parent_run_id) {
    await core.queue.enqueue(tx, {
      kind: 'run',
      key: runKey(run.row.parent_run_id),
      runAtMs: nowMs,
      fairGroup: contextKey(run.context),
    })
    return { run: finished, events: [] }
  }
  const whole = await withResult(core, tx, finished, nowMs)
  const { run: settled, freesForOthers } = await settle(core, tx, whole, nowMs)
  if (freesForOthers) await wakeWaiting(core, tx, contextKey(run.context))
  if (settled.state.status !== 'payment_failed') await postResult(core, tx, settled, nowMs)
  await tellEnd(core, tx, settled, nowMs)
  await wakeFollower(core, tx, settled, nowMs)
  return { run: settled, events: [runSettled(settled)] }
}

/** Whoever waits for this run is woken with its end, or not at all: they look at the run themselves. */
export async function wakeFollower(
  core: Pick<Core, 'queue'>,
  tx: Tx,
  { pins, context }: StoredRun,
  nowMs: number,
): Promise<void> {
  if (pins.follower === undefined) return
  await core.queue.enqueue(tx, { kind: 'run', key: pins.follower, runAtMs: nowMs, fairGroup: contextKey(context) })
}

/** The outputs as they are kept: those of the first variant of several, and what is too large for a row as a file. */
async function withResult(core: Needs, tx: Tx, run: StoredRun, nowMs: number): Promise<StoredRun> {
  const isSeveral = variantsOfJob(run.definition) !== undefined
  const outputs = isSeveral ? firstOutputs(run.state) : (run.state.outputs ?? {})
  const kept = await keepLargeAsFiles(core, tx, run, outputs, nowMs)
  return kept === run.state.outputs ? run : { ...run, state: { ...run.state, outputs: kept } }
}

async function settle(
  core: Needs,
  tx: Tx,
  run: StoredRun,
  nowMs: number,
): Promise<{ run: StoredRun; freesForOthers: boolean }> {
  const { row, state } = run
  const paid = paidRun(run)
  // What was settled before a retry stays as it was.
  const costMicros = row.cost_micros - (run.pins.retried?.costMicros ?? 0n)
  const { owedMicros, crossed, freesForOthers } = await settleHolds(tx, paid, { costMicros, nowMs })
  if (crossed.length > 0) await warnOf(core, tx, paid, { crossed, amountMicros: 0n, availableMicros: null, nowMs })
  // What failed or was stopped has no result to keep back.
  const hasResult = state.status === 'succeeded' || state.status === 'partially_completed'
  if (owedMicros === 0n || !hasResult) return { run, freesForOthers }
  const message = `It cost ${showUsd(owedMicros)} more than was held, so the result is kept back. Add money, then /retry.`
  const withheld: StoredRun = {
    ...run,
    row: { ...row, owed_micros: owedMicros },
    state: { ...state, status: 'payment_failed', error: { code: 'payment_failed', message } },
  }
  return { run: withheld, freesForOthers }
}

const runSettled = ({ row, context, state }: StoredRun): NewEvent => ({
  type: 'run.settled',
  actor: 'system',
  context: contextKey(context),
  subject: row.id,
  details: { status: state.status, costUsd: formatUsd(row.cost_micros), heldUsd: formatUsd(row.held_micros) },
})

const runTold = ({ row, state }: StoredRun, finishedAtMs: number): RunTold => ({
  runId: row.id,
  jobKey: row.job_key,
  status: state.status,
  createdAtMs: row.created_at_ms,
  finishedAtMs,
})
