import type { Problem } from './errors.ts'
import { isJsonObject, type Json, type JsonObject } from './json.ts'
import type { JsonSchema } from './schema.ts'
import { keywordProblems } from './schema-keywords.ts'
import { listRules, numberRules, textRules } from './schema-rules.ts'
import { describe, hasType, isSame, isTypeName, joinPath, show, TYPE_WORDS } from './schema-words.ts'
import { didYouMean } from './suggest.ts'

/** How deep schemas may nest and how many properties one may hold in all: enough for forms, too little for bombs. */
const DEPTH_MAX = 10
const PROPERTIES_MAX = 200

/**
 * Everything in a schema that is outside the subset of core/schema.ts or contradicts itself, at once:
 * unknown keywords, wrong types, `required` names that do not exist, defaults that break their own schema.
 */
export function checkSchema(schema: unknown, path = ''): Problem[] {
  const problems: Problem[] = []
  const count = { properties: 0 }
  visitSchema(schema, path, 1, count, problems)
  if (count.properties > PROPERTIES_MAX) {
    problems.push({ path, message: `has ${count.properties} properties; at most ${PROPERTIES_MAX} are allowed` })
  }
  return problems
}

function visitSchema(
  schema: unknown,
  path: string,
  depth: number,
  count: { properties: number },
  out: Problem[],
): void {
  if (!isJsonObject(schema)) {
    out.push({ path, message: `must be a schema object, not ${describe(schema)}` })
    return
  }
  if (depth > DEPTH_MAX) {
    out.push({ path, message: `is nested too deep; at most ${DEPTH_MAX} levels are allowed` })
    return
  }
  const before = out.length
  const visit = (child: unknown, at: string): void => visitSchema(child, at, depth + 1, count, out)
  out.push(...keywordProblems(schema, path))
  if (schema.items !== undefined) visit(schema.items, joinPath(path, 'items'))
  if (isJsonObject(schema.additionalProperties))
    visit(schema.additionalProperties, joinPath(path, 'additionalProperties'))
  if (isJsonObject(schema.properties)) {
    count.properties += Object.keys(schema.properties).length
    for (const [name, property] of Object.entries(schema.properties)) {
      visit(property, joinPath(joinPath(path, 'properties'), name))
    }
  }
  // A value is only held against what makes sense itself.
  if (out.length === before) out.push(...ownValueProblems(schema as JsonSchema, path))
  else if (schema.default !== undefined && isTypeName(schema.type)) {
    out.push(...checkValue({ type: schema.type }, schema.default, joinPath(path, 'default')))
  }
}

/** The default and the allowed values held against the schema they stand in. */
function ownValueProblems(schema: JsonSchema, path: string): Problem[] {
  const { enum: allowed, ...rest } = schema
  const problems = (allowed ?? []).flatMap((value, index) => checkValue(rest, value, joinPath(path, `enum.${index}`)))
  if (schema.default === undefined) return problems
  return [...problems, ...checkValue(schema, applyDefaults(schema, schema.default), joinPath(path, 'default'))]
}

/**
 * Every way in which a value breaks a schema, at once. Follows JSON Schema: names that the schema does not list are
 * fine unless `additionalProperties` is false. The schema must have passed `checkSchema`.
 */
export function checkValue(schema: JsonSchema, value: unknown, path = ''): Problem[] {
  const wrong = (message: string): Problem[] => [{ path, message }]
  if (value === undefined) return wrong('is required')
  if (schema.type !== undefined && !hasType(value, schema.type)) {
    return wrong(`must be ${TYPE_WORDS[schema.type]}, not ${describe(value)}`)
  }
  if (schema.const !== undefined && !isSame(value, schema.const)) return wrong(`must be ${show(schema.const)}`)
  if (schema.enum && !schema.enum.some((allowed) => isSame(value, allowed))) {
    return wrong(`must be one of ${schema.enum.map(show).join(', ')}`)
  }
  if (typeof value === 'string') return textRules(schema, value).flatMap(wrong)
  if (typeof value === 'number') return numberRules(schema, value).flatMap(wrong)
  if (Array.isArray(value)) return [...listRules(schema, value).flatMap(wrong), ...itemProblems(schema, value, path)]
  return isJsonObject(value) ? propertyProblems(schema, value, path) : []
}

