import type { FormField } from '#core/chat/message.ts'

/** What a person has put into fields here, as it is typed; an empty text takes a value back. */
export type Typed = Record<string, string>

type Value = string | boolean | null

const YES = new Set(['true', 'yes', 'on', '1'])

export const isYes = (typed: string): boolean => YES.has(typed.toLowerCase())

/** As the server takes it: it knows what a text means in each field. A file goes by its id; here it is only taken back. */
export function valuesOf(fields: readonly FormField[], typed: Typed): Record<string, Value> {
  const known = fields.filter(({ name, kind }) => name in typed && (kind !== 'file' || typed[name] === ''))
  return Object.fromEntries(known.map(({ name, kind }) => [name, asSent(kind, typed[name] ?? '')]))
}

function asSent(kind: FormField['kind'], typed: string): Value {
  if (typed === '') return null
  return kind === 'boolean' ? isYes(typed) : typed
}

/** What stands in a field: what was typed here goes before what the server has. */
export const shownIn = ({ name, value }: FormField, typed: Typed): string => typed[name] ?? value ?? ''

/** Few and short enough to be seen all at once. */
export function isFew({ options = [] }: FormField): boolean {
  const characters = options.reduce((sum, { label }) => sum + label.length, 0)
  return options.length <= 5 && characters <= 48
}
