import { isJsonObject, type Json, type JsonObject } from '../json.ts'

/** Headers whose values open something. By name, because nobody can tell by looking at a value. */
const SECRET_NAME = /auth|token|secret|key|cookie|password|credential|signature/i
/** Stands where a value is not shown, or not stored. */
export const MASK = '••••'
const SHOWN_CHARACTERS = 4

/** As a value that opens something is shown: its end, so that one can tell which it is. */
export function masked(value: string): string {
  return MASK + (value.length >= SHOWN_CHARACTERS * 3 ? value.slice(-SHOWN_CHARACTERS) : '')
}

export const maskedHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, SECRET_NAME.test(name) ? masked(value) : value]),
  )

/** The same in what a call is given: in its headers and its query. What stands elsewhere is what it says. */
export const maskedInputs = (inputs: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      name,
      PLACES.has(name) && isJsonObject(value) ? maskedIn(value) : value,
    ]),
  )

const PLACES: ReadonlySet<string> = new Set(['headers', 'query'])

const maskedIn = (values: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]): [string, Json] => [
      name,
      SECRET_NAME.test(name) ? (typeof value === 'string' ? masked(value) : MASK) : value,
    ]),
  )

/** What belongs to the values that open something, and long enough to be told from other words. */
export const secretsIn = (headers: Readonly<Record<string, string>>): string[] =>
  Object.entries(headers).flatMap(([name, value]) => (SECRET_NAME.test(name) ? [value, ...value.split(' ')] : []))

/** Who read a definition and stores it again sends the masks back: what stands behind them stays. */
export function unmaskedHeaders(
  given: Readonly<Record<string, string>>,
  before: Readonly<Record<string, string>>,
): Record<string, string> {
  const known = new Map(Object.entries(before).map(([name, value]) => [name.toLowerCase(), value]))
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const stored = known.get(name.toLowerCase())
      return [name, stored !== undefined && value === masked(stored) ? stored : value]
    }),
  )
}
