import type { JsonSchema } from './schema.ts'
import { checkValue } from './schema-check.ts'
import { joinPath, TYPE_WORDS } from './schema-words.ts'

/**
 * Why a value of one schema can never be a value of the other (`is a number, but text is needed`), or undefined when
 * it can. Schemas that say little fit everything: what is only sometimes wrong is found when the value is there.
 */
export function fits(from: JsonSchema, to: JsonSchema): string | undefined {
  const misfit = misfitOf(from, to, '')
  return misfit && (misfit.path === '' ? misfit.reason : `at ${misfit.path} ${misfit.reason}`)
}

/**
 * The schema of what lies at `items.0.title`; the schema itself for an empty path. `{}` where anything may be, undefined
 * where nothing can be. With `liquid`, also what templates read: `size`, `first` and `last`.
 */
export function schemaAt(
  schema: JsonSchema,
  path: string | readonly string[],
  options: { liquid?: boolean } = {},
): JsonSchema | undefined {
  const keys = typeof path === 'string' ? path.split('.').filter((key) => key !== '') : path
  let at: JsonSchema | undefined = schema
  for (const key of keys) {
    at = at && ((options.liquid ? liquidChild(at, key) : undefined) ?? childAt(at, key))
  }
  return at
}

/** The names that may follow a schema in a path, for suggestions. */
export const namesIn = (schema: JsonSchema): string[] => Object.keys(schema.properties ?? {})

interface Misfit {
  path: string
  reason: string
}

function misfitOf(from: JsonSchema, to: JsonSchema, path: string): Misfit | undefined {
  const values = from.const !== undefined ? [from.const] : from.enum
  if (values) {
    const [problem] = checkValue(to, values[0])
    const isNever = values.every((value) => checkValue(to, value).length > 0)
    return isNever && problem ? { path: join(path, problem.path), reason: problem.message } : undefined
  }
  if (from.type !== undefined && to.type !== undefined && !canBe(from.type, to.type)) {
    return { path, reason: `is ${TYPE_WORDS[from.type]}, but ${TYPE_WORDS[to.type]} is needed` }
  }
  const apart = boundsApart(from, to)
  if (apart) return { path, reason: apart }
  if (from.items && to.items) {
    const misfit = misfitOf(from.items, to.items, join(path, 'items'))
    if (misfit) return misfit
  }
  return propertyMisfit(from, to, path)
}

const join = (path: string, rest: string): string => (rest === '' ? path : joinPath(path, rest))

/** A number may happen to be whole, so it can be an integer. */
const canBe = (from: string, to: string): boolean =>
  from === to || (from === 'integer' && to === 'number') || (from === 'number' && to === 'integer')

function boundsApart(from: JsonSchema, to: JsonSchema): string | undefined {
  const isAbove = (least?: number, most?: number): boolean => least !== undefined && most !== undefined && least > most
  if (isAbove(from.minimum, to.maximum)) return `is at least ${from.minimum}, but at most ${to.maximum} is needed`
  if (isAbove(to.minimum, from.maximum)) return `is at most ${from.maximum}, but at least ${to.minimum} is needed`
  if (isAbove(from.minLength, to.maxLength) || isAbove(from.minItems, to.maxItems)) return 'is longer than is allowed'
  if (isAbove(to.minLength, from.maxLength) || isAbove(to.minItems, from.maxItems)) return 'is shorter than is needed'
  return undefined
}

function propertyMisfit(from: JsonSchema, to: JsonSchema, path: string): Misfit | undefined {
  const given = from.properties ?? {}
  const needed = to.properties ?? {}
  for (const name of to.required ?? []) {
    if (from.type === 'object' && from.additionalProperties === false && !Object.hasOwn(given, name)) {
      return { path: joinPath(path, name), reason: 'is missing, but needed' }
    }
  }
  for (const [name, property] of Object.entries(given)) {
    const target = Object.hasOwn(needed, name) ? needed[name] : undefined
    const isSure = from.required?.includes(name) || to.required?.includes(name)
    const misfit = target && isSure ? misfitOf(property, target, joinPath(path, name)) : undefined
    if (misfit) return misfit
    if (
      !target &&
      to.additionalProperties === false &&
      Object.hasOwn(to, 'properties') &&
      from.required?.includes(name)
    ) {
      return { path: joinPath(path, name), reason: 'is not allowed' }
    }
  }
  return undefined
}

function childAt(schema: JsonSchema, key: string): JsonSchema | undefined {
  if (schema.type === 'array' || (schema.type === undefined && schema.items)) {
    return /^\d{1,9}$/.test(key) ? (schema.items ?? {}) : undefined
  }
  if (schema.type !== 'object' && schema.type !== undefined) return undefined
  const { properties, additionalProperties } = schema
  if (properties && Object.hasOwn(properties, key)) return properties[key]
  if (typeof additionalProperties === 'object') return additionalProperties
  // Who lists properties without saying that there are more, means these: a typo should be found before a run.
  return additionalProperties === true || (additionalProperties === undefined && !properties) ? {} : undefined
}

function liquidChild(schema: JsonSchema, key: string): JsonSchema | undefined {
  if (key === 'size' && (schema.type === 'array' || schema.type === 'string')) return { type: 'integer', minimum: 0 }
  if ((key === 'first' || key === 'last') && schema.type === 'array') return schema.items ?? {}
  return undefined
}
