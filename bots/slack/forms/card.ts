import type { RichTextBlock } from '@slack/types'
import type { FormField, FormPart } from '#core/chat/message.ts'
import { shortened } from '../buttons.ts'
import { type Inline, plainInlines } from '../inlines.ts'
import { richText } from '../rich-text.ts'
import { oneLine } from './words.ts'

const VALUE_MAX = 120
const NOTE_MAX = 600
/** A message says how things stand; the dialog behind its button has them all. */
const FIELDS_MAX = 20

/** A form among messages: what it asks, and what was given so far. */
export function formCard({ title, note, fields }: FormPart): RichTextBlock[] {
  const more = fields.length - FIELDS_MAX
  const inlines: Inline[] = [
    { type: 'text', text: oneLine(title) || 'Form', style: { bold: true } },
    ...(note ? plainInlines(`\n${shortened(oneLine(note), NOTE_MAX)}`) : []),
    ...fields.slice(0, FIELDS_MAX).flatMap(fieldLine),
    ...(more > 0 ? plainInlines(`\n… and ${more} more`) : []),
  ]
  return richText([{ kind: 'lines', inlines }])
}

function fieldLine(field: FormField): Inline[] {
  const { label, name, problem } = field
  return [
    { type: 'text', text: `\n${shortened(oneLine(label) || name, VALUE_MAX)}: `, style: { bold: true } },
    ...given(field),
    ...(problem ? plainInlines(`  ✗ ${shortened(oneLine(problem), VALUE_MAX)}`) : []),
  ]
}

function given({ value, usual, required }: FormField): Inline[] {
  if (value !== undefined) return plainInlines(shortened(oneLine(value) || '–', VALUE_MAX))
  const otherwise =
    usual === undefined ? (required ? 'needed' : 'may be left out') : `${oneLine(usual) || '–'}, if nothing else`
  return [{ type: 'text', text: shortened(otherwise, VALUE_MAX), style: { italic: true } }]
}
