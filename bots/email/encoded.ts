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
  const text = joined.replaceAll(/(?:=\?[^?\s]+\?[bq]\?[^?\s]*\?=)+/gi, wordsDecoded)
  // Eight-bit headers are UTF-8 when they are anything.
  const bytes = Buffer.from(text, 'latin1')
  const isRaw = /[\u0080-\u00ff]/.test(text) && !/[\u0100-\uffff]/.test(text) && text === value
  return (isRaw ? bytes.toString('utf8') : text)
    .toWellFormed()
    .replaceAll(/[^\P{Cc}]+/gu, ' ')
    .trim()
}

/** Encoded words that stand next to each other: some programs end one in the middle of a character, which the next one goes on with. */
function wordsDecoded(run: string): string {
  const groups: { charset: string; bytes: Buffer[]; whole: string }[] = []
  for (const [whole, label = '', kind = '', data = ''] of run.matchAll(/=\?([^?\s]+)\?([bq])\?([^?\s]*)\?=/gi)) {
    // A language may follow the charset.
    const charset = label.split('*')[0]?.toLowerCase() ?? ''
    const last = groups.at(-1)
    const group = last?.charset === charset ? last : { charset, bytes: [], whole: '' }
    if (group !== last) groups.push(group)
    group.bytes.push(kind.toLowerCase() === 'b' ? Buffer.from(data, 'base64') : fromQ(data))
    group.whole += whole
  }
  return groups.map(textOf).join('')
}

function textOf({ charset, bytes, whole }: { charset: string; bytes: readonly Buffer[]; whole: string }): string {
  try {
    return new TextDecoder(charset).decode(Buffer.concat(bytes))
  } catch {
    return whole
  }
}

const fromQ = (data: string): Buffer =>
  Buffer.from(
    data
      .replaceAll('_', ' ')
      .replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
