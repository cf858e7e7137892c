import type { Tx } from '#db/db.ts'
import { takeAway } from '#db/queue/claims.ts'
import { requestCancel } from '#db/runs.ts'
import { endNestedCall } from '../agents/run/end-call.ts'
import { contextKey } from '../context.ts'
import { isAgentStep } from '../jobs/definition.ts'
import { runKey } from './card-key.ts'
import type { Progress } from './progress.ts'
import { loadRun, type StoredRun } from './stored.ts'

export const NESTED_REASON = 'The run it belongs to has ended.'

interface Ending {
  /** The run as it was before this transaction. */
  before: StoredRun
  /** Steps that are cut off, and those that end. */
  seqs: Iterable<number>
  nowMs: number
  /** Tells a run's engine that it is cancelled, and writes what follows from that. */
  cancel(child: StoredRun): Promise<StoredRun>
}

/**
 * Nested runs of steps that end without them end with them, in the same transaction, and what they cost until then is their
 * step's: the money is settled now, and what came later would be paid by nobody. Whoever works on one loses it here, so it
 * either has ended before, with all it cost, or writes nothing any more. A second time in one transaction nothing changes.
 */
export async function endNested(tx: Tx, progress: Progress, ending: Ending): Promise<void> {
  for (const seq of ending.seqs) {
    const childRunId = progress.run.facts.get(seq)?.childRunId
    if (!childRunId || progress.endedNested.has(childRunId) || !isOpen(progress, ending.before, seq)) continue
    progress.endedNested.add(childRunId)
    const child = await ended(tx, progress.run, childRunId, ending.cancel)
    if (!child) continue
    if (isOfAgent(progress, seq))
      await endNestedCall(tx, { runId: progress.run.row.id, seq, child, nowMs: ending.nowMs })
    else progress.addCost(seq, child.row.cost_micros)
  }
}

/** Of a job that has ended and was told, the cost is told too. What an agent knows of its runs stands in its turns. */
function isOpen(progress: Progress, before: StoredRun, seq: number): boolean {
  if (isOfAgent(progress, seq)) return true
  const isNew = before.facts.get(seq)?.childRunId !== progress.run.facts.get(seq)?.childRunId
  const step = before.state.steps[seq]
  return isNew || (step?.status === 'waiting' && step.waitFor === 'job')
}

const isOfAgent = ({ run }: Progress, seq: number): boolean =>
  isAgentStep(run.definition, run.state.steps[seq]?.stepId ?? '')

async function ended(
  tx: Tx,
  parent: StoredRun,
  childRunId: string,
  cancel: Ending['cancel'],
): Promise<StoredRun | undefined> {
  // First: what is read below must be what its worker has written last.
  await takeAway(tx, { kind: 'run', key: runKey(childRunId), fairGroup: contextKey(parent.context) })
  // Who works on it looks for this, and stops what executes.
  await requestCancel.run(tx, { id: childRunId, reason: NESTED_REASON })
  const child = await loadRun(tx, childRunId)
  return child && child.row.finished_at_ms === null ? cancel(child) : child
}
