import { isJsonObject } from '#core/json.ts'
import { parseUsd } from '#core/money.ts'
import { review } from './read-review.ts'
import {
  choice,
  drop,
  type Entry,
  entriesOf,
  json,
  jsonObject,
  list,
  listed,
  note,
  number,
  object,
  onlyOne,
  type Reader,
  type Reading,
  readFields,
  record,
  text,
} from './shape.ts'

const DAY_MS = 86_400_000

const STEP_ID = /^[a-zA-Z][a-zA-Z0-9_]{0,40}$/
const NAME = /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/

const KINDS = ['toolId', 'jobId', 'review', 'wait'] as const

const word = text({ min: 1, max: 100 })
const path = text({
  max: 500,
  pattern: /^[^.]+(\.[^.]+)*$/,
  say: 'names and numbers with dots between, like items.0.title',
})
const concurrency = number({ min: 1, max: 100 })

/** The further fields that go with each source of a mapping. */
const SOURCES: Record<string, { fields: Record<string, Reader>; required: string[] }> = {
  input: { fields: { input: word }, required: [] },
  step: { fields: { step: word, output: word, path }, required: ['output'] },
  value: { fields: { value: json }, required: [] },
  template: { fields: { template: text({ max: 65_536 }) }, required: [] },
  item: {
    fields: {
      item: (value, at, reading) => (value === true ? true : drop(reading, at, 'must be true')),
      path,
    },
    required: [],
  },
}

const mapping: Reader = (value, at, reading) => {
  const sources = Object.keys(SOURCES)
  if (!isJsonObject(value)) return drop(reading, at, `must be an object with one of ${listed(sources)}`)
  const entries = entriesOf(value, at, [...sources, 'output', 'path', 'default'], reading)
  const source = entries && onlyOne(entries, at, sources, reading)
  const rules = source === undefined ? undefined : SOURCES[source]
  if (!entries || !rules) {
    reading.dropped.add(at)
    return undefined
  }
  const fields = { ...rules.fields, default: json }
  for (const [name, entry] of entries) {
    if (!Object.hasOwn(fields, name)) note(reading, entry.path, `does not go with ${source}`)
  }
  return readFields(entries, at, fields, rules.required, reading)
}

const forEach: Reader = (value, at, reading) => {
  const entries = entriesOf(value, at, ['step', 'output', 'input', 'concurrency'], reading)
  const source = entries && onlyOne(entries, at, ['step', 'input'], reading)
  const output = entries?.get('output')
  if (source === 'input' && output) note(reading, output.path, 'does not go with input')
  const fields: Record<string, Reader> =
    source === 'input' ? { input: word, concurrency } : { step: word, output: word, concurrency }
  const required = source === 'step' ? ['output'] : []
  const read = entries && source !== undefined ? readFields(entries, at, fields, required, reading) : {}
  if ('input' in read || 'step' in read) return read
  reading.dropped.add(at)
  // It is a forEach step in any case: its mappings may speak of the element.
  return { input: '' }
}

const wait: Reader = (value, at, reading) => {
  const entries = entriesOf(value, at, ['ms', 'until'], reading)
  if (!entries || onlyOne(entries, at, ['ms', 'until'], reading) === undefined) return undefined
  return readFields(entries, at, { ms: number({ min: 1, max: 366 * DAY_MS }), until: moment }, [], reading)
}

/** With its zone: without one it would be another moment on another machine. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

const moment: Reader = (value, at, reading) => {
  if (typeof value === 'string' && MOMENT.test(value) && !Number.isNaN(Date.parse(value))) return value
  return drop(reading, at, 'must be a date and time with its zone, like 2027-03-31T09:00:00Z')
}

const stepId = text({
  min: 1,
  pattern: STEP_ID,
  say: 'a letter, then up to 40 letters, digits or _',
})

const STEP_FIELDS: Record<string, Reader> = {
  stepId,
  displayName: text({ min: 1, max: 80 }),
  dependencies: list(word, { what: 'dependencies', max: 100, fallback: '' }),
  inputMappings: record(mapping, { what: 'inputs', max: 100, name: NAME, say: 'letters, digits, _ and -' }),
  condition: text({ min: 1 }),
  forEach,
  retry: object({ maxAttempts: number({ min: 1, max: 10 }), backoffMs: number({ min: 0, max: 600_000 }) }),
  timeoutMs: number({ min: 100, max: 3_600_000 }),
  onFailure: choice('halt', 'skip', 'continue'),
  default: jsonObject,
  toolId: word,
  jobId: word,
  review,
  wait,
}

export const step: Reader = (value, at, reading) => {
  const entries = entriesOf(value, at, Object.keys(STEP_FIELDS), reading)
  if (!entries) return undefined
  if (onlyOne(entries, at, KINDS, reading) === undefined) for (const kind of KINDS) entries.delete(kind)
  noteMisplaced(entries, reading)
  const read = readFields(entries, at, STEP_FIELDS, ['stepId'], reading)
  return 'stepId' in read ? read : { stepId: '', ...read }
}

/** Fields that would do nothing where they stand. */
function noteMisplaced(entries: Map<string, Entry>, reading: Reading): void {
  const fallback = entries.get('default')
  if (fallback && entries.get('onFailure')?.value !== 'continue') {
    note(reading, fallback.path, 'goes with onFailure: continue only')
  }
  const kind = entries.has('review') ? 'review' : entries.has('wait') ? 'wait' : undefined
  const fan = entries.get('forEach')
  if (kind && fan)
    note(reading, fan.path, `does not go with ${kind}; only tools and jobs can work on each element of a list`)
}

export const limits = object({
  maxCostUsd: (value, at, reading) => {
    if (typeof value === 'string' && parseUsd(value) !== undefined && !value.includes('$')) return value
    return drop(reading, at, 'must be dollars as text in quotes, like "0.50"')
  },
  concurrency,
})
