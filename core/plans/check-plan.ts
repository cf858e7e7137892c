import type { Problem } from '../errors.ts'
import { cyclesOf, planOf } from '../jobs/graph.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import { checkValue } from '../schema-check.ts'
import {
  CALLS_MAX,
  CONCURRENCY_MAX,
  PLAN_SCHEMA,
  type Plan,
  type PlannedCall,
  REASONING_MAX,
  SAME_MAX,
  STRATEGIES,
  type Strategy,
} from './plan.ts'
import { readCalls, type Sources } from './read-calls.ts'

export type Checked = { plan: Plan; problems: [] } | { plan: undefined; problems: Problem[] }

/** A plan as a model has written it, with everything that is wrong with it, its shape and its meaning. */
export function checkPlan(value: unknown, sources: Sources): Checked {
  const { calls, problems } = readCalls(value, sources)
  const all = [...frameProblems(value), ...problems.flat(), ...togetherProblems(calls)]
  if (all.length > 0) return { plan: undefined, problems: all }
  return { plan: planWith(value as JsonObject, calls), problems: [] }
}

/** What is wrong with everything but the calls themselves. */
export function frameProblems(value: unknown): Problem[] {
  if (!isJsonObject(value)) return [{ path: '', message: 'must be an object' }]
  const schema = { ...PLAN_SCHEMA, properties: { ...PLAN_SCHEMA.properties, calls: {} } }
  const problems = checkValue(schema, value)
  if (value.calls !== undefined && !Array.isArray(value.calls))
    problems.push({ path: 'calls', message: 'must be a list' })
  return problems
}

/** What is wrong with the calls as a whole. */
function togetherProblems(calls: readonly PlannedCall[]): Problem[] {
  const problems: Problem[] = []
  if (calls.length > CALLS_MAX)
    problems.push({ path: 'calls', message: `are ${calls.length}; at most ${CALLS_MAX} are made in a cycle` })
  for (const [endpoint, same] of Map.groupBy(calls, (call) => call.endpoint)) {
    if (same.length > SAME_MAX)
      problems.push({ path: 'calls', message: `has ${same.length} calls to ${endpoint}; at most ${SAME_MAX} are made` })
  }
  for (const circle of circlesOf(calls))
    problems.push({ path: 'calls', message: `wait for each other in a circle: ${circle.join(' → ')}` })
  return problems
}

export const circlesOf = (calls: readonly PlannedCall[]): string[][] =>
  cyclesOf(
    planOf({ steps: calls.map(({ id, dependsOn }) => ({ stepId: id, dependencies: dependsOn, toolId: 'x' })) }),
  ).filter((circle) => circle.length > 2)

export function planWith(frame: JsonObject, calls: PlannedCall[]): Plan {
  const { strategy, concurrencyLimit, reasoning, confidence } = frame
  const isStrategy = STRATEGIES.includes(strategy as Strategy)
  const limit = typeof concurrencyLimit === 'number' && Number.isInteger(concurrencyLimit) ? concurrencyLimit : 1
  return {
    calls,
    strategy: isStrategy ? (strategy as Strategy) : 'sequential',
    concurrencyLimit: Math.min(CONCURRENCY_MAX, Math.max(1, limit)),
    reasoning: typeof reasoning === 'string' ? reasoning.slice(0, REASONING_MAX) : '',
    confidence: typeof confidence === 'number' && confidence >= 0 && confidence <= 1 ? confidence : 0,
  }
}
