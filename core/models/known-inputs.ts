import type { JobDefinition, Mapping, StepDefinition } from '../jobs/definition.ts'
import { canonicalJson, type Json, type JsonObject } from '../json.ts'
import { applyDefaults } from '../schema-check.ts'

/** Stands for what only the run will find out. */
export const OPEN = Symbol('open')

type Known = Json | typeof OPEN

/** By name; what is not in it is given by nobody. */
export type KnownInputs = ReadonlyMap<string, Known>

type Source = Pick<KnownInputs, 'get'>

/** What a step's mappings give, as far as it is known from the inputs of its job. */
export function knownOf({ inputMappings = {} }: StepDefinition, inputs: Source): KnownInputs {
  const known = new Map<string, Known>()
  for (const [name, mapping] of Object.entries(inputMappings)) {
    const value = sourceOf(mapping, inputs)
    if (value !== undefined) known.set(name, value)
  }
  return known
}

function sourceOf(mapping: Mapping, inputs: Source): Known | undefined {
  if ('value' in mapping) return mapping.value
  if (!('input' in mapping)) return OPEN
  const value = inputs.get(mapping.input)
  return value === undefined ? mapping.default : value
}

export const valuesOf = (known: KnownInputs): JsonObject =>
  Object.fromEntries([...known].filter((entry): entry is [string, Json] => entry[1] !== OPEN))

/**
 * What the first of these jobs hands down to the others, from its own inputs: known is what every step that nests a job gives
 * it alike.
 */
export function inputsHandedDown(jobs: readonly JobDefinition[], inputs: JsonObject = {}): (jobId: string) => Source {
  const found = new Map<string, Source>()
  if (jobs[0]) found.set(jobs[0].jobId, new Map(Object.entries(inputs)))
  const inputsOf = (jobId: string): Source => {
    const before = found.get(jobId)
    if (before) return before
    // Of a job within itself nothing is known.
    found.set(jobId, { get: () => OPEN })
    const schema = jobs.find((job) => job.jobId === jobId)?.inputSchema ?? {}
    const ways = jobs.flatMap((caller) =>
      caller.steps
        .filter((step) => 'jobId' in step && step.jobId === jobId)
        .map((step) => {
          const given = knownOf(step, inputsOf(caller.jobId))
          return new Map<string, Known>([...given, ...Object.entries(applyDefaults(schema, valuesOf(given)))])
        }),
    )
    const known = alike(ways)
    found.set(jobId, known)
    return known
  }
  return inputsOf
}

function alike(ways: readonly KnownInputs[]): KnownInputs {
  const [first, ...others] = ways
  const names = new Set(ways.flatMap((way) => [...way.keys()]))
  const same = (name: string): Known => {
    const value = first?.get(name)
    const isSame = value !== undefined && others.every((other) => isEqual(value, other.get(name)))
    return isSame ? value : OPEN
  }
  return new Map([...names].map((name) => [name, same(name)]))
}

const isEqual = (one: Known, other: Known | undefined): boolean =>
  one !== OPEN && other !== OPEN && other !== undefined && canonicalJson(one) === canonicalJson(other)
