import { chargeAgentTurns } from '#db/agent-turns.ts'
import type { Tx } from '#db/db.ts'
import { AGENT_TOOL } from '../../jobs/price-key.ts'
import type { Progress } from '../../runs/progress.ts'

/**
 * What an agent did becomes the cost of its step when that has ended, well or not or by being stopped: once, from its turns.
 * While it goes on, what is held for it stands for all of it. Asks nothing of runs without agents.
 */
export async function chargeTurns(tx: Tx, progress: Progress, seqs: Iterable<number>): Promise<void> {
  const { definition, row, state } = progress.run
  const agents = new Set(
    definition.steps.flatMap((step) => ('toolId' in step && step.toolId === AGENT_TOOL ? [step.stepId] : [])),
  )
  if (agents.size === 0) return
  for (const seq of seqs) {
    if (!agents.has(state.steps[seq]?.stepId ?? '')) continue
    const turns = await chargeAgentTurns.all(tx, { runId: row.id, seq })
    progress.addCost(
      seq,
      turns.reduce((sum, { cost_micros }) => sum + cost_micros, 0n),
    )
  }
}
