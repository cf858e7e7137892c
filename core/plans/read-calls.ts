import type { Problem } from '../errors.ts'
import { isJsonObject, isShallow, type Json, type JsonObject } from '../json.ts'
import type { JsonSchema } from '../schema.ts'
import { applyDefaults, checkInputs, checkValue } from '../schema-check.ts'
import { headerProblems } from './check-headers.ts'
import { CALL_SCHEMA, CALLS_MAX, PARAMETERS_MAX_BYTES, type PlannedCall } from './plan.ts'

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

const PARAMETERS_DEPTH = 16
/** As steps of a job are called; a dash is as good as a line. */
const ID = /^[A-Za-z]\w{0,39}$/
const plainId = (id: string): string => id.replaceAll('-', '_')

/** Each call as far as it can be read, and beside it what is wrong with it. Past a bound nothing is read. */
export function readCalls(
  value: unknown,
  sources: Sources,
): { calls: PlannedCall[]; problems: Problem[][]; names: string[] } {
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
