import type { Part } from '#core/chat/message.ts'
import { plainText } from '#core/chat/plain.ts'

const INDENT = 5

/** `you  first line`, and the following lines below it. */
export function speech(name: string, lines: readonly string[]): string {
  const [first = '', ...rest] = lines
  return [`${name.padEnd(INDENT - 2)}  ${first}`, ...rest.map((line) => (line ? ' '.repeat(INDENT) + line : ''))].join(
    '\n',
  )
}

/** A message as the transcripts show it: its text, with buttons in brackets. */
export function linesOf(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => {
    switch (part.type) {
      case 'buttons':
        return [part.buttons.map(({ label }) => `[${label}]`).join(' ')]
      case 'fields':
        return aligned(part.fields.map(({ label, value }) => [`${label}:`, value]))
      case 'table':
        return aligned([part.columns, ...part.rows])
      case 'file':
        return [`[${part.name}]`]
      default:
        return plainText([part]).trimEnd().split('\n')
    }
  })
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
