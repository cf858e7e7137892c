import type { RichTextDate, RichTextLink, RichTextText } from '@slack/types'
import { timesIn } from '#core/chat/times.ts'

export type Inline = RichTextText | RichTextLink | RichTextDate
export type Style = NonNullable<RichTextText['style']>

const URL_MAX = 2000
/** Invisible characters that make a text read otherwise than it is stored, and such as no message needs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is taken out
const UNWANTED = /[\x00-\x08\x0b-\x1f\x7f\u202d\u202e\ufeff]/g
const LINK = /https?:\/\/[^\s<>"'`|\\^{}…]+/gi
const AFTER_LINK = new Set('.,;:!?)]*_~')

/** Text as it may go out: one kind of line end, whole characters, nothing that cannot be seen and reverses the rest. */
export const clean = (text: string): string => text.replace(/\r\n?/g, '\n').replace(UNWANTED, '').toWellFormed()

/** In the reader's zone, and as they have set their clock. */
const MOMENT = '{date_short_pretty} {time}'

/** The words as they are; addresses in them can be followed and show themselves in full, moments show in the reader's zone. */
export function plainInlines(text: string, style?: Style): Inline[] {
  const inlines: Inline[] = []
  let from = 0
  for (const { start, end, atMs } of timesIn(text)) {
    inlines.push(...linkedInlines(text.slice(from, start), style), {
      type: 'date',
      timestamp: Math.floor(atMs / 1000),
      format: MOMENT,
      fallback: text.slice(start, end),
      ...(style ? { style } : {}),
    })
    from = end
  }
  return [...inlines, ...linkedInlines(text.slice(from), style)]
}

function linkedInlines(text: string, style?: Style): Inline[] {
  const inlines: Inline[] = []
  let from = 0
  for (const match of text.matchAll(LINK)) {
    const url = withoutEnd(match[0])
    // What an ellipsis follows was cut: the beginning of an address leads elsewhere.
    if (!isHarmlessUrl(url) || text[match.index + match[0].length] === '…') continue
    pushText(inlines, text.slice(from, match.index), style)
    inlines.push({ type: 'link', url, ...(style ? { style } : {}) })
    from = match.index + url.length
  }
  pushText(inlines, text.slice(from), style)
  return inlines
}

/** Punctuation after an address belongs to the sentence. */
function withoutEnd(url: string): string {
  let end = url.length
  while (AFTER_LINK.has(url[end - 1] ?? '')) end--
  return url.slice(0, end)
}

/** A link under other words; where it leads stands beside it. */
export function labelledLink(label: string, url: string, style?: Style): Inline[] {
  const styled = style ? { style } : {}
  const bare = url.replace(/^https?:\/\//i, '').replace(/\/$/, '')
  if (!label || label === url || label === bare) return [{ type: 'link', url, ...styled }]
  return [
    { type: 'link', url, text: label, ...styled },
    { type: 'text', text: ` (${new URL(url).host})`, ...styled },
  ]
}

/** An http(s) address that names no user: `https://bank.com@evil.org` leads elsewhere than it reads. */
export function isHarmlessUrl(url: string): boolean {
  if (url.length > URL_MAX || !/^https?:\/\//i.test(url) || !URL.canParse(url)) return false
  const { username, password } = new URL(url)
  return username === '' && password === ''
}

function pushText(inlines: Inline[], text: string, style?: Style): void {
  if (text !== '') inlines.push({ type: 'text', text, ...(style && Object.keys(style).length > 0 ? { style } : {}) })
}

/** How much of Slack's limits it takes: its words, and the whole of it as JSON. */
export function measure(element: object): { chars: number; json: number } {
  const json = JSON.stringify(element)
  let chars = 0
  JSON.parse(json, (key, value: unknown) => {
    if ((key === 'text' || key === 'url' || key === 'fallback') && typeof value === 'string') chars += value.length
    return value
  })
  return { chars, json: json.length }
}

/** Cuts a row of inlines into rows that keep to both limits, at the border of a paragraph, line or word where there is one. */
export function splitInlines(inlines: Inline[], maxChars: number, maxJson: number): Inline[][] {
  const rows: Inline[][] = []
  let row: Inline[] = []
  let room = { chars: maxChars, json: maxJson - 100 }
  const endRow = (): void => {
    if (row.length > 0) rows.push(row)
    row = []
    room = { chars: maxChars, json: maxJson - 100 }
  }
  for (const piece of inlines.flatMap((inline) => cutLong(inline, maxChars))) {
    const size = measure(piece)
    if (size.chars > room.chars || size.json > room.json) endRow()
    row.push(piece)
    room = { chars: room.chars - size.chars, json: room.json - size.json - 1 }
  }
  endRow()
  return rows
}

function cutLong(inline: Inline, maxChars: number): Inline[] {
  if (inline.type !== 'text' || inline.text.length <= maxChars) return [inline]
  return splitText(inline.text, maxChars).map((text) => ({ ...inline, text }))
}

/** Pieces of at most `max` characters that make the text again, but for the blanks and line ends at the cuts. */
export function splitText(text: string, max: number): string[] {
  const pieces: string[] = []
  let rest = text
  while (rest.length > max) {
    const end = cutAt(rest, max)
    pieces.push(rest.slice(0, end).trimEnd())
    rest = rest.slice(end).replace(/^\n+/, '')
  }
  if (rest !== '') pieces.push(rest)
  return pieces.filter((piece) => piece !== '')
}

/** The last border within reach, but none in the first third: a cut there would leave crumbs. */
function cutAt(text: string, max: number): number {
  const window = text.slice(0, max)
  for (const border of ['\n\n', '\n', ' ']) {
    const at = window.lastIndexOf(border)
    if (at > max / 3) return at + border.length
  }
  // Not between the halves of one character.
  return /[\ud800-\udbff]$/.test(window) ? max - 1 : max
}
