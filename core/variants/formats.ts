import { csvLine, csvWords } from '../csv.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'

export const EXPORT_FORMATS = ['markdown', 'json', 'csv', 'file'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

export interface Exported {
  /** Behind the file's name: `-notes.md`, `.json`. */
  suffix: string
  mediaType: string
  content: string
}

/** A variant's outputs as files: one in the format asked for, or with `file` each output as what it is. */
export function exportAs(format: ExportFormat, title: string, outputs: JsonObject): Exported[] {
  switch (format) {
    case 'markdown':
      return [{ suffix: '.md', mediaType: 'text/markdown', content: markdownOf(title, outputs) }]
    case 'json':
      return [{ suffix: '.json', mediaType: 'application/json', content: `${JSON.stringify(outputs, null, 2)}\n` }]
    case 'csv':
      return [{ suffix: '.csv', mediaType: 'text/csv', content: csvOf(outputs) }]
    case 'file':
      return filesOf(outputs)
  }
}

function filesOf(outputs: JsonObject): Exported[] {
  const entries = Object.entries(outputs)
  return entries.map(([name, value]) => {
    const place = entries.length === 1 ? '' : `-${name}`
    return typeof value === 'string'
      ? { suffix: `${place}.md`, mediaType: 'text/markdown', content: value }
      : { suffix: `${place}.json`, mediaType: 'application/json', content: `${JSON.stringify(value, null, 2)}\n` }
  })
}

/** One text is the document itself; several outputs are its chapters. */
function markdownOf(title: string, outputs: JsonObject): string {
  const entries = Object.entries(outputs)
  const [only] = entries
  if (entries.length === 1 && typeof only?.[1] === 'string') return ended(only[1])
  const chapters = entries.map(([name, value]) => `## ${oneLine(name)}\n\n${chapterOf(value)}`)
  return ended([`# ${oneLine(title)}`, ...chapters].join('\n\n'))
}

function chapterOf(value: Json): string {
  if (typeof value === 'string') return value.trimEnd()
  const table = tableOf(value)
  if (table) return markdownTable(table)
  const text = JSON.stringify(value, null, 2)
  return `\`\`\`json\n${text}\n\`\`\``
}

interface Table {
  columns: string[]
  rows: Json[][]
}

function markdownTable({ columns, rows }: Table): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`
  return [
    line(columns.map(inCell)),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(row.map((value) => inCell(textOf(value))))),
  ].join('\n')
}

const inCell = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll(/\r?\n/g, ' ')
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')
const ended = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`)

/**
 * The first output that is a table, as it is; otherwise one line for each output, with its name. Numbers stay numbers, and
 * no text becomes a formula.
 */
function csvOf(outputs: JsonObject): string {
  const table = firstTable(Object.values(outputs))
  const { columns, rows } = table ?? { columns: ['output', 'value'], rows: Object.entries(outputs) }
  const cells = (row: readonly Json[]): string[] =>
    row.map((value) => (isBare(value) ? String(value) : csvWords(textOf(value))))
  return [csvLine(columns.map(csvWords)), ...rows.map((row) => csvLine(cells(row)))].join('')
}

const firstTable = (values: readonly Json[]): Table | undefined =>
  values.map(tableOf).find((table) => table !== undefined)

const isBare = (value: Json): boolean => typeof value === 'number' || typeof value === 'boolean'

/** A list of objects has a column for each name in any of them; a list of anything else has one. */
function tableOf(value: Json): Table | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  if (!value.every(isJsonObject)) return { columns: ['value'], rows: value.map((item) => [item]) }
  const columns = [...new Set(value.flatMap((row) => Object.keys(row)))]
  return {
    columns,
    rows: value.map((row) => columns.map((name) => (Object.hasOwn(row, name) ? (row[name] as Json) : null))),
  }
}

const textOf = (value: Json): string =>
  value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)
