import { cut } from '#core/cut.ts'
import type { JobDefinition } from '#core/jobs/definition.ts'
import { type Field, fieldsOf } from '#core/jobs/forms.ts'
import type { Field as LineField } from '../grammar/inputs.ts'
import { renderLine } from '../grammar/render.ts'
import { jobUsageLine } from '../usage.ts'

/** What the grammar needs to know of a job's inputs. One that takes anything is written like text. */
export const lineFields = (fields: readonly Field[]): LineField[] =>
  fields.map(({ name, type, required, enum: values }) => ({
    name,
    type: type ?? 'string',
    required,
    ...(values ? { enum: values } : {}),
  }))

export const primaryOf = (fields: readonly Field[]): string | undefined => fields.find(({ primary }) => primary)?.name

/** `/release_notes <commits> [--title <text>]` */
export function usageOf(command: string, definition: JobDefinition): string {
  const fields = fieldsOf(definition)
  return jobUsageLine(command, lineFields(fields), primaryOf(fields))
}

/** A line that would start the job, with something plausible in each required place. */
export function exampleOf(command: string, fields: readonly Field[]): string {
  const [name = command, ...words] = command.split(' ')
  const needed = fields.filter(({ required }) => required)
  const named = needed.filter(({ primary }) => !primary).map((field) => [field.name, sampleOf(field)] as const)
  const primary = needed.find((field) => field.primary)
  const line = renderLine(name, { words, flags: Object.fromEntries(named) })
  if (!primary) return line
  return primary.multiline ? `${line}\n${sampleOf(primary)}` : `${line} ${sampleOf(primary)}`
}

function sampleOf({ schema, type, name, description }: Field): string {
  const given = schema.examples?.[0] ?? schema.enum?.[0]
  if (given !== undefined) return typeof given === 'string' ? given : JSON.stringify(given)
  if (type === 'number' || type === 'integer') return String(schema.minimum ?? 1)
  if (type === 'boolean') return 'yes'
  if (type === 'array') return '["…"]'
  if (type === 'object') return '{"…": "…"}'
  return `… ${description ? description.toLowerCase() : name} …`
}

/** How one input is given: `commits – git log text (required; after the command, on the lines below …)`. */
export function fieldHelp({ name, label, description, required, default: usual, enum: values }: Field): {
  label: string
  value: string
} {
  const words = [
    description ?? label,
    values && `one of ${values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(', ')}`,
    required ? 'required' : usual === undefined ? 'optional' : `else ${shown(usual)}`,
  ]
  return { label: name, value: words.filter(Boolean).join(' · ') }
}

function shown(value: unknown): string {
  const words = typeof value === 'string' ? value : JSON.stringify(value)
  return words.length > 40 ? `${cut(words, 39)}…` : words
}
