import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'
import { eventually } from '#tests/support/eventually.ts'

export interface Received {
  to: string
  subject: string
  /** As a reader shows it. */
  text: string
}

/** A real mail server on loopback that keeps what it is given. */
export interface Inbox {
  url: string
  received: Received[]
  /** The newest mail to somebody, as soon as there are more than that many. */
  next(to: string, after?: number): Promise<Received>
  /** The code in the link of a mail. */
  code(to: string, after?: number): Promise<string>
  close(): Promise<void>
}

export async function openInbox(): Promise<Inbox> {
  const received: Received[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, _, done) {
      void text(stream).then((raw) => {
        received.push(parse(raw))
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const next = (to: string, after = 0): Promise<Received> =>
    eventually(() => {
      const mine = received.filter((mail) => mail.to === to)
      const last = mine.at(-1)
      if (!last || mine.length <= after) throw new Error(`${to} has ${mine.length} mails`)
      return last
    })
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    next,
    code: async (to, after) => /[?&]code=([\w-]+)/.exec((await next(to, after)).text)?.[1] ?? '',
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** Headers, and the words of a mail that has only words. */
function parse(raw: string): Received {
  const [head = '', ...rest] = raw.split('\r\n\r\n')
  const header = (name: string): string =>
    new RegExp(`^${name}: (.*(?:\r\n[ \t].*)*)`, 'im').exec(head)?.[1]?.replaceAll(/\r\n[ \t]/g, ' ') ?? ''
  const body = rest.join('\r\n\r\n')
  const isQuoted = /quoted-printable/i.test(header('Content-Transfer-Encoding'))
  const plain = isQuoted
    ? Buffer.from(
        body
          .replaceAll('=\r\n', '')
          .replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
        'latin1',
      ).toString('utf8')
    : body
  return { to: header('To').replaceAll(/[<>]/g, ''), subject: header('Subject'), text: plain }
}
