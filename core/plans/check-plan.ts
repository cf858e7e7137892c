import type { Problem } from '../errors.ts'
import { cyclesOf, planOf } from '../jobs/graph.ts'
import { isJsonObject, isShallow, type Json, type JsonObject } from '../json.ts'
import type { JsonSchema } from '../schema.ts'
import { applyDefaults, checkInputs, checkValue } from '../schema-check.ts'
import { headerProblems } from './check-headers.ts'
import {
  CALL_SCHEMA,
  CALLS_MAX,
  CONCURRENCY_MAX,
  PARAMETERS_MAX_BYTES,
  PLAN_SCHEMA,
  type Plan,
  type PlannedCall,
  REASONING_MAX,
  SAME_MAX,
  STRATEGIES,
  type Strategy,
} from './plan.ts'

/** Something that a plan may call, as it is now. */
export interface Source {
  name: string
  description: string
  /** Of an endpoint; undefined for jobs. */
  method?: string
  /** What its parameters must be; null takes anything. */
  schema: JsonSchema | null
  /** Parameters that are there without being given. */
  given: JsonObject
}

export type Sources = ReadonlyMap<string, Source>

export type Checked = { plan: Plan; problems: [] } | { plan: undefined; problems: Problem[] }

const PARAMETERS_DEPTH = 16
/** As steps of a job are called; a dash is as good as a line. */
const ID = /^[A-Za-z]\w{0,39}$/
const plainId = (id: string): string => id.replaceAll('-', '_')

/** A plan as a model has written it, with everything that is wrong with it, its shape and its meaning. */
export function checkPlan(value: unknown, sources: Sources): Checked {
  const { calls, problems } = readCalls(value, sources)
  const all = [...frameProblems(value), ...problems.flat(), ...togetherProblems(calls)]
  if (all.length > 0) return { plan: undefined, problems: all }
  return { plan: planWith(value as JsonObject, calls), problems: [] }
}

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

/** What is wrong with everything but the calls themselves. */
function frameProblems(value: unknown): Problem[] {
  if (!isJsonObject(value)) return [{ path: '', message: 'must be an object' }]
  const schema = { ...PLAN_SCHEMA, properties: { ...PLAN_SCHEMA.properties, calls: {} } }
  const problems = checkValue(schema, value)
  if (value.calls !== undefined && !Array.isArray(value.calls))
    problems.push({ path: 'calls', message: 'must be a list' })
  return problems
}

/** Each call as far as it can be read, and beside it what is wrong with it. Past a bound nothing is read. */
function readCalls(value: unknown, sources: Sources): { calls: PlannedCall[]; problems: Problem[][]; names: string[] } {
  const given = isJsonObject(value) && Array.isArray(value.calls) ? value.calls.slice(0, CALLS_MAX * 5) : []
  const ids = idsOf(given)
  const calls = given.map((call, index) => readCall(call, ids[index] ?? '', sources))
  const known = knownNames(calls)
  const problems = given.map((call, index) => [
    ...callProblems(call, `calls.${index}`, sources),
    ...dependencyProblems(calls[index] as PlannedCall, `calls.${index}.dependsOn`, known),
    ...twinProblems(calls, index),
  ])
  const resolved = calls.map((call) => ({ ...call, dependsOn: resolve(call, known) }))
  return { calls: resolved, problems, names: calls.map(({ endpoint }) => endpoint) }
}

/** A call without a name of its own is called as what it calls. */
function idsOf(calls: readonly Json[]): string[] {
  const taken = new Map<string, number>()
  return calls.map((call, index) => {
    if (isJsonObject(call) && typeof call.id === 'string' && ID.test(plainId(call.id))) return plainId(call.id)
    const source = isJsonObject(call) && typeof call.endpoint === 'string' ? call.endpoint : ''
    const base =
      source
        .replaceAll(/\W/g, '_')
        .replace(/^[^A-Za-z]+/, '')
        .slice(0, 36) || `call_${index + 1}`
    const times = (taken.get(base) ?? 0) + 1
    taken.set(base, times)
    return times === 1 ? base : `${base}_${times}`
  })
}

