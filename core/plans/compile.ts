import { oneLine } from '../cut.ts'
import { toolIdOf } from '../endpoints/endpoint.ts'
import type { JobDefinition, StepDefinition } from '../jobs/definition.ts'
import type { Plan, PlannedCall } from './plan.ts'
import { jobOfSource, type PlanSettings } from './settings.ts'

/**
 * The job that a plan is. Each call is a step; what goes first is written first, and where it is to go one by one, one step at
 * a time is done. A critical call that fails ends the run, any other takes along only those that wait for it.
 */
export function compilePlan(plan: Plan, { goal }: Pick<PlanSettings, 'goal'>): JobDefinition {
  const calls = plan.calls.toSorted((a, b) => b.priority - a.priority)
  return {
    jobId: 'planned',
    displayName: oneLine(goal, 80),
    description: plan.reasoning.slice(0, 2_000),
    inputSchema: { type: 'object', properties: {} },
    steps: calls.map(stepOf),
    outputs: Object.fromEntries(
      calls
        .filter(({ endpoint }) => jobOfSource(endpoint) === undefined)
        .map(({ id }) => [id, { step: id, output: 'body' }]),
    ),
    limits: { concurrency: plan.strategy === 'sequential' ? 1 : plan.concurrencyLimit },
  }
}

/** A call that changes something is not made again by itself when nobody knows how far it came. */
const TRIES = 2

function stepOf({ id, endpoint, parameters, headers, dependsOn, critical }: PlannedCall): StepDefinition {
  const common = { stepId: id, dependencies: dependsOn, onFailure: critical ? 'halt' : 'skip' } as const
  const jobId = jobOfSource(endpoint)
  if (jobId !== undefined) {
    const inputMappings = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { value }]))
    return { ...common, displayName: jobId, jobId, inputMappings }
  }
  return {
    ...common,
    displayName: endpoint,
    toolId: toolIdOf(endpoint),
    inputMappings: {
      ...(Object.keys(parameters).length > 0 ? { params: { value: parameters } } : {}),
      ...(Object.keys(headers).length > 0 ? { headers: { value: headers } } : {}),
    },
    retry: { maxAttempts: TRIES },
  }
}
