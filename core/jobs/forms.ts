import type { Json } from '#core/json.ts'
import type { JsonSchema } from '#core/schema.ts'
import type { JobDefinition } from './definition.ts'

/** One input as a form or a help text shows it, whatever the channel. */
export interface Field {
  name: string
  /** The schema's title, or the name in words: `maxItems` → `Max items`. */
  label: string
  description?: string
  /** Undefined when anything may be given. */
  type?: NonNullable<JsonSchema['type']>
  required: boolean
  default?: Json
  enum?: Json[]
  /** Long text: asked for in a large box, filled from the lines below a command. */
  multiline: boolean
  /** Takes an attached file. */
  isFile: boolean
  /** Free text, a reply or an attachment goes here. */
  primary: boolean
  schema: JsonSchema
}

/** What a field takes, in words for a sentence to whoever types it. */
export const TAKES = {
  string: 'text',
  number: 'a number like 2.5',
  integer: 'a whole number',
  boolean: 'yes or no',
  array: 'a list as JSON, like ["one", "two"]',
  object: 'JSON, like {"name": "value"}',
  null: 'null',
} as const satisfies Record<NonNullable<JsonSchema['type']>, string>

type WithInputs = Pick<JobDefinition, 'inputSchema' | 'primaryInput'>

/** The inputs of a job in the order they are written. A field with a default is not required, whatever the schema says. */
export function fieldsOf(definition: WithInputs): Field[] {
  const { properties = {}, required = [] } = definition.inputSchema
  const primary = primaryInputOf(definition)
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    label: schema.title ?? labelOf(name),
    ...(schema.description !== undefined && { description: schema.description }),
    ...(schema.type !== undefined && { type: schema.type }),
    required: required.includes(name) && schema.default === undefined,
    ...(schema.default !== undefined && { default: schema.default }),
    ...(schema.enum && { enum: schema.enum }),
    multiline: schema.format === 'textarea' || schema.type === 'object' || schema.type === 'array',
    isFile: schema.format === 'file',
    primary: name === primary,
    schema,
  }))
}

/** The input that free text fills: the one that is named, else the first required text, else the only text there is. */
export function primaryInputOf({ inputSchema, primaryInput }: WithInputs): string | undefined {
  if (primaryInput !== undefined) return primaryInput
  const texts = Object.entries(inputSchema.properties ?? {})
    .filter(([, schema]) => schema.type === 'string')
    .map(([name]) => name)
  return texts.find((name) => inputSchema.required?.includes(name)) ?? (texts.length === 1 ? texts[0] : undefined)
}

function labelOf(name: string): string {
  const words = name
    .replaceAll(/[_-]+/g, ' ')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .trim()
    .toLowerCase()
  return words === '' ? name : words.charAt(0).toUpperCase() + words.slice(1)
}
