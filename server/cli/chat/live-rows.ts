import { harmless } from '../output.ts'

/** So much of a text that is being written is seen: its end, where it goes on. */
const ROWS_MAX = 6
const COLUMNS_LEAST = 20

/** The end of a text as rows that fit: they are cleared again by their number, so none of them may break. */
export function liveRows(text: string, columns = 80): string[] {
  const width = Math.max(COLUMNS_LEAST, columns - 1)
  const rows = text.split(/\r?\n/).flatMap((line) => broken(harmless(line), width))
  while (rows.at(-1)?.trim() === '') rows.pop()
  return rows.slice(-ROWS_MAX)
}

function broken(line: string, width: number): string[] {
  const rows = ['']
  let used = 0
  for (const sign of line) {
    // Signs of East Asia and pictures take two places; what takes less leaves room.
    const places = (sign.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1
    if (used + places > width) {
      rows.push('')
      used = 0
    }
    rows[rows.length - 1] += sign
    used += places
  }
  return rows
}
