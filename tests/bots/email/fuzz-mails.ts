import { deflateRawSync, gzipSync } from 'node:zlib'
import type { Random } from '#tests/crash/random.ts'

/** A mail that nobody's program would write, and what is the matter with it. */
export interface Hostile {
  kind: string
  raw: Buffer
}

interface Made {
  /** In place of the usual ones, or beside them. */
  headers?: string
  body: string | Buffer
}

const MB = 1024 * 1024
const LINE = 'The quick brown fox jumps over the lazy dog, and nobody has asked it to do so.\r\n'

const multipart = (boundary: string, parts: readonly string[], isClosed = true): string =>
  `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}${isClosed ? `--${boundary}--\r\n` : ''}`

const typed = (type: string, boundary = 'b'): string => `Content-Type: ${type}; boundary="${boundary}"\r\n`

function wrapped(bytes: Buffer): string {
  const text = bytes.toString('base64')
  return text.replaceAll(/.{76}/g, '$&\r\n')
}

const attachment = (name: string, type: string, bytes: Buffer): string =>
  `Content-Type: ${type}; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${wrapped(bytes)}`

const withAttachment = (name: string, type: string, bytes: Buffer): Made => ({
  headers: typed('multipart/mixed'),
  body: multipart('b', ['Content-Type: text/plain\r\n\r\n/balance', attachment(name, type, bytes)]),
})

/** A zip of one file of zeros that is a thousand times as large as it looks. */
function bomb(sizeBytes: number): Buffer {
  const packed = deflateRawSync(Buffer.alloc(sizeBytes))
  const name = Buffer.from('a.txt')
  const head = Buffer.alloc(30)
  head.writeUInt32LE(0x04034b50, 0)
  head.writeUInt16LE(20, 4)
  head.writeUInt16LE(8, 8)
  head.writeUInt32LE(packed.length, 18)
  head.writeUInt32LE(sizeBytes, 22)
  head.writeUInt16LE(name.length, 26)
  return Buffer.concat([head, name, packed])
}

function nested(depth: number, type: 'mixed' | 'rfc822'): Made {
  if (type === 'rfc822') {
    const open = 'Content-Type: message/rfc822\r\n\r\nSubject: in\r\n'
    return { headers: 'Content-Type: message/rfc822\r\n', body: `${open.repeat(depth)}\r\nThe innermost.` }
  }
  let inner = 'Content-Type: text/plain\r\n\r\nThe innermost.'
  for (let level = depth; level > 0; level--)
    inner = `${typed('multipart/mixed', `b${level}`)}\r\n${multipart(`b${level}`, [inner])}`
  return { headers: typed('multipart/mixed'), body: multipart('b', [inner]) }
}

const CHARSETS = [
  'utf-7',
  'utf-16',
  'x-unknown',
  'iso-2022-jp',
  'gb18030',
  'big5',
  '""',
  'utf-8*en',
  '../../etc',
  'null',
]
const ENCODINGS = ['base64', 'quoted-printable', '7bit', '8bit', 'binary', 'uuencode', 'x-nothing', '']
const bytes = (random: Random, length: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, () => random.whole(0, 256)))

