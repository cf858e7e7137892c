import type { Tx } from '#db/db.ts'
import { findStepEnd } from '#db/run-steps.ts'
import { ToolError } from '../tools/tool.ts'

/**
 * To be awaited after the claim is confirmed, before something is written that a step pays for when it ends: a claim outlives
 * its run when there is more to look at, and what came then would be paid by nobody. `cancelled` for a step that has ended.
 */
export async function requireOpenStep(tx: Tx, step: { runId: string; seq: number }): Promise<void> {
  const stored = await findStepEnd.first(tx, step)
  if (stored && stored.finished_at_ms !== null) throw new ToolError('cancelled', 'The step has ended.')
}
