import type { KnownBlock, SectionBlock } from '@slack/types'
import type { Part, QuotePart } from '#core/chat/message.ts'
import { timesIn } from '#core/chat/times.ts'
import { buttonBlocks } from './buttons.ts'
import { formCard } from './forms/card.ts'
import { clean, type Inline, plainInlines, splitText } from './inlines.ts'
import { markdownChunks } from './markdown.ts'
import { PROGRESS_JSON_MAX, planOf, progressLines } from './plan.ts'
import { type Chunk, quoted, richText } from './rich-text.ts'
import { alignedTable } from './table.ts'
import { escapeText } from './text.ts'

const HEADER_MAX = 150
const CONTEXT_MAX = 2000
const FIELDS_MAX = 10
/** Longer ones, and such with marks that Slack would read as a format, are lines instead of fields side by side. */
const FIELD_MAX = 280

/** One part as Slack's blocks. Files are none: they are uploaded. */
export function partBlocks(part: Part): KnownBlock[] {
  switch (part.type) {
    case 'text':
      return textBlocks(clean(part.text), part.style ?? 'plain')
    case 'markdown':
      return richText(markdownChunks(clean(part.text)))
    case 'quote':
      return quoteBlocks(part)
    case 'fields':
      return fieldBlocks(part.fields)
    case 'list':
      return richText([{ kind: 'list', items: part.items.map(inlines), ordered: part.ordered ?? false, indent: 0 }])
    case 'table':
      return richText([{ kind: 'code', text: alignedTable(part.columns.map(clean), part.rows.map(cleanAll)) }])
    case 'code':
      return part.text.trim() === '' ? [] : richText([{ kind: 'code', text: clean(part.text) }])
    case 'buttons':
      return buttonBlocks(part.buttons)
    case 'progress':
      return planBlocks(part)
    case 'form':
      return formCard(part)
    case 'file':
      return []
  }
}

/** With a bar beside all of it, whatever stands in it: words, lists and code alike. */
function quoteBlocks({ title, of }: QuotePart): KnownBlock[] {
  const text = clean(of.text)
  const name = clean(title ?? '').trim()
  const heading: Chunk[] = name === '' ? [] : [{ kind: 'lines', inlines: [bold(name)] }]
  const code: Chunk[] = text.trim() === '' ? [] : [{ kind: 'code', text }]
  return richText(quoted([...heading, ...(of.type === 'code' ? code : markdownChunks(text))]))
}

const bold = (text: string): Inline => ({ type: 'text', text, style: { bold: true } })

/** A plan, where what would stand in for it fits into one message as well. */
function planBlocks(part: Extract<Part, { type: 'progress' }>): KnownBlock[] {
  const [plan, plain] = [planOf(part), progressBlocks(part)]
  return plan && JSON.stringify(plain).length <= PROGRESS_JSON_MAX ? [plan] : plain
}

/** Progress without a plan. */
export const progressBlocks = (part: Extract<Part, { type: 'progress' }>): KnownBlock[] =>
  richText([progressLines(part)])

function textBlocks(text: string, style: 'plain' | 'strong' | 'muted' | 'heading'): KnownBlock[] {
  if (text.trim() === '') return []
  if (style === 'muted') {
    // Words in small type are words only: a moment shows in the reader's zone among others.
    if (timesIn(text).length > 0) return richText([{ kind: 'lines', inlines: plainInlines(text, { italic: true }) }])
    return splitText(text, CONTEXT_MAX).map(mutedBlock)
  }
  if (style === 'heading' && text.length <= HEADER_MAX && !text.includes('\n')) {
    return [{ type: 'header', text: { type: 'plain_text', text, emoji: false } }]
  }
  const isBold = style === 'strong' || style === 'heading'
  return richText([{ kind: 'lines', inlines: plainInlines(text, isBold ? { bold: true } : undefined) }])
}

export const mutedBlock = (text: string): KnownBlock => ({
  type: 'context',
  elements: [{ type: 'plain_text', text, emoji: false }],
})

function fieldBlocks(given: { label: string; value: string }[]): KnownBlock[] {
  const fields = given.map(({ label, value }) => ({ label: clean(label), value: clean(value) || '–' }))
  if (!fields.every(fitsSideBySide)) return richText([{ kind: 'lines', inlines: fields.flatMap(fieldLine) }])
  const sections: SectionBlock[] = []
  for (let from = 0; from < fields.length; from += FIELDS_MAX) {
    sections.push({ type: 'section', fields: fields.slice(from, from + FIELDS_MAX).map(sideBySide) })
  }
  return sections
}

const fitsSideBySide = ({ label, value }: { label: string; value: string }): boolean =>
  label.trim() !== '' && escapeText(label + value).length <= FIELD_MAX && !/[*_~`\n]/.test(label + value)

/** `verbatim`: Slack looks for names and addresses in the words otherwise. */
const sideBySide = ({ label, value }: { label: string; value: string }) =>
  ({ type: 'mrkdwn', text: `*${escapeText(label)}*\n${escapeText(value)}`, verbatim: true }) as const

const fieldLine = ({ label, value }: { label: string; value: string }, index: number): Inline[] => [
  { type: 'text', text: `${index > 0 ? '\n' : ''}${label}: `, style: { bold: true } },
  ...plainInlines(value),
]

const inlines = (text: string): Inline[] => plainInlines(clean(text))

const cleanAll = (row: string[]): string[] => row.map(clean)
