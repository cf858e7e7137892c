/** Rows under their columns, for type of one width. */
export function alignedTable(columns: string[], rows: string[][]): string {
  const all = [columns, ...rows].map((row) => row.map((cell) => cell.replaceAll('\n', ' ')))
  const count = all.reduce((most, row) => Math.max(most, row.length), 0)
  const widths = Array.from({ length: count }, (_, index) =>
    all.reduce((most, row) => Math.max(most, widthOf(row[index] ?? '')), 0),
  )
  const [head = '', ...body] = all.map((row) =>
    widths
      .map((width, index) => (row[index] ?? '') + ' '.repeat(width - widthOf(row[index] ?? '')))
      .join('  ')
      .trimEnd(),
  )
  return [head, widths.map((width) => '─'.repeat(width)).join('  '), ...body].join('\n')
}

const widthOf = (text: string): number => [...text].length
