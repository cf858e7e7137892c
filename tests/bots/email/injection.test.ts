import { createServer, type Server, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMailer, type Mail } from '#core/outbound/mail.ts'

const RUNS = Number(process.env.FUZZ_TEXTS ?? 250)

/** A mail server that takes everything, and keeps what was said to it as it came over the wire. */
interface Wire {
  url: string
  commands: string[]
  data: string
  close(): Promise<void>
}

async function openWire(): Promise<Wire> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    let isData = false
    let rest = ''
    socket.setEncoding('latin1').write('220 wire ESMTP\r\n')
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    socket.on('data', (text: string) => {
      rest += text
      for (;;) {
        const end = isData ? /(^|\r\n)\.\r\n/.exec(rest) : /\r\n/.exec(rest)
        if (!end) return
        const line = rest.slice(0, end.index)
        rest = rest.slice(end.index + end[0].length)
        if (isData) {
          isData = false
          wire.data = `${line}\r\n`
          socket.write('250 taken\r\n')
          continue
        }
        wire.commands.push(line)
        isData = /^DATA/i.test(line)
        socket.write(isData ? '354 go on\r\n' : /^EHLO/i.test(line) ? '250-wire\r\n250 SMTPUTF8\r\n' : '250 ok\r\n')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const wire: Wire = {
    url: `smtp://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    commands: [],
    data: '',
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
  return wire
}

const ENDS = [
  '\r\n',
  '\n',
  '\r',
  '\u0000',
  '\u0085',
  '\u2028',
  '\u2029',
  '\u000b',
  '\u000c',
  '\r\n\r\n',
  '\n.\n',
  '\r\n.\r\n',
]
const ORDERS = [
  'Bcc: eve@evil.test',
  'RCPT TO:<eve@evil.test>',
  'MAIL FROM:<eve@evil.test>',
  'DATA',
  'QUIT',
  'X-Evil: yes',
  '> SIZE=1',
]
/** What somebody writes who wants a line of their own. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(...ENDS),
      fc.constantFrom(...ORDERS),
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom('<', '>', '@', ',', '"', ' ', '=?utf-8?B?DQpCY2M6IGVAZQ==?='),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(''))
const address = fc.oneof(
  hostile,
  hostile.map((text) => `ann${text}@example.test`),
  hostile.map((text) => `ann@example.test${text}`),
  fc.constant('ann@example.test'),
)
const messageId = hostile.map((text) => `<a${text}@example.test>`)

const mails: fc.Arbitrary<Mail> = fc.record({
  to: address,
  subject: hostile,
  text: hostile,
  html: hostile,
  messageId,
  inReplyTo: messageId,
  references: fc.array(messageId, { maxLength: 3 }),
  replyTo: address,
  envelopeFrom: address,
  headers: fc.record({ 'X-Own': hostile, 'List-Unsubscribe': hostile }),
  attachments: fc.array(
    fc.record({
      name: hostile,
      mediaType: fc.oneof(hostile, fc.constant('text/plain')),
      bytes: fc.constant(Buffer.from('x')),
    }),
    { maxLength: 2 },
  ),
})

/** Headers that a mail of ours may have, on top and in its parts. */
const TOP =
  /^(from|to|subject|message-id|in-reply-to|references|reply-to|date|mime-version|content-type|content-transfer-encoding|content-disposition|auto-submitted|x-auto-response-suppress|x-own|list-unsubscribe)$/i

describe('what somebody wrote, on its way to a mail server', () => {
  let wire: Wire
  beforeAll(async () => {
    wire = await openWire()
  })
  afterAll(() => wire.close())

  it('never begins a line of its own, in the talk with it or on top of the mail', { timeout: 600_000 }, async () => {
    let sent = 0
    await fc.assert(
      fc.asyncProperty(mails, async (mail) => {
        wire.commands.length = 0
        wire.data = ''
        const taken = await createMailer({ url: wire.url, from: 'Muster <bot@muster.test>' })
          .send(mail)
          .then(() => true)
          // An address that is none is refused before anything is said.
          .catch(() => false)
        if (taken) sent++
        const verbs = wire.commands.map((line) => line.split(/[ :]/)[0])
        const whole = ['EHLO', 'MAIL', 'RCPT', 'DATA', 'QUIT']
        expect(whole.join(' ').startsWith(verbs.join(' '))).toBe(true)
        for (const line of wire.commands) {
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get there
          expect(line).not.toMatch(/[\u0000-\u001f\u007f]/)
          expect(line.match(/[<>]/g)?.length ?? 0).toBe(/^(MAIL|RCPT)/.test(line) ? 2 : 0)
        }
        const [head = ''] = wire.data.split('\r\n\r\n')
        expect(wire.data.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
        const names = head === '' ? [] : head.split(/\r\n(?![ \t])/).map((line) => line.split(':')[0] ?? '')
        expect(names.filter((name) => !TOP.test(name))).toEqual([])
        expect(names.map((name) => name.toLowerCase())).toEqual([...new Set(names.map((name) => name.toLowerCase()))])
      }),
      { numRuns: RUNS },
    )
    expect(sent).toBeGreaterThan(RUNS / 10)
  })
})
