/** The top of a mail as it came, before anything is made of it. */
export interface Headers {
  /** In order, names in lower case, folded lines joined. */
  lines: { name: string; value: string }[]
  get(name: string): string | undefined
  all(name: string): string[]
}

/** Longer ones are nobody's mail. */
const HEAD_MAX_BYTES = 256 * 1024

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const HIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g

/** Undefined when the headers alone are too long to be a mail. */
export function readHeaders(raw: Uint8Array): Headers | undefined {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, HEAD_MAX_BYTES))
  // What nobody sees is no part of a header either; a database refuses NUL, and then the mail behind would wait for ever.
  const head = bytes.toString('latin1').replaceAll(HIDDEN, ' ')
  const end = /\r?\n\r?\n/.exec(head)
  if (!end && raw.byteLength > HEAD_MAX_BYTES) return undefined
  const lines: { name: string; value: string }[] = []
  for (const line of head.slice(0, end?.index ?? head.length).split(/\r?\n/)) {
    const last = lines.at(-1)
    if (/^[ \t]/.test(line) && last) last.value += ` ${line.trim()}`
    else {
      const at = line.indexOf(':')
      if (at > 0) lines.push({ name: line.slice(0, at).trim().toLowerCase(), value: line.slice(at + 1).trim() })
    }
  }
  const all = (name: string): string[] => lines.filter((line) => line.name === name).map(({ value }) => value)
  return { lines, all, get: (name) => all(name)[0] }
}

/** Message-IDs in a header, in order. */
export const messageIdsIn = (value: string | undefined): string[] => value?.match(/<[^<>\s]{1,250}>/g) ?? []

/** RFC 5321: 64 before the `@`, 255 behind it. */
const ADDRESS_MAX = 320

/** The plain address in a header that has one: `Ann <ann@example.org>`; in lower case. */
export function addressIn(value: string): string | undefined {
  const [, bracketed] = /<([^<>]*)>\s*$/.exec(value) ?? []
  const address = (bracketed ?? value).trim().toLowerCase()
  return address.length <= ADDRESS_MAX && /^[^\s@<>(),;:"]+@[^\s@<>(),;:"]+$/.test(address) ? address : undefined
}

/** The addresses in a header that has several. A comma in a name that stands in quotes separates nothing. */
export const addressesIn = (value: string): string[] =>
  plainOf(value)
    .split(',')
    .flatMap((one) => addressIn(one.trim()) ?? [])

/** Without comments, which may stand in each other, and with nothing of what is quoted; what is not closed takes all that follows. */
export function plainOf(text: string): string {
  let depth = 0
  let isQuoted = false
  let kept = ''
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (sign === '\\') at++
    else if (isQuoted) isQuoted = sign !== '"'
    else if (sign === '(') depth++
    else if (sign === ')') depth = Math.max(0, depth - 1)
    else if (depth > 0) continue
    else if (sign === '"') {
      isQuoted = true
      kept += '"'
    } else kept += sign
  }
  return kept
}
