import { parseDurationMs } from '#core/duration.ts'
import { isJsonObject, type JsonObject } from '#core/json.ts'
import { parseUsd } from '#core/money.ts'
import { isTimeZone } from '../time-zone.ts'
import { schema } from './read-schema.ts'
import { choice, drop, flag, list, note, number, object, type Reader, type Reading, text } from './shape.ts'

const DAY_MS = 86_400_000
const AFTER_MIN_MS = 1_000
const AFTER_MAX_MS = 366 * DAY_MS
/** More people than this nobody waits for. */
const COUNT_MAX = 50

const word = text({ min: 1, max: 100 })
const milliseconds = number({ min: AFTER_MIN_MS, max: AFTER_MAX_MS })

const duration: Reader = (value, at, reading) => {
  const ms = typeof value === 'string' ? parseDurationMs(value) : undefined
  if (ms !== undefined && ms >= AFTER_MIN_MS && ms <= AFTER_MAX_MS) return value as string
  return drop(reading, at, 'must be a length of time from 1s to 366d, like 30m, 2h or 1d')
}

const timeOfDay = text({ pattern: /^([01]\d|2[0-3]):[0-5]\d$/, say: 'a time of day like 22:00' })

const timeZone: Reader = (value, at, reading) =>
  typeof value === 'string' && isTimeZone(value)
    ? value
    : drop(reading, at, 'must be a time zone like Europe/Lisbon or UTC')

const amount: Reader = (value, at, reading) =>
  typeof value === 'string' && parseUsd(value) !== undefined && !value.includes('$')
    ? value
    : drop(reading, at, 'must be dollars as text in quotes, like "50.00"')

/** With exactly one of `after` (text) and `afterMs`. */
const afterWith =
  (fields: Record<string, Reader>): Reader =>
  (value, at, reading) => {
    const names = Object.keys(fields)
    const read = object({ ...fields, after: duration, afterMs: milliseconds }, names)(value, at, reading)
    if (isJsonObject(value)) oneOf(value, ['after', 'afterMs'], at, reading, true)
    return read
  }

function oneOf(value: JsonObject, names: string[], at: string, reading: Reading, isRequired: boolean): void {
  const given = names.filter((name) => value[name] !== undefined)
  if (given.length > 1) note(reading, `${at}.${names[1]}`, `says the same as ${names[0]}; one is enough`)
  if (given.length === 0 && isRequired) note(reading, `${at}.${names[1]}`, 'is required')
}

const fields = object(
  {
    kind: choice('decide', 'choose', 'form'),
    prompt: text(),
    approvers: object({
      people: list(word, { what: 'people', max: COUNT_MAX, fallback: '' }),
      accounts: list(word, { what: 'accounts', max: COUNT_MAX, fallback: '' }),
      roles: list(choice('owner', 'admin', 'member'), { what: 'roles', max: 3, fallback: '' }),
      count: number({ min: 1, max: COUNT_MAX }),
    }),
    selfApproval: flag,
    twoPersonAboveUsd: amount,
    schema,
    remindAfter: duration,
    remindAfterMs: milliseconds,
    standIn: afterWith({ account: word }),
    timeout: afterWith({ outcome: choice('approve', 'reject', 'fail') }),
    quietHours: (value, at, reading) => {
      const read = object({ from: timeOfDay, to: timeOfDay, timeZone }, ['from', 'to'])(value, at, reading)
      if (isJsonObject(read) && read.from !== undefined && read.from === read.to) {
        note(reading, `${at}.to`, 'must be another time than from')
      }
      return read
    },
  },
  ['kind'],
)

/** A review as a step's kind or of a job's result. A form needs its fields, and only a form has any. */
export const review: Reader = (value, at, reading) => {
  const read = fields(value, at, reading)
  if (!isJsonObject(read) || !isJsonObject(value)) return read
  const { kind } = read
  if (kind === 'form' && value.schema === undefined)
    note(reading, `${at}.schema`, 'is required: it says which fields the form has')
  if (kind !== 'form' && kind !== undefined && value.schema !== undefined) {
    note(reading, `${at}.schema`, 'goes with kind form only')
  }
  if (kind === 'form' && isJsonObject(value.schema) && value.schema.type !== 'object') {
    note(reading, `${at}.schema.type`, 'must be object: a form has its fields by name')
  }
  oneOf(value, ['remindAfter', 'remindAfterMs'], at, reading, false)
  if (kind !== 'decide' && isJsonObject(read.timeout) && read.timeout.outcome === 'approve') {
    note(reading, `${at}.timeout.outcome`, 'goes with kind decide only: nobody would have chosen or filled in anything')
  }
  return read
}
