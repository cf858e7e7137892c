import { refuse } from '../errors.ts'
import type { UploadedFile } from '../types.ts'

export interface Parts {
  readonly values: Map<string, string>
  readonly files: Map<string, UploadedFile>
}

/** Reads multipart/form-data, including the unquoted file names grammY writes. */
export function readMultipart(body: Buffer, contentType: string): Parts {
  const [, quoted, bare] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? []
  const boundary = quoted ?? bare
  if (!boundary) throw refuse('boundary not found')
  const parts: Parts = { values: new Map(), files: new Map() }
  const separator = Buffer.from(`\r\n--${boundary}`)
  // The first boundary has no line before it; giving it one lets all be found the same way.
  const whole = Buffer.concat([Buffer.from('\r\n'), body])
  let at = whole.indexOf(separator)
  if (at < 0) throw refuse('unexpected end of request content')
  while (
    !whole
      .subarray(at + separator.length)
      .toString('latin1', 0, 2)
      .startsWith('--')
  ) {
    const start = at + separator.length + 2
    const end = whole.indexOf(separator, start - 2)
    if (end < 0) throw refuse('unexpected end of request content')
    addPart(parts, whole.subarray(start, Math.max(start, end)))
    at = end
  }
  return parts
}

function addPart(parts: Parts, part: Buffer): void {
  const blank = part.indexOf('\r\n\r\n')
  if (blank < 0) throw refuse("can't parse form data headers")
  const headers = new Map(
    part
      .toString('utf8', 0, blank)
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')).trim().toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const disposition = headers.get('content-disposition') ?? ''
  if (!/^form-data\b/i.test(disposition)) throw refuse('expected form-data content disposition')
  const name = attribute(disposition, 'name')
  if (name === undefined) throw refuse('field name in multipart/form-data not found')
  const bytes = Buffer.from(part.subarray(blank + 4))
  const fileName = attribute(disposition, 'filename')
  if (fileName === undefined) parts.values.set(name, bytes.toString('utf8'))
  else {
    const mimeType = headers.get('content-type') ?? 'application/octet-stream'
    parts.files.set(name, { name: fileName, mimeType, bytes })
  }
}

function attribute(disposition: string, name: string): string | undefined {
  const [, quoted, bare] = new RegExp(`;\\s*${name}=(?:"((?:\\\\.|[^"\\\\])*)"|([^;]*))`, 'i').exec(disposition) ?? []
  return quoted?.replace(/\\(.)/g, '$1') ?? bare?.trim()
}
