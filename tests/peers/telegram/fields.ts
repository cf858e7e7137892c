import { refuse } from './errors.ts'

export type Fields = Record<string, unknown>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// Telegram's JSON reader takes numbers where it wants strings and the other way round; these do the same.
export function optionalString(fields: Fields, name: string): string {
  const value = fields[name]
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  throw refuse(`Field "${name}" must be of type String`)
}

export function requiredString(fields: Fields, name: string): string {
  present(fields, name)
  return optionalString(fields, name)
}

export function optionalInt(fields: Fields, name: string): number {
  const value = fields[name]
  if (value === undefined) return 0
  const number = typeof value === 'string' ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw refuse(`Field "${name}" must be a valid Number`)
}

export function requiredInt(fields: Fields, name: string): number {
  present(fields, name)
  return optionalInt(fields, name)
}

export function optionalBool(fields: Fields, name: string): boolean {
  const value = fields[name]
  if (value === undefined) return false
  if (typeof value === 'boolean') return value
  throw refuse(`Field "${name}" must be of type Boolean`)
}

export function requiredObject(fields: Fields, name: string): Fields {
  present(fields, name)
  const value = fields[name]
  if (isFields(value)) return value
  throw refuse(`Field "${name}" must be of type Object`)
}

function present(fields: Fields, name: string): void {
  if (fields[name] === undefined) throw refuse(`Can't find field "${name}"`)
}
