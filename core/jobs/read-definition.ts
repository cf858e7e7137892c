import { isJsonObject, type JsonObject } from '#core/json.ts'
import type { JobDefinition } from './definition.ts'
import { review } from './read-review.ts'
import { schema } from './read-schema.ts'
import { limits, step } from './read-step.ts'
import {
  choice,
  drop,
  list,
  newReading,
  note,
  number,
  object,
  type Reader,
  type Reading,
  record,
  text,
} from './shape.ts'

const JOB_ID = /^[a-z][a-z0-9-]{0,30}$/
const STEPS_MAX = 100
const INPUTS_MAX = 50
const OUTPUTS_MAX = 50
/** Names people type as `--name value` and templates read as `input.name`. */
const INPUT_NAME = /^[a-zA-Z][a-zA-Z0-9_-]{0,40}$/

const inputSchema: Reader = (value, at, reading) => {
  const read = schema(value, at, reading)
  if (!isJsonObject(read) || !isJsonObject(value)) return read
  if (value.type !== 'object') note(reading, `${at}.type`, 'must be object: a job takes its inputs by name')
  const names = isJsonObject(value.properties) ? Object.keys(value.properties) : []
  if (names.length > INPUTS_MAX) {
    note(reading, `${at}.properties`, `has ${names.length} inputs; at most ${INPUTS_MAX} are allowed`)
  }
  for (const name of names) {
    if (!INPUT_NAME.test(name) && name !== '__proto__' && name !== '' && name.length <= 64) {
      note(
        reading,
        `${at}.properties.${name}`,
        'must have another name: a letter, then up to 40 letters, digits, _ or -',
      )
    }
  }
  return read
}

const outputFields = object(
  {
    step: text({ min: 1, max: 100 }),
    output: text({ min: 1, max: 100 }),
    path: text({
      max: 500,
      pattern: /^[^.]+(\.[^.]+)*$/,
      say: 'names and numbers with dots between, like items.0.title',
    }),
  },
  ['step', 'output'],
)

/** An output that names no step is of no use to later checks. */
const output: Reader = (value, at, reading) => {
  const read = outputFields(value, at, reading)
  return isJsonObject(read) && 'step' in read ? read : undefined
}

const definition = object(
  {
    jobId: text({ min: 1, pattern: JOB_ID, say: 'a small letter, then up to 30 small letters, digits or -' }),
    displayName: text({ min: 1, max: 80 }),
    description: text({ max: 2_000 }),
    inputSchema,
    primaryInput: text({ min: 1, max: 100 }),
    steps: list(step, { what: 'steps', min: 1, max: STEPS_MAX, fallback: { stepId: '' } }),
    outputs: record(output, {
      what: 'outputs',
      max: OUTPUTS_MAX,
      name: INPUT_NAME,
      say: 'a letter, then up to 40 letters, digits, _ or -',
    }),
    review,
    limits,
    roles: list(choice('marketing', 'support', 'analyst', 'content', 'operations', 'custom'), {
      what: 'roles',
      max: 6,
      fallback: 'custom',
    }),
    baselineMinutes: number({ min: 0, max: 100_000, isWhole: false }),
  },
  ['jobId', 'displayName', 'steps'],
)

/** What a definition without these has. The first three are required; an empty one only lets later checks go on. */
const LEFT_OUT: JsonObject = {
  jobId: '',
  displayName: '',
  steps: [],
  description: '',
  inputSchema: { type: 'object', properties: {} },
  outputs: {},
}

/**
 * The shape of a definition. `draft` holds what could be understood, whole when there are no problems; use it for
 * further checks only. The value must be plain JSON of limited depth.
 */
export function readDefinition(value: unknown): { draft: JobDefinition; reading: Reading } {
  const reading = newReading()
  const read = definition(value, '', reading)
  const draft: JsonObject = isJsonObject(read) ? { ...read } : {}
  for (const [name, empty] of Object.entries(LEFT_OUT)) draft[name] ??= structuredClone(empty)
  noteTwins(draft.steps as JsonObject[], reading)
  return { draft: draft as unknown as JobDefinition, reading }
}

function noteTwins(steps: JsonObject[], reading: Reading): void {
  const first = new Map<unknown, number>()
  for (const [index, { stepId }] of steps.entries()) {
    const earlier = first.get(stepId)
    if (earlier === undefined) first.set(stepId, index)
    else if (stepId !== '')
      drop(reading, `steps.${index}.stepId`, `must be unique, but step ${earlier + 1} is called ${stepId} too`)
  }
}
