import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { eventually } from '#tests/support/eventually.ts'

const SCRIPT = new URL('./start.sh', import.meta.url).pathname

/** A real Dovecot behind a real Postfix. */
export interface MailStack {
  imapPort: number
  smtpUrl: string
  imapUrl(user: string, port?: number): string
  /** Hands a mail to Postfix as it stands. */
  deliver(to: string, raw: Buffer): Promise<void>
  /** The folder of somebody's mailbox. */
  mailbox(user: string): string
  /** What is in somebody's mailbox, oldest first, as it stands there. */
  letters(user: string): Letter[]
  /** Stops Dovecot and starts it again; what Postfix could not hand over meanwhile it hands over then. */
  restart(between?: () => Promise<unknown>): Promise<void>
  close(): void
}

export interface Letter {
  /** Of the file; the same as long as the mail is there. */
  id: string
  raw: Buffer
}

const hasMailStack = (): boolean =>
  existsSync('/usr/sbin/dovecot') && existsSync('/usr/sbin/postfix') && process.getuid?.() === 0

/**
 * Whether what needs the two is tried: where they are, and wherever `CI` is set, as `.ci/run` sets it, because there their
 * absence is a failure and no reason to look away.
 */
export const needsMailStack = (): boolean => hasMailStack() || Boolean(process.env.CI)

export async function openMailStack(): Promise<MailStack> {
  if (!hasMailStack()) {
    throw new Error('A real mail server is needed here, as root: apt-get install dovecot-imapd dovecot-lmtpd postfix')
  }
  const folder = mkdtempSync(join(tmpdir(), 'muster-mail-'))
  const [imapPort, smtpPort] = [await freePort(), await freePort()]
  execFileSync('sh', [SCRIPT, folder, String(imapPort), String(smtpPort)], { stdio: 'ignore' })
  const transport = createTransport({ host: '127.0.0.1', port: smtpPort, ignoreTLS: true })
  const master = (): number => Number(readFileSync(join(folder, 'run', 'master.pid'), 'utf8'))
  const mailbox = (user: string): string => join(folder, 'mail', user)
  return {
    imapPort,
    smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
    imapUrl: (user, port = imapPort) => `imap://${encodeURIComponent(user)}:pw@127.0.0.1:${port}`,
    async deliver(to, raw) {
      await transport.sendMail({ envelope: { from: 'ann@example.test', to }, raw })
    },
    mailbox,
    letters: (user) => ['new', 'cur'].flatMap((name) => lettersIn(join(mailbox(user), name))).sort(byArrival),
    async restart(between = async () => {}) {
      const pid = master()
      process.kill(pid)
      await eventually(() => {
        if (existsSync(`/proc/${pid}`)) throw new Error('Dovecot still runs')
      })
      await between()
      execFileSync('/usr/sbin/dovecot', ['-c', join(folder, 'dovecot.conf')], { stdio: 'ignore' })
    },
    close() {
      transport.close()
      execFileSync('postfix', ['-c', join(folder, 'postfix'), 'stop'], { stdio: 'ignore' })
      process.kill(master())
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

function lettersIn(folder: string): Letter[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).map((id) => ({ id, raw: readFileSync(join(folder, id)) }))
}

/** The name of a file begins with when it came: `1795773600.M812345P77.host,S=…`. */
function byArrival(one: Letter, other: Letter): number {
  const [left, right] = [one, other].map(({ id }) => {
    const [, seconds = '0', micros = '0'] = /^(\d+)\.M(\d+)P/.exec(id) ?? []
    return Number(seconds) * 1e6 + Number(micros)
  })
  return (left ?? 0) - (right ?? 0)
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
