import { type Button, type FormPart, type Part, plainText, progressMark } from '#core/chat/message.ts'
import type { WebMessage } from '#core/chat/web.ts'
import { harmless, table } from '../output.ts'
import { type Choices, isPressable } from './choices.ts'

/** How a terminal can make words stand out; plain when it cannot. */
export type Style = (text: string, style: 'strong' | 'muted') => string

/** A message as lines, with the numbers under which its buttons and files can be chosen. */
export function renderMessage({ id, parts }: WebMessage, choices: Choices, style: Style): string[] {
  return parts.flatMap((part) => partLines(id, part, choices, style)).map((line) => line.trimEnd())
}

function partLines(id: string, part: Part, choices: Choices, style: Style): string[] {
  switch (part.type) {
    case 'text':
      return textLines(part, style)
    case 'markdown':
    case 'code':
      return linesOf(part.text)
    case 'fields':
      return table(part.fields.map(({ label, value }) => [`${harmless(label)}:`, oneLine(value)]))
    case 'list':
      return part.items.map((item, index) => `${part.ordered ? `${index + 1}.` : '•'} ${oneLine(item)}`)
    case 'table':
      return columns([part.columns, ...part.rows])
    case 'progress':
      return [
        style(`${progressMark(part.status)} ${oneLine(part.title)}`, 'strong'),
        ...part.steps.map(
          ({ status, label, note }) =>
            `  ${progressMark(status)} ${oneLine(label)}${note ? ` (${oneLine(note)})` : ''}`,
        ),
      ]
    case 'form':
      return [...linesOf(plainText([part])), ...optionLines(part)]
    case 'buttons':
      return buttonLines(id, part.buttons, choices)
    case 'file': {
      const number = choices.numberOf(id, { type: 'file', file: part })
      return [`[${number}] Save ${oneLine(part.name)} (${sizeOf(part.sizeBytes)})`]
    }
  }
}

function textLines({ text, style: wanted }: Extract<Part, { type: 'text' }>, style: Style): string[] {
  const lines = linesOf(text)
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

function columns(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(oneLine))
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
