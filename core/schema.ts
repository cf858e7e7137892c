import type { Json } from './json.ts'

/**
 * The supported subset of JSON Schema 2020-12. Everything else is refused when a definition is saved,
 * so that a form, a check and a type comparison can be made from every schema we hold.
 */
export interface JsonSchema {
  type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null'
  title?: string
  description?: string
  default?: Json
  examples?: Json[]
  enum?: Json[]
  const?: Json
  /** For strings: `textarea` and `file` are display hints; `email`, `uri`, `date-time`, `date` are checked as well. */
  format?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  items?: JsonSchema
  minItems?: number
  maxItems?: number
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
}
