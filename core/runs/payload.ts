import { cut } from '../cut.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'

/** What looks like a secret by its name is not for the log, whoever put it there. */
const SECRET_NAME = /secret|token|password|passwd|api[-_]?key|authorization|cookie|credential/i
/** Enough to see what it was; the whole stands with the run. */
const TEXT_MAX_CHARACTERS = 1_000
const ITEMS_MAX = 20
const DEPTH_MAX = 6

/** A step's input or output as the log keeps it: secrets hidden, long texts and lists cut and said to be cut. */
export function logged(payload: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, loggedValue(name, value, 0)]))
}

function loggedValue(name: string, value: Json, depth: number): Json {
  if (SECRET_NAME.test(name)) return '[hidden]'
  if (typeof value === 'string') return cutText(value)
  if (depth >= DEPTH_MAX) return '[deeper]'
  if (Array.isArray(value)) {
    const items = value.slice(0, ITEMS_MAX).map((item) => loggedValue('', item, depth + 1))
    return value.length > ITEMS_MAX ? [...items, `… ${value.length - ITEMS_MAX} more`] : items
  }
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, loggedValue(key, inner, depth + 1)]))
}

function cutText(text: string): string {
  if (text.length <= TEXT_MAX_CHARACTERS) return text
  return `${cut(text, TEXT_MAX_CHARACTERS)}… ${text.length - TEXT_MAX_CHARACTERS} more characters`
}