function readCall(value: unknown, id: string, sources: Sources): PlannedCall {
  const call = isJsonObject(value) ? value : {}
  const endpoint = typeof call.endpoint === 'string' ? call.endpoint : ''
  const source = sources.get(endpoint)
  const parameters = { ...source?.given, ...(isJsonObject(call.parameters) ? call.parameters : {}) }
  return {
    id,
    endpoint,
    parameters: source?.schema ? applyDefaults(source.schema, parameters) : parameters,
    headers: isJsonObject(call.headers) ? (call.headers as Record<string, string>) : {},
    priority: typeof call.priority === 'number' ? call.priority : 0,
    dependsOn: Array.isArray(call.dependsOn) ? call.dependsOn.filter((one) => typeof one === 'string') : [],
    critical: call.critical === true,
  }
}

function callProblems(value: unknown, path: string, sources: Sources): Problem[] {
  const shape = checkValue(CALL_SCHEMA, value, path)
  if (shape.length > 0 || !isJsonObject(value)) return shape
  const source = sources.get(String(value.endpoint))
  if (!source) {
    const known = [...sources.keys()].join(', ')
    return [
      {
        path: `${path}.endpoint`,
        message: `names ${JSON.stringify(value.endpoint)}, which it may not call; there are ${known}`,
      },
    ]
  }
  if (typeof value.id === 'string' && !ID.test(plainId(value.id))) {
    return [{ path: `${path}.id`, message: 'must be a letter, then letters, digits or _' }]
  }
  const headers = isJsonObject(value.headers) ? value.headers : {}
  const parameters = isJsonObject(value.parameters) ? value.parameters : {}
  if (source.method === undefined && Object.keys(headers).length > 0) {
    return [{ path: `${path}.headers`, message: 'are for endpoints only' }]
  }
  return [...headerProblems(headers, `${path}.headers`), ...parameterProblems(source, parameters, `${path}.parameters`)]
}

function parameterProblems({ schema, given }: Source, parameters: JsonObject, path: string): Problem[] {
  if (!isShallow(parameters, PARAMETERS_DEPTH)) return [{ path, message: 'are nested too deep' }]
  if (Buffer.byteLength(JSON.stringify(parameters)) > PARAMETERS_MAX_BYTES) {
    return [{ path, message: `are larger than ${PARAMETERS_MAX_BYTES} bytes` }]
  }
  return schema ? checkInputs(schema, applyDefaults(schema, { ...given, ...parameters }), path) : []
}

/** By its id, or by what it calls where that is one call only. */
function knownNames(calls: readonly PlannedCall[]): Map<string, string> {
  const known = new Map<string, string>()
  const bySource = Map.groupBy(calls, ({ endpoint }) => endpoint)
  for (const [endpoint, [only, another]] of bySource) if (only && !another) known.set(endpoint, only.id)
  for (const { id } of calls) known.set(id, id)
  return known
}

const resolve = ({ dependsOn }: PlannedCall, known: ReadonlyMap<string, string>): string[] => [
  ...new Set(dependsOn.map((name) => known.get(name) ?? known.get(plainId(name)) ?? name)),
]

function dependencyProblems(
  { id, dependsOn }: PlannedCall,
  path: string,
  known: ReadonlyMap<string, string>,
): Problem[] {
  return dependsOn.flatMap((name): Problem[] => {
    const found = known.get(name) ?? known.get(plainId(name))
    if (found === undefined) return [{ path, message: `names ${JSON.stringify(name)}, and there is no such call` }]
    return found === id ? [{ path, message: 'names the call itself' }] : []
  })
}

const twinProblems = (calls: readonly PlannedCall[], index: number): Problem[] =>
  calls.slice(0, index).some(({ id }) => id === calls[index]?.id)
    ? [{ path: `calls.${index}.id`, message: `is ${calls[index]?.id}, as of a call before it` }]
    : []

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

function whyTooMany({ endpoint }: PlannedCall, before: readonly PlannedCall[]): string | undefined {
  if (before.length >= CALLS_MAX) return `at most ${CALLS_MAX} calls are made in a cycle`
  const same = before.filter((call) => call.endpoint === endpoint).length
  return same >= SAME_MAX ? `at most ${SAME_MAX} calls are made to one source` : undefined
}

const circlesOf = (calls: readonly PlannedCall[]): string[][] =>
  cyclesOf(
    planOf({ steps: calls.map(({ id, dependsOn }) => ({ stepId: id, dependencies: dependsOn, toolId: 'x' })) }),
  ).filter((circle) => circle.length > 2)

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

function planWith(frame: JsonObject, calls: PlannedCall[]): Plan {
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

const lastOf = (path: string): string => path.split('.').slice(2).join('.') || 'it'
