import { inline } from './inline.ts'
import { block, concat, join, type Rich, wrap } from './rich.ts'
import { table } from './table.ts'

const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^`]*$/
const HEADING = /^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*$/
const ITEM = /^([ \t]*)[-*+][ \t]+(?:\[([ xX])\][ \t]+)?(.*)$/
const RULE = /^ {0,3}(?:[-*_][ \t]*){3,}$/
const TABLE_ROW = /^[ \t]*\|.*\|[ \t]*$/
const TABLE_RULE = /^[ \t]*\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*$/

/**
 * Markdown as far as Telegram can show it: headings bold, lists with dots, tables and fences as code blocks, bold,
 * italic, struck through, code, links to http(s). Everything else, HTML above all, stays as it was written.
 */
export function markdown(source: string): Rich {
  const lines = source.toWellFormed().split(/\r\n?|\n/)
  const shown: Rich[] = []
  for (let at = 0; at < lines.length; ) {
    const { rich, next } = fence(lines, at) ?? tableAt(lines, at) ?? { rich: line(lines[at] ?? ''), next: at + 1 }
    shown.push(rich)
    at = next
  }
  return join(shown, '\n')
}

interface Taken {
  rich: Rich
  next: number
}

function fence(lines: readonly string[], at: number): Taken | undefined {
  const [, ticks = '', language] = FENCE.exec(lines[at] ?? '') ?? []
  if (!ticks) return undefined
  let end = at + 1
  while (end < lines.length && !isFenceEnd(lines[end] ?? '', ticks)) end++
  const code = lines.slice(at + 1, end).join('\n')
  return { rich: code.trim() === '' ? concat() : block(code, language), next: end + 1 }
}

const isFenceEnd = (line: string, ticks: string): boolean => {
  const end = line.trim()
  return end.length >= ticks.length && end === ticks.charAt(0).repeat(end.length)
}

function tableAt(lines: readonly string[], at: number): Taken | undefined {
  if (!TABLE_ROW.test(lines[at] ?? '') || !TABLE_RULE.test(lines[at + 1] ?? '')) return undefined
  let end = at + 2
  while (TABLE_ROW.test(lines[end] ?? '')) end++
  const [columns = [], ...rows] = [lines[at] ?? '', ...lines.slice(at + 2, end)].map(cells)
  return { rich: table(columns, rows), next: end }
}

const cells = (row: string): string[] =>
  row
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => inline(cell.trim()).text)

function line(source: string): Rich {
  const heading = HEADING.exec(source)?.[1]
  if (heading !== undefined) return wrapBold(inline(heading).text)
  if (RULE.test(source)) return concat('———')
  const [, indent = '', box, words] = ITEM.exec(source) ?? []
  if (words === undefined) return inline(source)
  const sign = box === undefined ? '•' : box === ' ' ? '☐' : '☑'
  return concat(`${indent}${sign} `, inline(words))
}

const wrapBold = (text: string): Rich => wrap(text, { type: 'bold' })
