import { buffer } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

export interface Posted {
  from: string
  to: string[]
  raw: Buffer
}

/** A mail server of the world: keeps what it is given, looks at how it was given, and fails when asked to. */
export interface Post {
  url: string
  mails: Posted[]
  to(address: string): Posted[]
  failNext(how: 'later' | 'break' | 'nobody'): void
  complaints(): string[]
  close(): Promise<void>
}

export async function openPost(): Promise<Post> {
  const mails: Posted[] = []
  const complaints: string[] = []
  const faults: ('later' | 'break' | 'nobody')[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onRcptTo(_address, _session, done) {
      if (faults[0] !== 'nobody') return done()
      faults.shift()
      done(Object.assign(new Error('5.1.1 There is nobody with this name'), { responseCode: 550 }))
    },
    onData(stream, session, done) {
      void buffer(stream).then((raw) => {
        const { envelope } = session as { envelope: { mailFrom: { address: string }; rcptTo: { address: string }[] } }
        const fault = faults.shift()
        if (fault === 'later') return done(Object.assign(new Error('4.7.1 Come back later'), { responseCode: 451 }))
        mails.push({ from: envelope.mailFrom.address, to: envelope.rcptTo.map(({ address }) => address), raw })
        const head = raw.toString('latin1').split('\r\n\r\n')[0] ?? ''
        for (const name of ['From', 'To', 'Subject', 'Message-ID', 'Date', 'Auto-Submitted', 'Reply-To'])
          if (head.match(new RegExp(`^${name}:`, 'gim'))?.length !== 1) complaints.push(`Not one ${name}: ${head}`)
        if (fault === 'break') for (const socket of sockets) socket.destroy()
        else done()
      })
    },
  })
  const sockets = new Set<import('node:net').Socket>()
  server.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  // A connection that we broke is no news.
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.server.address()
  return {
    url: `smtp://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    mails,
    to: (wanted) => mails.filter(({ to }) => to.includes(wanted)),
    failNext: (how) => void faults.push(how),
    complaints: () => complaints,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
