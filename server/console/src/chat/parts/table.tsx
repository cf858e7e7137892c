import { parseWords } from '../markdown/inline.ts'
import { Inlines } from '../markdown/inlines.tsx'
import css from './parts.module.css'

/** Cells up to this long stay on one line. */
const SHORT_CHARS = 24

/** A table that scrolls sideways on its own, also by keyboard. Columns of numbers stand to the right. */
export function TablePart({ columns, rows }: { columns: string[]; rows: string[][] }) {
  const isNumeric = columns.map((_, column) => rows.length > 0 && rows.every((row) => isNumber(row[column] ?? '')))
  const longest = columns.map((_, column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)))
  const align = (column: number): string | undefined => {
    if (isNumeric[column]) return css.number
    return (longest[column] ?? 0) <= SHORT_CHARS ? css.short : css.wordy
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={css.tableBox} aria-label="Table" tabIndex={0}>
      <table className={css.table}>
        <thead>
          <tr>
            {columns.map((column, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns may share a name
              <th key={index} scope="col" className={align(index)}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, rowIndex) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no names
            <tr key={rowIndex}>
              {columns.map((_, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above
                <td key={index} className={align(index)}>
                  <Inlines inlines={parseWords(row[index] ?? '')} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const isNumber = (cell: string): boolean => /^[+−-]?[$€£]?\d[\d.,]*\s?(?:%|ms|s|[KMG]?B)?$/.test(cell.trim())
