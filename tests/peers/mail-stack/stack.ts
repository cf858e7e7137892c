import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'

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
  close(): void
}

/** Whether the two are on this machine. Where they must be, a test that needs them fails without. */
export const hasMailStack = (): boolean =>
  existsSync('/usr/sbin/dovecot') && existsSync('/usr/sbin/postfix') && process.getuid?.() === 0

export async function openMailStack(): Promise<MailStack> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-mail-'))
  const [imapPort, smtpPort] = [await freePort(), await freePort()]
  execFileSync('sh', [SCRIPT, folder, String(imapPort), String(smtpPort)], { stdio: 'ignore' })
  const transport = createTransport({ host: '127.0.0.1', port: smtpPort, ignoreTLS: true })
  return {
    imapPort,
    smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
    imapUrl: (user, port = imapPort) => `imap://${encodeURIComponent(user)}:pw@127.0.0.1:${port}`,
    async deliver(to, raw) {
      await transport.sendMail({ envelope: { from: 'ann@example.test', to }, raw })
    },
    mailbox: (user) => join(folder, 'mail', user),
    close() {
      transport.close()
      execFileSync('postfix', ['-c', join(folder, 'postfix'), 'stop'], { stdio: 'ignore' })
      process.kill(Number(readFileSync(join(folder, 'run', 'master.pid'), 'utf8')))
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
