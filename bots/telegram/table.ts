import { block, cleanLine, concat, join, plain, type Rich, styled } from './rich.ts'

/** What a phone shows of a code block without folding its lines. */
const PHONE_COLUMNS = 34
const GAP = '  '

/** Columns under each other in a code block; too wide for a phone, each row becomes a small list. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): Rich {
  const head = columns.map(cleanLine)
  const body = rows.map((row) => head.map((_, index) => cleanLine(row[index] ?? '')))
  if (head.length === 0) return concat()
  const widest = (index: number): number =>
    [head, ...body].reduce((most, row) => Math.max(most, width(row[index] ?? '')), 0)
  const widths = head.map((_, index) => widest(index))
  const total = widths.reduce((sum, next) => sum + next, 0) + GAP.length * Math.max(0, head.length - 1)
  if (total > PHONE_COLUMNS && body.length > 0) return cards(head, body)
  const isNumeric = head.map((_, index) => body.every((row) => /^[-+]?[$€£]?[\d.,]*%?$/.test(row[index] ?? '')))
  const aligned = (row: readonly string[]): string =>
    row
      .map((cell, index) => fill(cell, widths[index] ?? 0, isNumeric[index] ?? false))
      .join(GAP)
      .trimEnd()
  const rule = '─'.repeat(Math.max(1, total))
  return block([aligned(head), rule, ...body.map(aligned)].join('\n'))
}

/** A row after the other. Of one column alone, under its name: no cell of it would say what it is. */
function cards(head: readonly string[], body: readonly (readonly string[])[]): Rich {
  const [only = '', ...others] = head
  if (others.length === 0) return join([styled(only, 'bold'), ...body.map(([cell = '']) => plain(cell || '–'))], '\n')
  return join(
    body.map((row) => card(head, row)),
    '\n\n',
  )
}

/** The first cell names the row, the others follow under their labels. */
function card(head: readonly string[], [first = '', ...rest]: readonly string[]): Rich {
  const lines = rest.flatMap((cell, index) => (cell ? [concat(`${head[index + 1] ?? ''}: ${cell}`)] : []))
  return join([styled(first || '–', 'bold'), ...lines], '\n')
}

function fill(cell: string, columns: number, isNumeric: boolean): string {
  const blanks = ' '.repeat(Math.max(0, columns - width(cell)))
  return isNumeric ? blanks + cell : cell + blanks
}

/** Columns a text takes in a fixed font, near enough: marks take none, wide writing and pictures take two. */
function width(text: string): number {
  let columns = 0
  for (const character of text) {
    if (/[\p{M}\u200b-\u200d\u2060]/u.test(character)) continue
    columns +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1
  }
  return columns
}
