import type { Reader } from '#db/db.ts'
import { listBudgets } from '#db/spend-budgets.ts'
import type { ContextKey } from '../context.ts'
import { AppError } from '../errors.ts'
import { isAgentStep, type JobDefinition } from '../jobs/definition.ts'
import { type ModelPins, modelKey } from '../models/pins.ts'
import { policyIn } from './facts.ts'

/**
 * That budgets and overrides of agents reach every agent that works in a run: refused (`policy_refused`) where there are any
 * and only the run would know an agent, because it is counted and its model chosen before.
 */
export async function requireKnownAgents(
  on: Reader,
  context: ContextKey,
  jobs: readonly JobDefinition[],
  models: ModelPins = {},
): Promise<void> {
  for (const { jobId, displayName, steps } of jobs) {
    const unknown = steps.find(
      ({ stepId }) => isAgentStep({ steps }, stepId) && models[modelKey(jobId, stepId)]?.agentId == null,
    )
    if (!unknown) continue
    if (!(await areAgentsToldApart(on, context))) return
    throw new AppError(
      'policy_refused',
      `Agents have budgets or models of their own here, so which one works must be known when a run is submitted, and step “${unknown.stepId}” of ${displayName} does not say it. Write its name into the job, or make it an input of the run.`,
    )
  }
}

async function areAgentsToldApart(on: Reader, context: ContextKey): Promise<boolean> {
  const { overrides } = await policyIn(on, context)
  if (Object.keys(overrides.agents).length > 0) return true
  return (await listBudgets.all(on, { context })).some(({ subject }) => subject.startsWith('agent:'))
}
