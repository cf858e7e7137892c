import { type Inline, isHarmlessUrl, labelledLink, plainInlines, type Style } from './inlines.ts'

/** A mark is closed within this many characters or it is no mark; so the work stays in proportion to the text. */
const REACH = 2000
const MARKS: { mark: string; style: Style }[] = [
  { mark: '***', style: { bold: true, italic: true } },
  { mark: '**', style: { bold: true } },
  { mark: '__', style: { bold: true } },
  { mark: '~~', style: { strike: true } },
  { mark: '*', style: { italic: true } },
  { mark: '_', style: { italic: true } },
]
const WORD = /[\p{L}\p{N}]/u

interface Found {
  inlines: Inline[]
  end: number
}

/** Bold, italic, struck, code and links of Markdown; what is none of these stays as it is written. */
export function markdownInlines(text: string, style: Style = {}): Inline[] {
  const inlines: Inline[] = []
  let words = ''
  let at = 0
  const flush = (): void => {
    inlines.push(...plainInlines(words, Object.keys(style).length > 0 ? style : undefined))
    words = ''
  }
  while (at < text.length) {
    const found = read(text, at, style)
    if (found) {
      flush()
      inlines.push(...found.inlines)
      at = found.end
    } else if (text[at] === '\\' && /[!-/:-@[-`{-~]/.test(text[at + 1] ?? '')) {
      words += text[at + 1]
      at += 2
    } else {
      const end = endOfPlain(text, at)
      words += text.slice(at, end)
      at = end
    }
  }
  flush()
  return inlines
}

function read(text: string, at: number, style: Style): Found | undefined {
  switch (text[at]) {
    case '`':
      return readCode(text, at, style)
    case '!':
      return text[at + 1] === '[' ? readLink(text, at + 1, style) : undefined
    case '[':
      return readLink(text, at, style)
    case '<':
      return readAddress(text, at, style)
    case '*':
    case '_':
    case '~':
      return readMarked(text, at, style)
    default:
      return undefined
  }
}

/** At least one character on; a run of one mark that opens nothing is passed over whole. */
function endOfPlain(text: string, at: number): number {
  let end = at + 1
  if ('`*_~'.includes(text[at] ?? '')) while (text[end] === text[at]) end++
  else while (end < text.length && !'`![<*_~\\'.includes(text[end] ?? '')) end++
  return end
}

function readCode(text: string, at: number, style: Style): Found | undefined {
  let from = at
  while (text[from] === '`') from++
  const fence = text.slice(at, from)
  const end = find(text, fence, from)
  if (end === undefined || text[end + fence.length] === '`') return undefined
  const code = text.slice(from, end).replace(/^ (.*) $/s, '$1')
  if (code === '') return undefined
  return { inlines: [{ type: 'text', text: code, style: { ...style, code: true } }], end: end + fence.length }
}

function readLink(text: string, at: number, style: Style): Found | undefined {
  const labelEnd = find(text, '](', at + 1)
  if (labelEnd === undefined) return undefined
  const end = find(text, ')', labelEnd + 2)
  if (end === undefined) return undefined
  const [url = ''] = text
    .slice(labelEnd + 2, end)
    .trim()
    .split(/\s/)
  const label = text
    .slice(at + 1, labelEnd)
    .replace(/[*_~`[\]\n]+/g, ' ')
    .trim()
  return isHarmlessUrl(url) ? { inlines: labelledLink(label, url, styleOrNone(style)), end: end + 1 } : undefined
}

/** `<https://example.org>` */
function readAddress(text: string, at: number, style: Style): Found | undefined {
  const end = find(text, '>', at + 1)
  if (end === undefined) return undefined
  const url = text.slice(at + 1, end)
  if (/\s/.test(url) || !isHarmlessUrl(url)) return undefined
  return { inlines: labelledLink('', url, styleOrNone(style)), end: end + 1 }
}

function readMarked(text: string, at: number, style: Style): Found | undefined {
  for (const { mark, style: own } of MARKS) {
    const from = at + mark.length
    const end = text.startsWith(mark, at) ? endOfMarked(text, at, mark) : undefined
    if (end === undefined) continue
    return { inlines: markdownInlines(text.slice(from, end), { ...style, ...own }), end: end + mark.length }
  }
  return undefined
}

/** Where the closing mark stands; snake_case and 2 * 3 * 4 have none. */
function endOfMarked(text: string, at: number, mark: string): number | undefined {
  const from = at + mark.length
  if (/\s/.test(text[from] ?? ' ') || (mark[0] === '_' && WORD.test(text[at - 1] ?? ''))) return undefined
  const end = find(text, mark, from)
  if (end === undefined || end === from || /\s/.test(text[end - 1] ?? ' ')) return undefined
  const after = text[end + mark.length] ?? ''
  const isInside = (mark[0] === '_' && WORD.test(after)) || (mark.length === 1 && after === mark)
  return isInside ? undefined : end
}

function find(text: string, what: string, from: number): number | undefined {
  const at = text.slice(from, from + REACH).indexOf(what)
  return at < 0 ? undefined : from + at
}

const styleOrNone = (style: Style): Style | undefined => (Object.keys(style).length > 0 ? style : undefined)
