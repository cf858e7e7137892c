import { applyDefaults, checkInputs } from '../schema-check.ts'
import type { Source, Sources } from './check-plan.ts'
import { checkPlan } from './check-plan.ts'
import { CALLS_MAX, type Plan } from './plan.ts'

/** What is done where no model answers: the last plan as far as it still fits, else each source that needs nothing to be said. */
export function planWithoutModel(sources: Sources, last: Plan | null): { plan: Plan; note: string } | undefined {
  const again = last && checkPlan(last, sources).plan
  if (again && again.calls.length > 0)
    return { plan: again, note: 'No model planned it, so the last plan was done again.' }
  const plan = plainPlan(sources)
  return plan.calls.length === 0
    ? undefined
    : { plan, note: 'No model planned it, so each source that needs no parameters was called once.' }
}

export function plainPlan(sources: Sources): Plan {
  const able = [...sources.values()].filter(isComplete).slice(0, CALLS_MAX)
  return {
    calls: able.map(({ name, schema, given }, index) => ({
      id: `call_${index + 1}`,
      endpoint: name,
      parameters: schema ? applyDefaults(schema, given) : given,
      headers: {},
      priority: 0,
      dependsOn: [],
      critical: false,
    })),
    strategy: 'sequential',
    concurrencyLimit: 1,
    reasoning: '',
    confidence: 0,
  }
}

/** Nothing that changes something is called without anybody having said so. */
const isComplete = ({ method, schema, given }: Source): boolean =>
  (method === undefined || method === 'GET' || method === 'HEAD') &&
  (schema === null || checkInputs(schema, applyDefaults(schema, given)).length === 0)
