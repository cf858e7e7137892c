import type { JsonObject } from '#core/json.ts'
import { checkSchema } from '#core/schema-check.ts'
import type { Reader } from './shape.ts'

/** What is kept of a schema: all of it, or when anything is wrong with it one that says nothing. */
export const schema: Reader = (value, at, reading) => {
  const problems = checkSchema(value, at)
  reading.problems.push(...problems)
  if (problems.length > 0) reading.dropped.add(at)
  return problems.length > 0 ? {} : (value as JsonObject)
}