/** Small ones, of which there are thousands. */
const SMALL: Record<string, (random: Random) => Made> = {
  nesting: (random) => nested(random.pick([1, 5, 39, 41, 100, 150]), random.pick(['mixed', 'rfc822'] as const)),
  charsets: (random) => ({
    headers: `Content-Type: text/plain; charset=${random.pick(CHARSETS)}\r\nContent-Transfer-Encoding: ${random.pick(ENCODINGS)}\r\n`,
    body: bytes(random, random.whole(0, 2_000)),
  }),
  'encoded headers': (random) => ({
    headers: `X-A: =?${random.pick(CHARSETS)}?${random.pick(['b', 'q', 'x'])}?${bytes(random, 40).toString('base64')}?=\r\nTo: =?utf-8?B?${Buffer.from('a\r\nBcc: eve@example.test').toString('base64')}?= <x@example.test>\r\n`,
    body: '/balance',
  }),
  'broken boundaries': (random) => ({
    headers: random.pick([
      typed('multipart/mixed'),
      'Content-Type: multipart/mixed\r\n',
      'Content-Type: multipart/alternative; boundary=\r\n',
      `Content-Type: multipart/mixed; boundary="${'b'.repeat(random.whole(1, 5_000))}"\r\n`,
      'Content-Type: multipart/mixed; boundary*0="b"; boundary*1=""\r\n',
      'Content-Type: multipart/mixed; boundary="b\r\n --b"\r\n',
    ]),
    body: multipart(
      'b',
      Array.from({ length: random.whole(0, 6) }, () =>
        random.pick(['', '--b', '--b--', `${typed('multipart/mixed')}\r\n--b`, '\r\n\r\n', 'x']),
      ),
      random.pick([true, false]),
    ),
  }),
  'NUL bytes': (random) => ({
    headers: `X-Nul: a\u0000b\r\nContent-Disposition: attachment; filename="a\u0000b.txt"\r\n`,
    body: Buffer.concat([Buffer.from('/balance\u0000'), Buffer.alloc(random.whole(1, 3_000)), Buffer.from('\r\n')]),
  }),
  noise: (random) => ({
    headers: bytes(random, random.whole(0, 300)).toString('latin1'),
    body: bytes(random, random.whole(0, 4_000)),
  }),
  'zip bombs': (random) =>
    withAttachment(
      random.pick(['plan.pdf', 'plan.txt', 'plan.docx', '../../../etc/passwd', 'a\\b:c.json', '']),
      random.pick(['application/pdf', 'text/plain', 'application/zip', 'application/octet-stream', 'application/gzip']),
      random.pick([bomb(MB), gzipSync(Buffer.alloc(MB)), bomb(8 * MB)]),
    ),
  'broken base64': (random) => ({
    headers: 'Content-Type: application/json\r\nContent-Transfer-Encoding: base64\r\n',
    body: random.pick(['====', 'A', 'AA==AA==AA==', '\u00ff\u00fe', 'QUJD\r\n='.repeat(random.whole(1, 400))]),
  }),
  html: (random) => ({
    headers: 'Content-Type: text/html\r\n',
    body: random
      .pick(['<div>', '<table><tr><td>', '<a href="', '<!--', '<![CDATA[', '&#', '<b><i>', '<script>', '<p style="'])
      .repeat(random.whole(1, 3_000)),
  }),
  'many headers': (random) => ({
    headers: `X-H: ${'v'.repeat(random.whole(1, 60))}\r\n`.repeat(random.whole(1, 2_000)),
    body: '/balance',
  }),
  signatures: (random) => ({
    headers:
      `DKIM-Signature: v=1; a=${random.pick(['rsa-sha256', 'ed25519-sha256', 'x', ''])}; d=${random.pick(['example.test', '', '..', 'a'.repeat(300)])}; s=s1; c=${random.pick(['relaxed/relaxed', 'simple', 'x'])}; h=${'from:'.repeat(random.whole(0, 300))}; bh=${bytes(random, 8).toString('base64')}; b=${bytes(random, 20).toString('base64')}; l=${random.pick(['0', '-1', '1e9', 'x'])}\r\n`.repeat(
        random.whole(1, 8),
      ),
    body: '/balance',
  }),
  words: (random) => ({
    body: `${random.pick(['{', '[', '```json\n{', 'a: b\n', '> ', 'On Fri, ', '-- \n', 'From: x\nSent: y\n', '________________________'])}`.repeat(
      random.whole(1, 800),
    ),
  }),
  'folded lines': (random) => ({
    headers: `X-F: a${'\r\n\t'.repeat(random.whole(1, 3_000))}b\r\nReferences:${' <a@b>'.repeat(random.whole(0, 2_000))}\r\n`,
    body: LINE,
  }),
  'from and to': (random) => ({
    headers: `${random.pick(['From: ', 'Sender: ', 'Reply-To: '])}${random.pick(['a@b, c@d', '"', '<', '(((((', ':;', `${'<'.repeat(500)}a@b`, `${'a'.repeat(2_000)}@b`])}\r\nTo: ${'x@example.test, '.repeat(random.whole(0, 500))}\r\n`,
    body: '/balance',
  }),
  reports: (random) => ({
    headers: `Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\nTo: <bot+${random.pick(['b', 'r'])}-${'0'.repeat(16)}-zz-${'0'.repeat(20)}@muster.test>\r\n`,
    body: multipart('b', ['Content-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1']),
  }),
}

