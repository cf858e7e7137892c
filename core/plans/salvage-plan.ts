import { isJsonObject } from '../json.ts'
import { circlesOf, frameProblems, planWith } from './check-plan.ts'
import { CALLS_MAX, type Plan, type PlannedCall, SAME_MAX } from './plan.ts'
import { readCalls, type Sources } from './read-calls.ts'

/**
 * What is right of a plan: calls that are wrong are left out, and those that wait for them; what is wrong about the rest of it
 * is set to what is safest. Undefined where nothing is left to do.
 */
export function salvagePlan(value: unknown, sources: Sources): { plan: Plan | undefined; notes: string[] } {
  const notes: string[] = []
  const { calls, problems, names } = readCalls(value, sources)
  const wrong = problems.map((list) => list.map(({ message, path }) => `${lastOf(path)} ${message}`))
  const fit: PlannedCall[] = []
  for (const [index, call] of calls.entries()) {
    const why = wrong[index]?.[0] ?? whyTooMany(call, fit)
    if (why === undefined) fit.push(call)
    else notes.push(`Left out the call to ${names[index] ?? 'something unnamed'}: ${why}.`)
  }
  const { calls: kept, dropped } = withoutLoose(withoutCycles(fit, notes))
  for (const { endpoint } of dropped) notes.push(`Left out the call to ${endpoint}: it waits for one that is not made.`)
  if (kept.length === 0) return { plan: undefined, notes }
  const frame = isJsonObject(value) ? value : {}
  if (frameProblems(value).length > 0) notes.push('What was wrong around the calls was set to what is safest.')
  return { plan: planWith(frame, kept), notes }
}

/** A plan without the calls that may not be made at this moment, and those that wait for them. */
export function withoutResting(
  plan: Plan,
  whyNot: (source: string) => string | undefined,
): { plan: Plan; notes: string[] } {
  const notes: string[] = []
  const awake = plan.calls.filter(({ endpoint }) => {
    const why = whyNot(endpoint)
    if (why !== undefined) notes.push(`Did not call ${endpoint}: ${why}.`)
    return why === undefined
  })
  const { calls, dropped } = withoutLoose(awake)
  for (const { endpoint } of dropped) notes.push(`Did not call ${endpoint}: it waits for one that was not called.`)
  return { plan: { ...plan, calls }, notes: [...new Set(notes)] }
}

function whyTooMany({ endpoint }: PlannedCall, before: readonly PlannedCall[]): string | undefined {
  if (before.length >= CALLS_MAX) return `at most ${CALLS_MAX} calls are made in a cycle`
  const same = before.filter((call) => call.endpoint === endpoint).length
  return same >= SAME_MAX ? `at most ${SAME_MAX} calls are made to one source` : undefined
}

function withoutCycles(calls: PlannedCall[], notes: string[]): PlannedCall[] {
  let left = calls
  for (let circles = circlesOf(left); circles.length > 0; circles = circlesOf(left)) {
    const [circle = []] = circles
    notes.push(`Left out calls that wait for each other: ${circle.join(' → ')}.`)
    left = left.filter(({ id }) => !circle.includes(id))
  }
  return left
}

/** Without the calls that wait for one that is not there, however far back. */
function withoutLoose(calls: readonly PlannedCall[]): { calls: PlannedCall[]; dropped: PlannedCall[] } {
  const dropped: PlannedCall[] = []
  let left = [...calls]
  for (;;) {
    const ids = new Set(left.map(({ id }) => id))
    const loose = left.filter(({ dependsOn }) => dependsOn.some((id) => !ids.has(id)))
    if (loose.length === 0) return { calls: left, dropped }
    dropped.push(...loose)
    left = left.filter((call) => !loose.includes(call))
  }
}

const lastOf = (path: string): string => path.split('.').slice(2).join('.') || 'it'
