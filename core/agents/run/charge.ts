import { listAgentCosts } from '#db/agent-turns.ts'
import type { Tx } from '#db/db.ts'
import { AGENT_TOOL } from '../../jobs/price-key.ts'
import type { Progress } from '../../runs/progress.ts'
import { hasStepEnded } from '../../runs/states.ts'

/**
 * An agent that has ended, well or not or by being stopped, has cost what its turns say. Asks nothing of runs without agents.
 */
export async function chargeTurns(tx: Tx, progress: Progress): Promise<void> {
  const { definition, row } = progress.run
  const agentSteps = new Set(
    definition.steps.flatMap((step) => ('toolId' in step && step.toolId === AGENT_TOOL ? [step.stepId] : [])),
  )
  if (agentSteps.size === 0) return
  for (const seq of progress.changed) {
    const step = progress.run.state.steps[seq]
    if (!step || !agentSteps.has(step.stepId) || !hasStepEnded(step.status)) continue
    const turns = await listAgentCosts.all(tx, { runId: row.id, seq })
    const costMicros = turns.reduce((sum, { cost_micros }) => sum + cost_micros, 0n)
    progress.addCost(seq, costMicros - (progress.run.facts.get(seq)?.costMicros ?? 0n))
  }
}
