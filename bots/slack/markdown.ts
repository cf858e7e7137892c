import { markdownInlines } from './markdown-inline.ts'
import type { Chunk } from './rich-text.ts'
import { alignedTable } from './table.ts'

const ITEM = /^( *)(?:[-*+]|(\d{1,9})[.)]) +(.*)$/
const INDENT_MAX = 5

/** Reads lines from the front as long as they belong together. */
class Lines {
  readonly #lines: string[]
  #at = 0

  constructor(text: string) {
    this.#lines = text.split('\n')
  }

  get next(): string | undefined {
    return this.#lines[this.#at]
  }

  get afterNext(): string | undefined {
    return this.#lines[this.#at + 1]
  }

  take(): string {
    return this.#lines[this.#at++] ?? ''
  }

  takeWhile(fits: (line: string) => boolean): string[] {
    const taken: string[] = []
    while (this.next !== undefined && fits(this.next)) taken.push(this.take())
    return taken
  }
}

/** Markdown as far as Slack has a form for it. What it has none for is shown as it is written; nothing in it does anything. */
export function markdownChunks(text: string): Chunk[] {
  const lines = new Lines(text)
  const chunks: Chunk[] = []
  while (lines.next !== undefined) chunks.push(...readChunk(lines))
  return chunks
}

function readChunk(lines: Lines): Chunk[] {
  const line = lines.next ?? ''
  if (line.trim() === '') {
    lines.take()
    return []
  }
  if (fenceOf(line)) return readFence(lines)
  if (isHeading(line)) return [bold(lines.take().trim().replace(/^#+/, '').replace(/ #+$/, '').trim())]
  if (isRule(line)) {
    lines.take()
    return [{ kind: 'lines', inlines: [{ type: 'text', text: '———' }] }]
  }
  if (isQuote(line)) return [readQuote(lines)]
  if (ITEM.test(line)) return readList(lines)
  if (isTable(line, lines.afterNext)) return [readTable(lines)]
  return [readParagraph(lines)]
}

function readFence(lines: Lines): Chunk[] {
  const fence = fenceOf(lines.take()) ?? ''
  const code = lines.takeWhile((line) => !(fenceOf(line)?.startsWith(fence) && line.trim() === fenceOf(line)))
  lines.take()
  const text = code.join('\n')
  return text.trim() === '' ? [] : [{ kind: 'code', text }]
}

function readQuote(lines: Lines): Chunk {
  const quoted = lines.takeWhile(isQuote).map((line) => line.trimStart().replace(/^> ?/, ''))
  return { kind: 'quote', inlines: markdownInlines(quoted.join('\n')) }
}

/** Slack nests lists by an indent; a change of depth or of kind begins another one. */
function readList(lines: Lines): Chunk[] {
  const lists: Extract<Chunk, { kind: 'list' }>[] = []
  for (;;) {
    const [, blanks = '', number, words = ''] = ITEM.exec(lines.next ?? '') ?? []
    if (words === '' && !ITEM.test(lines.next ?? '')) return lists
    lines.take()
    const more = lines.takeWhile((line) => /^ {2,}\S/.test(line) && !ITEM.test(line)).map((line) => line.trim())
    const indent = Math.min(Math.floor(blanks.length / 2), INDENT_MAX)
    const ordered = number !== undefined
    const item = markdownInlines([words, ...more].join('\n'))
    const last = lists.at(-1)
    if (last && last.indent === indent && last.ordered === ordered) last.items.push(item)
    else
      lists.push({
        kind: 'list',
        items: [item],
        ordered,
        indent,
        ...(Number(number) > 1 ? { offset: Number(number) - 1 } : {}),
      })
  }
}

function readTable(lines: Lines): Chunk {
  const columns = cells(lines.take())
  lines.take()
  const rows = lines.takeWhile((line) => line.includes('|')).map(cells)
  return { kind: 'code', text: alignedTable(columns, rows) }
}

function readParagraph(lines: Lines): Chunk {
  const first = lines.take()
  const more = lines.takeWhile((line) => line.trim() !== '' && !startsOther(line))
  return { kind: 'lines', inlines: markdownInlines([first, ...more].join('\n').trim()) }
}

const startsOther = (line: string): boolean =>
  fenceOf(line) !== undefined || isHeading(line) || isQuote(line) || isRule(line) || ITEM.test(line)

const bold = (text: string): Chunk => ({ kind: 'lines', inlines: markdownInlines(text, { bold: true }) })

const fenceOf = (line: string): string | undefined => /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]

const isHeading = (line: string): boolean => /^ {0,3}#{1,6} /.test(line)

const isQuote = (line: string): boolean => /^ {0,3}>/.test(line)

const isRule = (line: string): boolean => /^(?:-{3,}|\*{3,}|_{3,})$/.test(line.replaceAll(' ', ''))

const isTable = (line: string, below = ''): boolean =>
  line.includes('|') && below.includes('|') && below.includes('-') && /^[\s|:-]+$/.test(below)

const cells = (line: string): string[] =>
  line
    .trim()
    .replace(/^\|/, '')
    .replace(/\|$/, '')
    .split('|')
    .map((cell) => cell.trim())
