import { type CallbackRow, receiveCallback } from '#db/callbacks.ts'
import type { Tx } from '#db/db.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import type { Outcome } from '../providers/outcome.ts'
import { runKey } from '../runs/card-key.ts'

/**
 * Stores what ends a wait and has the run looked at. False, and nothing changes, when it has ended already: whoever comes
 * first, a callback, a poll or the provider's answer, is the one that counts.
 */
export async function recordOutcome(
  { queue, clock }: Pick<Core, 'queue'> & { clock: Pick<Core['clock'], 'nowMs'> },
  tx: Tx,
  { key, run_id, context, provider_run_id }: CallbackRow,
  outcome: Outcome,
  {
    by,
    bodyHash,
    providerRunId,
  }: { by: 'callback' | 'poll' | 'answer'; bodyHash: string | null; providerRunId: string | null },
): Promise<boolean> {
  // The run's key before the wait's row, as a worker takes them: in another order the two would block each other.
  await queue.enqueue(tx, { kind: 'run', key: runKey(run_id), runAtMs: clock.nowMs(), fairGroup: context })
  const outcomeJson = JSON.stringify(outcome)
  const stored = await receiveCallback.run(tx, { key, outcomeJson, bodyHash, providerRunId, nowMs: clock.nowMs() })
  if (stored === 0) return false
  const details = {
    by,
    outcome: outcome.kind,
    step: key.slice(run_id.length + 1),
    providerRunId: provider_run_id ?? providerRunId,
  }
  // Asked again: on Postgres its worker may have had the key until now, and what it wrote came before this.
  await appendEvents(tx, clock.nowMs(), [
    { type: 'callback.received', actor: 'system', context, subject: run_id, details },
  ])
  return true
}