/** What takes megabytes each: a handful of every kind. */
const LARGE: Record<string, (random: Random) => Made> = {
  '25 MB attached': () => withAttachment('large.pdf', 'application/pdf', Buffer.alloc(25 * MB, 'x')),
  'many files': () => ({
    headers: typed('multipart/mixed'),
    body: multipart(
      'b',
      Array.from({ length: 40 }, (_, at) => attachment(`f${at}.pdf`, 'application/pdf', Buffer.alloc(MB / 2, 'y'))),
    ),
  }),
  'huge base64 in one line': () => ({
    headers: 'Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n',
    body: Buffer.alloc(20 * MB, 'A').toString('base64'),
  }),
  '100,000 parts': () => ({ headers: typed('multipart/mixed'), body: `--b\r\n\r\nx\r\n`.repeat(100_000) }),
  '100,000 empty boundaries': () => ({ headers: typed('multipart/mixed'), body: '--b\r\n'.repeat(100_000) }),
  '100,000 parts with types': () => ({
    headers: typed('multipart/mixed'),
    body: '--b\r\nContent-Type: text/plain\r\n\r\nx\r\n'.repeat(100_000),
  }),
  'endless headers': () => ({ headers: `X-Endless: ${LINE.trim()}\r\n`.repeat(300_000), body: '' }),
  'one endless header': () => ({ headers: `X-Endless: ${'v'.repeat(20 * MB)}\r\n`, body: '' }),
  'headers that are just short enough': () => ({
    headers: `X-Long: ${LINE.trim()}\r\n`.repeat(2_500),
    body: '/balance',
  }),
  'a long text': () => ({ headers: 'Content-Type: text/plain\r\n', body: LINE.repeat(300_000) }),
  'one endless line': () => ({ headers: 'Content-Type: text/plain\r\n', body: 'x'.repeat(25 * MB) }),
  'a long page': () => ({ headers: 'Content-Type: text/html\r\n', body: `<div><p>${LINE}`.repeat(200_000) }),
  'a page of openings': () => ({ headers: 'Content-Type: text/html\r\n', body: '<'.repeat(5 * MB) }),
  'quoted-printable': () => ({
    headers: 'Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n',
    body: '=41=\r\n'.repeat(3 * MB),
  }),
  'lines of spaces': () => ({ headers: 'Content-Type: text/plain\r\n', body: `${' '.repeat(900)}\r\n`.repeat(20_000) }),
  'quotes without end': () => ({ headers: 'Content-Type: text/plain\r\n', body: '> '.repeat(4 * MB) }),
  introductions: () => ({ headers: 'Content-Type: text/plain\r\n', body: 'On Fri, somebody \r\n'.repeat(300_000) }),
  labels: () => ({
    headers: 'Content-Type: text/plain\r\n',
    body: `run release-notes\r\n${Array.from({ length: 100_000 }, (_, at) => `a${at}: b`).join('\r\n')}`,
  }),
  'as many lines as are taken': () => ({
    headers: 'Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n',
    body: '=41=\r\n'.repeat(690_000),
  }),
  'nothing but line ends': () => ({ headers: 'Content-Type: text/plain\r\n', body: '\r\n'.repeat(10 * MB) }),
  'larger than taken': () => ({ headers: 'Content-Type: text/plain\r\n', body: 'x'.repeat(40 * MB) }),
}

export const SMALL_KINDS = Object.keys(SMALL)
/** The worst first, which are tried each time. */
const WORST = ['25 MB attached', 'nothing but line ends', 'quoted-printable', '100,000 parts', 'endless headers']
export const LARGE_KINDS = [...WORST, ...Object.keys(LARGE).filter((kind) => !WORST.includes(kind))]

let count = 0

/** One mail of a kind, from somebody who is known, so that all of it is looked at. */
export function hostileMail(kind: string, random: Random, from: string, to: string): Hostile {
  const { headers = '', body } = (SMALL[kind] ?? LARGE[kind] ?? missing(kind))(random)
  const own = `From: <${from}>\r\nTo: <${to}>\r\nSubject: ${random.pick(['/balance', 'run release-notes', 'Hello', '', 'Re: x'])}\r\nMessage-ID: <hostile${++count}@example.test>\r\nDate: ${new Date().toUTCString()}\r\nMIME-Version: 1.0\r\n`
  const head = Buffer.from(`${own}${headers}\r\n`, 'latin1')
  return { kind, raw: Buffer.concat([head, typeof body === 'string' ? Buffer.from(body, 'latin1') : body]) }
}

function missing(kind: string): never {
  throw new Error(`There is no kind ${kind}`)
}
