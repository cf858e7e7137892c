/** A small, safe part of Markdown. There is no HTML in it: tags are text like any other. */
export type Block =
  | { kind: 'heading'; level: 1 | 2 | 3 | 4; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'code'; text: string; language: string }
  | { kind: 'quote'; blocks: Block[] }
  | { kind: 'list'; ordered: boolean; start: number; items: Block[][] }
  | { kind: 'rule' }

const DEPTH_MAX = 8

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*$/
const HEADING = /^ {0,3}(#{1,6})\s+(\S.*)$/
const RULE = /^ {0,3}(?:-(?: *-){2,}|\*(?: *\*){2,}|_(?: *_){2,}) *$/
const ITEM = /^( {0,3})([-*+]|(\d{1,9})[.)])\s+(\S.*)$/
const QUOTE = /^ {0,3}> ?/

/** Reads blocks line by line; each line is looked at once per level of nesting. */
export function parseMarkdown(text: string): Block[] {
  return parseLines(text.replace(/\r\n?/g, '\n').replace(/\t/g, '    ').split('\n'), 0)
}

function parseLines(lines: string[], depth: number): Block[] {
  if (depth >= DEPTH_MAX) return [{ kind: 'paragraph', text: lines.join('\n') }]
  const blocks: Block[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at] as string
    if (!line.trim()) at += 1
    else at = takeBlock(lines, at, depth, blocks)
  }
  return blocks
}

/** Adds the block that begins at this line; answers the first line after it. */
function takeBlock(lines: string[], at: number, depth: number, blocks: Block[]): number {
  const line = lines[at] as string
  const fence = FENCE.exec(line)
  if (fence) return takeCode(lines, at, fence[1] as string, fence[2] ?? '', blocks)
  const heading = HEADING.exec(line)
  if (heading) {
    const level = Math.min((heading[1] as string).length, 4) as 1 | 2 | 3 | 4
    blocks.push({ kind: 'heading', level, text: (heading[2] as string).replace(/ #+ *$/, '') })
    return at + 1
  }
  if (RULE.test(line)) {
    blocks.push({ kind: 'rule' })
    return at + 1
  }
  if (QUOTE.test(line)) return takeQuote(lines, at, depth, blocks)
  if (ITEM.test(line)) return takeList(lines, at, depth, blocks)
  return takeParagraph(lines, at, blocks)
}

function takeCode(lines: string[], at: number, fence: string, language: string, blocks: Block[]): number {
  const closes = (line: string): boolean => line.trim().startsWith(fence) && /^[`~]+$/.test(line.trim())
  let end = at + 1
  while (end < lines.length && !closes(lines[end] as string)) end += 1
  blocks.push({ kind: 'code', language, text: lines.slice(at + 1, end).join('\n') })
  return end + 1
}

function takeQuote(lines: string[], at: number, depth: number, blocks: Block[]): number {
  let end = at
  while (end < lines.length && QUOTE.test(lines[end] as string)) end += 1
  const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ''))
  blocks.push({ kind: 'quote', blocks: parseLines(inner, depth + 1) })
  return end
}

function takeList(lines: string[], at: number, depth: number, blocks: Block[]): number {
  const first = ITEM.exec(lines[at] as string) as RegExpExecArray
  const ordered = first[3] !== undefined
  const indent = (first[1] as string).length
  // What is indented as far as the item's own words is inside the item.
  const inner = new RegExp(`^ {1,${indent + (first[2] as string).length + 1}}`)
  const items: string[][] = []
  let end = at
  for (; end < lines.length; end += 1) {
    const line = lines[end] as string
    const item = ITEM.exec(line)
    const isNext = item && (item[3] !== undefined) === ordered && (item[1] as string).length <= indent + 1
    if (isNext && !RULE.test(line)) items.push([item[4] as string])
    else if (belongsToItem(lines, end)) items.at(-1)?.push(line.replace(inner, ''))
    else break
  }
  const start = Number(first[3] ?? 1)
  blocks.push({ kind: 'list', ordered, start, items: items.map((item) => parseLines(item, depth + 1)) })
  return end
}

/** Indented lines continue an item, and so does an empty line between two of them. */
function belongsToItem(lines: string[], at: number): boolean {
  const line = lines[at] as string
  if (line.trim()) return /^ {2,}/.test(line)
  const next = lines[at + 1]
  return next !== undefined && (/^ {2,}\S/.test(next) || ITEM.test(next))
}

function takeParagraph(lines: string[], at: number, blocks: Block[]): number {
  let end = at + 1
  while (end < lines.length && !startsBlock(lines[end] as string)) end += 1
  blocks.push({ kind: 'paragraph', text: lines.slice(at, end).join('\n').trim() })
  return end
}

const startsBlock = (line: string): boolean =>
  !line.trim() || FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || ITEM.test(line)
