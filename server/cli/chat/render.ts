import type { Button, FormPart, Part } from '#core/chat/message.ts'
import { plainText, progressMark, quoteLines } from '#core/chat/plain.ts'
import type { WebMessage } from '#core/chat/web.ts'
import { harmless, table } from '../output.ts'
import { type Choices, isPressable } from './choices.ts'

/** How a terminal shows things. */
export interface Look {
  /** Makes words stand out; plain where it cannot. */
  style(text: string, how: 'strong' | 'muted'): string
  /** The moments in the words of the bot, as the reader's clock has them. */
  moments(text: string): string
}

/** A message as lines, with the numbers under which its buttons and files can be chosen. */
export function renderMessage({ id, parts }: WebMessage, choices: Choices, look: Look): string[] {
  return parts.flatMap((part) => partLines(id, part, choices, look)).map((line) => line.trimEnd())
}

/** The same where its form is asked for at once: what it is about, without what the questions say and do. */
export function renderBriefly(message: WebMessage, choices: Choices, look: Look): string[] {
  const parts = message.parts.flatMap((part): Part[] => {
    if (part.type === 'buttons') return []
    if (part.type !== 'form') return [part]
    const note: Part[] = part.note === undefined ? [] : [{ type: 'text', text: part.note, style: 'muted' }]
    return [{ type: 'text', text: part.title, style: 'strong' }, ...note]
  })
  return renderMessage({ ...message, parts }, choices, look)
}

function partLines(id: string, part: Part, choices: Choices, look: Look): string[] {
  const told = (text: string): string => oneLine(look.moments(text))
  switch (part.type) {
    case 'text':
      return textLines(part, look)
    case 'markdown':
    case 'code':
      return linesOf(part.text)
    case 'quote':
      return quoteLines(part).map((line) => `${look.style('│', 'muted')} ${harmless(line)}`)
    case 'fields':
      return table(part.fields.map(({ label, value }) => [`${harmless(label)}:`, told(value)]))
    case 'list':
      return part.items.map((item, index) => `${part.ordered ? `${index + 1}.` : '•'} ${told(item)}`)
    case 'table':
      return columns([part.columns, ...part.rows].map((row) => row.map(told)))
    case 'progress':
      return [
        look.style(`${progressMark(part.status)} ${oneLine(part.title)}`, 'strong'),
        ...part.steps.map(
          ({ status, label, note }) => `  ${progressMark(status)} ${oneLine(label)}${note ? ` (${told(note)})` : ''}`,
        ),
      ]
    case 'form':
      return [...linesOf(look.moments(plainText([part]))), ...optionLines(part)]
    case 'buttons':
      return buttonLines(id, part.buttons, choices)
    case 'file': {
      const number = choices.numberOf(id, { type: 'file', file: part })
      return [`[${number}] Save ${oneLine(part.name)} (${sizeOf(part.sizeBytes)})`]
    }
  }
}

function textLines({ text, style: wanted }: Extract<Part, { type: 'text' }>, { style, moments }: Look): string[] {
  const lines = linesOf(moments(text))
  if (wanted === 'muted') return lines.map((line) => style(line, 'muted'))
  return wanted === 'strong' || wanted === 'heading' ? lines.map((line) => style(line, 'strong')) : lines
}

/** What the asked field may be: here it is typed. */
function optionLines({ fields, asks }: FormPart): string[] {
  const asked = fields.find(({ name }) => name === asks)
  const labels = asked?.kind === 'boolean' ? ['yes', 'no'] : (asked?.options ?? []).map(({ label }) => oneLine(label))
  return labels.length > 0 ? [`One of: ${labels.join(', ')}`] : []
}

function buttonLines(id: string, buttons: readonly Button[], choices: Choices): string[] {
  const pressable = buttons
    .filter(isPressable)
    .map((button) => `[${choices.numberOf(id, { type: 'button', button })}] ${oneLine(button.label)}`)
  const links = buttons.flatMap(({ label, url }) => (url === undefined ? [] : [`${oneLine(label)}: ${oneLine(url)}`]))
  return [...(pressable.length > 0 ? [pressable.join('  ')] : []), ...links]
}

function columns(cells: readonly (readonly string[])[]): string[] {
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  return cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
}

const linesOf = (text: string): string[] => harmless(text).replace(/\n+$/, '').split('\n')
const oneLine = (text: string): string => harmless(text).replaceAll(/\s+/g, ' ').trim()

function sizeOf(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`
  const kibibytes = bytes / 1_024
  return kibibytes < 1_024 ? `${kibibytes.toFixed(1)} KB` : `${(kibibytes / 1_024).toFixed(1)} MB`
}
