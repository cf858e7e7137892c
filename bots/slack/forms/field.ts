import { createHash } from 'node:crypto'
import type { InputBlock } from '@slack/types'
import type { FormField } from '#core/chat/message.ts'
import { shortened } from '../buttons.ts'
import { clean } from '../inlines.ts'
import { choiceElement, labelOf, optionsOf, PLACEHOLDER_MAX } from './choices.ts'
import { line, oneLine, plain } from './words.ts'

/** What Slack's fields for text hold. */
const TYPED_MAX = 3000
const BLOCK_ID_MAX = 255
const LABEL_MAX = 150
const HINT_MAX = 600
const NUMBER = /^-?\d{1,15}(\.\d{1,10})?$/

/** Marks what is kept when nothing is given: Slack can show neither long texts nor files that were given before. */
export const KEPT = 'kept'

/** By what a field is known in the dialog: its name where Slack takes it. */
export const blockIdOf = ({ name }: Pick<FormField, 'name'>): string =>
  name.length <= BLOCK_ID_MAX && name !== '' ? name : `long:${digest(name)}`

const digest = (name: string): string => createHash('sha256').update(name).digest('base64url')

/** The second block of a long text, which may also be given as a file. */
export const fileBlockIdOf = ({ name }: Pick<FormField, 'name'>): string => `file:${digest(name)}`

/** One field as the dialog asks for it, with what was given so far in it: a long text in two blocks, typed or as a file. */
export function fieldBlocks(field: FormField): InputBlock[] {
  const hint = hintOf(field)
  const { takesFile = false } = field
  const label = oneLine(field.label) || oneLine(field.name)
  const typed: InputBlock = {
    type: 'input',
    block_id: blockIdOf(field),
    label: line(label, LABEL_MAX),
    ...(hint ? { hint: plain(shortened(hint, HINT_MAX)) } : {}),
    optional: !field.required || field.usual !== undefined || isKept(field) || takesFile,
    element: elementOf(field),
  }
  if (!takesFile) return [typed]
  const attached: InputBlock = {
    type: 'input',
    block_id: fileBlockIdOf(field),
    label: line(`${shortened(label, LABEL_MAX - 20)}, as a file`, LABEL_MAX),
    hint: plain('For more than 3,000 characters.'),
    optional: true,
    element: { type: 'file_input', action_id: KEPT, max_files: 1 },
  }
  return [typed, attached]
}

/** Something was given that the dialog cannot show: it counts as long as nothing is put in its place. */
const isKept = ({ kind, value, isFile }: FormField): boolean =>
  value !== undefined && (kind === 'file' || isFile === true || value.length > TYPED_MAX)

function elementOf(field: FormField): InputBlock['element'] {
  if (field.kind === 'file') return { type: 'file_input', action_id: isKept(field) ? KEPT : 'value', max_files: 1 }
  const options = optionsOf(field)
  if (options) return choiceElement(field, options)
  const { kind, value, usual, examples: [example] = [] } = field
  const shown = usual || (example && `For example: ${example}`)
  const placeholder = shown ? { placeholder: line(shown, PLACEHOLDER_MAX) } : {}
  const isNumber = kind === 'number' || kind === 'integer'
  // What is no number was given all the same: it stays to be seen and mended.
  if (isNumber && (value === undefined || (NUMBER.test(value) && (kind === 'number' || !value.includes('.'))))) {
    return {
      type: 'number_input',
      action_id: 'value',
      is_decimal_allowed: kind === 'number',
      ...(value === undefined ? {} : { initial_value: value }),
      ...placeholder,
    }
  }
  return {
    type: 'plain_text_input',
    action_id: isKept(field) ? KEPT : 'value',
    multiline: kind === 'multiline' || kind === 'json' || isKept(field) || /[\r\n]/.test(value ?? ''),
    max_length: TYPED_MAX,
    ...(value && !isKept(field) ? { initial_value: value.replace(/\r\n?/g, '\n').toWellFormed() } : {}),
    ...placeholder,
  }
}

function hintOf(field: FormField): string {
  const { kind, value, usual, description, problem } = field
  const options = optionsOf(field)
  const offered = kind === 'choice' && !options ? field.options?.map(({ label }) => oneLine(label)).join(', ') : ''
  return [
    // Without anything given, that it is missing is said by Slack itself.
    problem && value !== undefined ? `✗ ${clean(problem).trim()}` : '',
    keptWords(field),
    clean(description ?? '').trim(),
    kind === 'json' ? 'As JSON.' : '',
    options && usual !== undefined ? `Without a choice: ${oneLine(labelOf(options, usual))}.` : '',
    offered ? `One of: ${offered}` : '',
  ]
    .filter(Boolean)
    .join(' ')
}

function keptWords(field: FormField): string {
  const { kind, value = '', isFile } = field
  if (!isKept(field)) return ''
  if (kind === 'file') return `${oneLine(value)} is there already; another file takes its place.`
  if (isFile) return `${oneLine(value)} is there already; what you write, or another file, takes its place.`
  return `${value.length.toLocaleString('en')} characters are there already, more than fit here; what you write takes their place.`
}
