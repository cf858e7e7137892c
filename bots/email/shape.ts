import type { Headers } from './headers.ts'

const PLAIN = /^text\/plain\s*(;\s*(charset="?(utf-8|us-ascii)"?|format="?flowed"?|delsp="?(yes|no)"?)\s*)*;?\s*$/i
const PARTED = /^multipart\/(?:alternative|mixed|related)\s*;.*?\bboundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))/i
const AS_IT_IS = /^(7bit|8bit)?$/i

/**
 * Whether a mail can be read in one way only, although nobody signed how it is to be read: some large providers sign the body and
 * leave `Content-Type` out. Its parts begin with the first line of the body and end with the last, or it is plain text and has
 * none; so whoever changes the header changes nothing that is read, or it does not fit the body any more.
 */
export function isReadOneWay(headers: Headers, raw: Uint8Array): boolean {
  if (!AS_IT_IS.test(headers.get('content-transfer-encoding')?.trim() ?? '')) return false
  const type = headers.get('content-type')?.trim() ?? 'text/plain'
  const body = bodyOf(raw)
  if (PLAIN.test(type)) return !body.startsWith('--')
  const [, quoted, bare] = PARTED.exec(type) ?? []
  const boundary = quoted ?? bare
  if (boundary === undefined) return false
  const isFirst = [`--${boundary}\r\n`, `--${boundary}\n`].some((line) => body.startsWith(line))
  return isFirst && body.trimEnd().endsWith(`\n--${boundary}--`)
}

function bodyOf(raw: Uint8Array): string {
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('latin1')
  const end = /\r?\n\r?\n/.exec(text)
  return end ? text.slice(end.index + end[0].length) : ''
}
