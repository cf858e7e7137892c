import { cut } from './cut.ts'
import { isJsonObject, type Json } from './json.ts'
import type { JsonSchema } from './schema.ts'

export type TypeName = NonNullable<JsonSchema['type']>

export const TYPE_WORDS: Record<TypeName, string> = {
  object: 'an object',
  array: 'a list',
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
}

export const isTypeName = (value: unknown): value is TypeName =>
  typeof value === 'string' && Object.hasOwn(TYPE_WORDS, value)

/** `title` under `inputSchema.properties` → `inputSchema.properties.title`; no dot in front at the top. */
export const joinPath = (path: string, key: string | number): string => (path === '' ? `${key}` : `${path}.${key}`)

/** What kind of value this is, in words for a sentence: `text`, `a number`, `a list`. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : `the number ${value}`
  return typeof value === 'string' ? 'text' : 'an object'
}

/** A value in a sentence, cut after 60 characters. */
export function show(value: Json): string {
  const shown = typeof value === 'string' ? value : JSON.stringify(value)
  return shown.length > 60 ? `${cut(shown, 59)}…` : shown === '' ? '""' : shown
}

/** Equal as JSON, whatever the order of keys. Walks no deeper than the shallower of the two. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => isSame(item, b[index]))
    )
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]))
}

/** True when the value is of that JSON Schema type. */
export function hasType(value: unknown, type: TypeName): boolean {
  switch (type) {
    case 'object':
      return isJsonObject(value)
    case 'array':
      return Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    case 'number':
      return Number.isFinite(value)
    case 'null':
      return value === null
    default:
      return typeof value === type
  }
}
