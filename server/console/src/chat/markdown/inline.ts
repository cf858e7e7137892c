import { timesIn } from '#core/chat/times.ts'

/** A stretch of text inside a paragraph. Anything this does not know stays text. */
export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong' | 'em'; children: Inline[] }
  | { kind: 'link'; href: string; children: Inline[] }
  | { kind: 'moment'; text: string; atMs: number }

const DEPTH_MAX = 6

// One expression finds the next mark. Every alternative begins with a fixed character and looks a bounded way ahead,
// so that hostile text costs linear time.
const MARK = new RegExp(
  [
    /`([^`\n]{1,1000})`/,
    /\*\*(?=\S)([^\n]{1,1000}?)\*\*/,
    /(?<!\w)__(?=\S)([^\n]{1,1000}?)__(?!\w)/,
    /\*(?=[^\s*])([^*\n]{1,1000})\*/,
    /(?<!\w)_(?=[^\s_])([^_\n]{1,1000})_(?!\w)/,
    /\[([^\]\n]{1,500})\]\(([^()\s]{1,2000})\)/,
    /(https?:\/\/[^\s<>"'`]{1,2000})/,
  ]
    .map((mark) => mark.source)
    .join('|'),
  'g',
)

const LINE_MAX = 20_000

/** Text with code, bold, italics and http(s) links. */
export function parseInline(text: string, depth = 0): Inline[] {
  if (depth >= DEPTH_MAX || text.length > LINE_MAX) return text ? [{ kind: 'text', text }] : []
  const found: Inline[] = []
  let from = 0
  for (const match of text.matchAll(MARK)) {
    const [whole, code, strong, strongToo, em, emToo, label, target, bare] = match
    const inline = markOf({ code, strong: strong ?? strongToo, em: em ?? emToo, label, target, bare }, depth)
    if (!inline) continue
    if (match.index > from) found.push({ kind: 'text', text: text.slice(from, match.index) })
    found.push(inline)
    from = match.index + (bare ? (inline as { href: string }).href.length : whole.length)
  }
  if (from < text.length) found.push({ kind: 'text', text: text.slice(from) })
  return found
}

/** The bot's own words: moments, which are shown in the reader's zone, and bare http(s) links. */
export function parseWords(text: string): Inline[] {
  let from = 0
  const found = timesIn(text).flatMap(({ start, end, atMs }): Inline[] => {
    const before = parseLinks(text.slice(from, start))
    from = end
    return [...before, { kind: 'moment', text: text.slice(start, end), atMs }]
  })
  return [...found, ...parseLinks(text.slice(from))]
}

/** Only bare http(s) links: for text that is not markdown. */
export function parseLinks(text: string): Inline[] {
  const found: Inline[] = []
  let from = 0
  for (const match of text.matchAll(/https?:\/\/[^\s<>"'`]{1,2000}/g)) {
    const link = bareLink(match[0])
    if (!link) continue
    if (match.index > from) found.push({ kind: 'text', text: text.slice(from, match.index) })
    found.push(link)
    from = match.index + link.href.length
  }
  if (from < text.length) found.push({ kind: 'text', text: text.slice(from) })
  return found
}

interface Marked {
  code: string | undefined
  strong: string | undefined
  em: string | undefined
  label: string | undefined
  target: string | undefined
  bare: string | undefined
}

function markOf(marked: Marked, depth: number): Inline | undefined {
  if (marked.code !== undefined) return { kind: 'code', text: marked.code }
  if (marked.strong !== undefined) return { kind: 'strong', children: parseInline(marked.strong, depth + 1) }
  if (marked.em !== undefined) return { kind: 'em', children: parseInline(marked.em, depth + 1) }
  if (marked.bare !== undefined) return bareLink(marked.bare)
  if (marked.label === undefined || !isWebAddress(marked.target ?? '')) return undefined
  if (pretends(marked.label, marked.target as string)) return undefined
  // A link inside a link's label stays text, or it could show one address and open another.
  return { kind: 'link', href: marked.target as string, children: [{ kind: 'text', text: marked.label }] }
}

/** `https://x.org/a).` is a link to `https://x.org/a`: closing marks belong to the sentence. */
function bareLink(address: string): (Inline & { kind: 'link' }) | undefined {
  const href = address.replace(/[.,;:!?)\]}*_]+$/, '')
  return isWebAddress(href) ? { kind: 'link', href, children: [{ kind: 'text', text: href }] } : undefined
}

/** Nothing but http and https is ever made a link; `javascript:`, `data:` and relative addresses are not. */
export function isWebAddress(address: string): boolean {
  if (!/^https?:\/\//i.test(address)) return false
  try {
    const { protocol, username, password } = new URL(address)
    // A name before the host (`https://bank.example@evil.example`) is only ever there to deceive.
    return (protocol === 'http:' || protocol === 'https:') && !username && !password
  } catch {
    return false
  }
}

/** True when the label reads like an address and the link leads to another host. */
function pretends(label: string, target: string): boolean {
  const shown = /^\s*(?:https?:\/\/)?((?:[\w-]+\.)+[a-z]{2,})(?:[/:?#\s]|$)/i.exec(label)?.[1]
  return shown !== undefined && shown.toLowerCase() !== new URL(target).hostname
}