/** Like `checkValue` for the inputs of a job or tool: a name the schema does not list is refused unless it says otherwise. */
export function checkInputs(schema: JsonSchema, inputs: unknown, path = ''): Problem[] {
  if (!isJsonObject(inputs)) return [{ path, message: `must be an object with the inputs, not ${describe(inputs)}` }]
  return checkValue(
    { ...schema, type: 'object', additionalProperties: schema.additionalProperties ?? false },
    inputs,
    path,
  )
}

/** A copy in which everything left out has its schema's default, in objects and lists of objects too. Mutates nothing. */
export function applyDefaults<T extends Json>(schema: JsonSchema, value: T): T {
  return filled(schema, value) as T
}

/**
 * What a person typed, as the schema's type: `12` for numbers, `yes`, `no`, `on`, `off` for booleans, JSON for objects
 * and lists, otherwise the text itself. Undefined when the words do not fit the type.
 */
export function coerceText(schema: JsonSchema, text: string): Json | undefined {
  const word = text.trim()
  switch (schema.type) {
    case 'string':
      return choiceOf(schema, text) ?? text
    case 'number':
    case 'integer':
      return numberFrom(schema.type, word)
    case 'boolean':
      return BOOLEAN_WORDS.get(word.toLowerCase())
    case 'null':
      return word.toLowerCase() === 'null' ? null : undefined
    case 'object':
    case 'array':
      return jsonFrom(word, schema.type)
    default:
      return (/^[[{]/.test(word) ? jsonFrom(word) : undefined) ?? choiceOf(schema, text) ?? text
  }
}

const itemProblems = ({ items }: JsonSchema, list: unknown[], path: string): Problem[] =>
  items ? list.flatMap((item, index) => checkValue(items, item ?? null, joinPath(path, index))) : []

function propertyProblems(schema: JsonSchema, value: JsonObject, path: string): Problem[] {
  const properties = schema.properties ?? {}
  const problems: Problem[] = []
  for (const name of schema.required ?? []) {
    if (!isGiven(value, name)) problems.push({ path: joinPath(path, name), message: 'is required' })
  }
  const unknownNames = Object.keys(value).filter((name) => isGiven(value, name) && !Object.hasOwn(properties, name))
  for (const [name, property] of Object.entries(properties)) {
    if (isGiven(value, name)) problems.push(...checkValue(property, value[name], joinPath(path, name)))
  }
  for (const name of unknownNames) {
    const rule = schema.additionalProperties
    if (rule === false) {
      const unused = Object.keys(properties).filter((known) => !isGiven(value, known))
      problems.push({ path: joinPath(path, name), message: `is unknown${didYouMean(name, unused)}` })
    } else if (rule !== undefined && rule !== true)
      problems.push(...checkValue(rule, value[name], joinPath(path, name)))
  }
  return problems
}

const isGiven = (value: JsonObject, name: string): boolean => Object.hasOwn(value, name) && value[name] !== undefined

function filled(schema: JsonSchema, value: Json): Json {
  const { items, properties } = schema
  if (Array.isArray(value)) return items ? value.map((item) => filled(items, item)) : value
  if (!isJsonObject(value) || !properties) return value
  const result = { ...value }
  for (const [name, property] of Object.entries(properties)) {
    if (isGiven(value, name)) result[name] = filled(property, value[name] as Json)
    else if (property.default !== undefined) result[name] = filled(property, structuredClone(property.default))
  }
  return result
}

const BOOLEAN_WORDS = new Map<string, boolean>([
  ...['true', 'yes', 'y', 'on', '1'].map((word): [string, boolean] => [word, true]),
  ...['false', 'no', 'n', 'off', '0'].map((word): [string, boolean] => [word, false]),
])

function numberFrom(type: 'number' | 'integer', word: string): number | undefined {
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?$/i.test(word)) return undefined
  const value = Number(word)
  return hasType(value, type) ? value : undefined
}

function jsonFrom(word: string, type?: 'object' | 'array'): Json | undefined {
  try {
    const value = JSON.parse(word) as Json
    return type === undefined || hasType(value, type) ? value : undefined
  } catch {
    return undefined
  }
}

/** The allowed value that the words name, letter case aside, when exactly one does. */
function choiceOf(schema: JsonSchema, text: string): Json | undefined {
  const choices = schema.enum ?? []
  const exact = choices.find((choice) => choice === text)
  if (exact !== undefined) return exact
  const word = text.trim().toLowerCase()
  const near = choices.filter((choice) => String(choice).toLowerCase() === word)
  return near.length === 1 ? near[0] : undefined
}
