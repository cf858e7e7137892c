import type { Problem } from './errors.ts'
import { isJsonObject, type JsonObject } from './json.ts'
import { describe, isTypeName, joinPath, TYPE_WORDS } from './schema-words.ts'
import { didYouMean } from './suggest.ts'

/** Formats with a meaning here: `textarea` and `file` shape the form, the others are checked too. */
const FORMATS = ['textarea', 'email', 'uri', 'date-time', 'date', 'file']

/** Values inside a schema (defaults, choices) nest no deeper than this; what walks them may recurse. */
const VALUE_DEPTH_MAX = 32

/** Says what is wrong with a keyword's value, or undefined. */
type Rule = (value: unknown, schema: JsonObject) => string | undefined

const text: Rule = (value) => (typeof value === 'string' ? undefined : `must be text, not ${describe(value)}`)
const anyJson: Rule = (value) => (isJson(value) ? undefined : 'must be plain JSON, not nested too deep')
const number: Rule = (value) => (Number.isFinite(value) ? undefined : `must be a number, not ${describe(value)}`)
const size: Rule = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : 'must be a whole number, 0 or more'
const atLeast =
  (lower: string, rule: Rule): Rule =>
  (value, schema) =>
    rule(value, schema) ??
    (typeof schema[lower] === 'number' && schema[lower] > (value as number)
      ? `must not be less than ${lower}`
      : undefined)

const RULES: Record<string, Rule> = {
  type: (value) => {
    if (Array.isArray(value)) return 'must be one type, not a list; leave it out to allow any'
    return isTypeName(value) ? undefined : `must be one of ${Object.keys(TYPE_WORDS).join(', ')}`
  },
  title: text,
  description: text,
  default: anyJson,
  examples: (value) => (Array.isArray(value) ? anyJson(value, {}) : `must be a list, not ${describe(value)}`),
  enum: (value) => {
    if (!Array.isArray(value)) return `must be a list, not ${describe(value)}`
    return value.length === 0 ? 'must name at least one value' : anyJson(value, {})
  },
  const: anyJson,
  format: (value) =>
    text(value, {}) ??
    (FORMATS.includes(value as string)
      ? undefined
      : `must be one of ${FORMATS.join(', ')}${didYouMean(value as string, FORMATS)}`),
  minLength: size,
  maxLength: atLeast('minLength', size),
  minimum: number,
  maximum: atLeast('minimum', number),
  // The schema below is looked into by whoever walks the tree.
  items: () => undefined,
  minItems: size,
  maxItems: atLeast('minItems', size),
  properties: (value) => (isJsonObject(value) ? undefined : `must be an object of schemas, not ${describe(value)}`),
  required: (value) => (Array.isArray(value) ? undefined : `must be a list of names, not ${describe(value)}`),
  additionalProperties: (value) =>
    typeof value === 'boolean' || isJsonObject(value)
      ? undefined
      : `must be true, false or a schema, not ${describe(value)}`,
}

const INSTEAD: Record<string, string> = {
  pattern: 'is not supported, because a pattern can be made to run for ever; use enum, format, minLength or maxLength',
  patternProperties: 'is not supported; list the names under properties, or give additionalProperties a schema',
  $ref: 'is not supported; write the schema out where it is used',
  $defs: 'is not supported; write each schema out where it is used',
  definitions: 'is not supported; write each schema out where it is used',
  anyOf: 'is not supported; leave type out to allow any value, or use enum',
  oneOf: 'is not supported; leave type out to allow any value, or use enum',
  allOf: 'is not supported; put the properties into one schema',
  nullable: 'is not supported; leave the property out of required instead',
  exclusiveMinimum: 'is not supported; use minimum',
  exclusiveMaximum: 'is not supported; use maximum',
}

/** What is wrong with the keywords of one schema, without going into the schemas below it. */
export function keywordProblems(schema: JsonObject, path: string): Problem[] {
  const problems: Problem[] = []
  for (const [keyword, value] of Object.entries(schema)) {
    if (value === undefined) continue
    const rule = Object.hasOwn(RULES, keyword) ? RULES[keyword] : undefined
    const message = rule ? rule(value, schema) : unsupported(keyword)
    if (message) problems.push({ path: joinPath(path, keyword), message })
  }
  return [...problems, ...nameProblems(schema, path)]
}

const unsupported = (keyword: string): string =>
  (Object.hasOwn(INSTEAD, keyword) ? INSTEAD[keyword] : undefined) ??
  `is not a supported keyword${didYouMean(keyword, Object.keys(RULES))}`

/** Property names that would be trouble in an object, and required names that no property has. */
function nameProblems({ properties, required, additionalProperties }: JsonObject, path: string): Problem[] {
  const problems: Problem[] = []
  const names = isJsonObject(properties) ? Object.keys(properties) : []
  for (const name of names) {
    if (name === '__proto__' || name === '' || name.length > 64) {
      problems.push({
        path: joinPath(path, `properties.${name}`),
        message: 'must have another name, of 1 to 64 characters',
      })
    }
  }
  const isOpen = additionalProperties === true || isJsonObject(additionalProperties)
  for (const [index, name] of (Array.isArray(required) ? required : []).entries()) {
    const at = joinPath(path, `required.${index}`)
    if (typeof name !== 'string')
      problems.push({ path: at, message: `must be a property's name, not ${describe(name)}` })
    else if (!names.includes(name) && !isOpen) {
      problems.push({ path: at, message: `names ${name}, which is not under properties${didYouMean(name, names)}` })
    }
  }
  return problems
}

/** True for what JSON can hold, down to a depth that recursion stands. */
function isJson(value: unknown, depthMax = VALUE_DEPTH_MAX): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || depthMax === 0) return false
  if (Array.isArray(value)) return value.every((item) => isJson(item, depthMax - 1))
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.values(value).every((item) => item === undefined || isJson(item, depthMax - 1))
}
