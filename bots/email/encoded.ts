import type { Headers } from './headers.ts'

/** What somebody calls themselves. */
export const nameIn = (from: string): string =>
  decoded(
    from
      .replace(/<[^<>]*>\s*$/, '')
      .trim()
      .replace(/^"(.*)"$/, '$1'),
  )

export const subjectOf = (headers: Headers): string => decoded(headers.get('subject') ?? '')

/** Encoded words of a header (`=?utf-8?q?…?=`), as text of one line. */
function decoded(value: string): string {
  const joined = value.replaceAll(/(=\?[^?\s]+\?[bq]\?[^?\s]*\?=)\s+(?==\?)/gi, '$1')
  const text = joined.replaceAll(
    /=\?([^?\s]+)\?([bq])\?([^?\s]*)\?=/gi,
    (whole, charset: string, kind: string, data: string) => {
      const bytes =
        kind.toLowerCase() === 'b'
          ? Buffer.from(data, 'base64')
          : Buffer.from(
              data
                .replaceAll('_', ' ')
                .replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
              'latin1',
            )
      try {
        return new TextDecoder(charset.split('*')[0]).decode(bytes)
      } catch {
        return whole
      }
    },
  )
  // Eight-bit headers are UTF-8 when they are anything.
  const bytes = Buffer.from(text, 'latin1')
  const isRaw = /[\u0080-\u00ff]/.test(text) && !/[\u0100-\uffff]/.test(text) && text === value
  return (isRaw ? bytes.toString('utf8') : text)
    .toWellFormed()
    .replaceAll(/[^\P{Cc}]+/gu, ' ')
    .trim()
}
