import type { FormPart, Part, ProgressStatus, QuotePart } from './message.ts'

/** The whole reply as plain text: the fallback of every channel, the `text` of a Message, what tests read. */
export function plainText(parts: readonly Part[]): string {
  return parts.map(partText).filter(Boolean).join('\n\n')
}

const MARKS: Record<ProgressStatus, string> = {
  pending: '·',
  running: '▸',
  done: '✓',
  failed: '✗',
  skipped: '–',
  cancelled: '■',
  waiting: '…',
}

export const progressMark = (status: ProgressStatus): string => MARKS[status]

function partText(part: Part): string {
  switch (part.type) {
    case 'text':
    case 'markdown':
    case 'code':
      return part.text
    case 'quote':
      return quoteLines(part)
        .map((line) => `> ${line}`.trimEnd())
        .join('\n')
    case 'fields':
      return part.fields.map((field) => `${field.label}: ${field.value}`).join('\n')
    case 'list':
      return part.items.map((item, index) => (part.ordered ? `${index + 1}. ${item}` : `• ${item}`)).join('\n')
    case 'table':
      return [part.columns, ...part.rows].map((row) => row.join('  ')).join('\n')
    case 'buttons':
      return ''
    case 'progress':
      return [
        `${progressMark(part.status)} ${part.title}`,
        ...part.steps.map(
          (step) => `  ${progressMark(step.status)} ${step.label}${step.note ? ` (${step.note})` : ''}`,
        ),
      ].join('\n')
    case 'file':
      return `[file] ${part.name}`
    case 'form':
      return formText(part)
  }
}

/** A quote as lines, for channels that put their own mark before each. */
export const quoteLines = ({ title, of }: QuotePart): string[] => [
  ...(title === undefined ? [] : title.split('\n')),
  ...of.text.split(/\r\n?|\n/),
]

/** A form where only text is shown: what it has, and what it wants next. */
function formText({ title, note, fields, asks }: FormPart): string {
  const lines = fields.map(({ label, value, usual, required, problem }) => {
    const given = value ?? (usual === undefined ? (required ? '…' : '–') : `(${usual})`)
    return `${label}: ${given}${problem ? `  ✗ ${problem}` : ''}`
  })
  const asked = fields.find(({ name }) => name === asks)
  const hint = asked && `Send ${asked.label}${asked.description ? ` (${asked.description})` : ''} as your next message.`
  return [title, note, ...lines, hint].filter(Boolean).join('\n')
}
