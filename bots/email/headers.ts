/** The top of a mail as it came, before anything is made of it. */
export interface Headers {
  /** In order, names in lower case, folded lines joined. */
  lines: { name: string; value: string }[]
  get(name: string): string | undefined
  all(name: string): string[]
}

/** Longer ones are nobody's mail. */
const HEAD_MAX_BYTES = 256 * 1024

/** Undefined when the headers alone are too long to be a mail. */
export function readHeaders(raw: Uint8Array): Headers | undefined {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, HEAD_MAX_BYTES))
  const head = bytes.toString('latin1')
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

/** The plain address in a header that has one: `Ann <ann@example.org>`; in lower case. */
export function addressIn(value: string): string | undefined {
  const [, bracketed] = /<([^<>]*)>\s*$/.exec(value) ?? []
  const address = (bracketed ?? value).trim().toLowerCase()
  return /^[^\s@<>(),;:"]+@[^\s@<>(),;:"]+$/.test(address) ? address : undefined
}
