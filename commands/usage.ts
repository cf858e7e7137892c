import { type Part, type Reply, text } from '#core/chat/message.ts'
import type { Problem } from '#core/errors.ts'
import type { Field } from './grammar/inputs.ts'
import { type ArgumentSpec, type FlagSpec, isLiteral, labelOf, type Slot } from './grammar/spec.ts'

/** What usage and help are written from; every command has it. */
export interface Usage extends ArgumentSpec {
  name: string
  summary: string
  aliases?: readonly string[]
  /** Whole command lines. */
  examples?: readonly string[]
}

/** `/invitemember <user or e-mail> to <team>` */
export const usageLine = (command: Pick<Usage, 'name' | 'args' | 'flags' | 'takesInputs'>): string =>
  [
    `/${command.name}`,
    ...command.args.map(slotUsage),
    ...(command.takesInputs ? ['…'] : []),
    ...command.flags.map((flag) => `[${flagUsage(flag)}]`),
  ].join(' ')

function slotUsage(slot: Slot): string {
  if (isLiteral(slot)) return slot.optional ? `[${slot.literal}]` : slot.literal
  const label = slot.label ?? slot.choices?.join('|') ?? slot.name
  return slot.optional ? `[${label}]` : `<${label}>`
}

function flagUsage({ name, kind, choices }: FlagSpec): string {
  if (kind === 'boolean') return `--${name}`
  return `--${name} <${choices?.join('|') ?? (kind === 'word' ? name : kind)}>`
}

/** `/release_notes <commits> [--title <text>]`: the primary input stands where it is typed, the others behind it. */
export function jobUsageLine(command: string, fields: readonly Field[], primary?: string): string {
  const first = fields.filter((field) => field.name === primary)
  const others = fields
    .filter((field) => field.name !== primary)
    .toSorted((a, b) => Number(b.required) - Number(a.required))
  return [
    `/${command}`,
    ...first.map((field) => (field.required ? `<${field.name}>` : `[${field.name}]`)),
    ...others.map((field) => (field.required ? fieldUsage(field) : `[${fieldUsage(field)}]`)),
  ].join(' ')
}

function fieldUsage(field: Field): string {
  if (field.type === 'boolean') return `--${field.name}`
  const values = field.enum?.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('|')
  return `--${field.name} <${values ?? FIELD_WORDS[field.type]}>`
}

const FIELD_WORDS = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  array: 'list',
  object: 'JSON',
  null: 'null',
} as const

/** Help for one command: what it does, how it is written, what its parts mean, examples. */
export function commandHelp(command: Usage): Reply {
  const parts: Part[] = [text(command.summary), { type: 'code', text: usageLine(command) }]
  const fields = [...command.args.flatMap(slotHelp), ...command.flags.map(flagHelp)]
  if (fields.length > 0) parts.push({ type: 'fields', fields })
  if (command.examples?.length)
    parts.push(text('Examples', 'strong'), { type: 'code', text: command.examples.join('\n') })
  if (command.aliases?.length)
    parts.push(text(`Also: ${command.aliases.map((alias) => `/${alias}`).join(', ')}`, 'muted'))
  return { parts }
}

function slotHelp(slot: Slot): { label: string; value: string }[] {
  if (isLiteral(slot) || !slot.summary) return []
  return [{ label: labelOf(slot), value: slot.optional ? `${slot.summary} (optional)` : slot.summary }]
}

const flagHelp = (flag: FlagSpec): { label: string; value: string } => ({
  label: `--${flag.name}`,
  value: flag.summary,
})

/** All that is wrong with a line, and how it is written: one message. */
export const explainProblems = (problems: readonly Problem[], usage: string): string =>
  `${problems.map((problem) => problem.message).join('\n')}\nUsage: ${usage}`
