import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { attachIdentity } from '#core/accounts/identities.ts'
import { OWN_ROOT, ServerProcess } from '#tests/crash/server.ts'
import { freePort } from '#tests/e2e/support/free-port.ts'
import type { Names } from '#tests/peers/mail-stack/names.ts'
import type { World } from '#tests/support/world.ts'

const NAMES_FIRST = join(OWN_ROOT, 'tests', 'peers', 'mail-stack', 'names-first.ts')

export interface MailSettings {
  databaseUrl: string
  names: Names
  smtpUrl: string
  imapUrl?: string
  relaySecret?: string
  own: string
}

/** The real program with e-mail, as a process of its own that is started and killed again and again. */
export class MailProcess {
  readonly #environment: Record<string, string>
  readonly #directory = mkdtempSync(join(tmpdir(), 'muster-mail-process-'))
  #server: ServerProcess | undefined

  constructor({ databaseUrl, names, smtpUrl, imapUrl, relaySecret, own }: MailSettings) {
    this.#environment = {
      DATABASE_URL: databaseUrl,
      AUTH_SECRET: 'a secret of the tests that is long enough',
      MUSTER_KEK: Buffer.alloc(32, 'a key of the tests').toString('base64'),
      LOG_LEVEL: 'warn',
      // What a dead process held has to be waited for.
      LEASE_MS: '3000',
      EMAIL_SMTP_URL: smtpUrl,
      EMAIL_FROM: `Muster <${own}>`,
      ...(imapUrl ? { EMAIL_IMAP_URL: imapUrl } : {}),
      ...(relaySecret ? { EMAIL_RELAY_SECRET: relaySecret } : {}),
      NODE_OPTIONS: `--import ${NAMES_FIRST}`,
      TEST_NAMES: names.address,
    }
  }

  /** Resolves when it listens. With gates it ends itself at one of them, so many after `arm`. */
  async start(gatesLater?: number): Promise<string> {
    const port = String(await freePort())
    this.#server = new ServerProcess(
      {
        ...this.#environment,
        PORT: port,
        PUBLIC_URL: `http://127.0.0.1:${port}`,
        ...(gatesLater === undefined ? {} : { CRASH_GATES_LATER: String(gatesLater) }),
      },
      {
        directory: this.#directory,
        role: 'all',
        root: OWN_ROOT,
        ...(gatesLater === undefined ? {} : { gate: Number.MAX_SAFE_INTEGER }),
      },
    )
    return (await this.#server.ready()).url
  }

  /** From now on its gates are counted. */
  arm(): void {
    this.#server?.signal('SIGUSR2')
  }

  get pid(): number {
    return this.#server?.pid ?? 0
  }

  ended(): Promise<void> {
    return this.#server?.ended() ?? Promise.resolve()
  }

  async kill(): Promise<void> {
    await this.#server?.kill()
  }

  errors(): string[] {
    return this.#server?.errors() ?? []
  }

  async end(): Promise<void> {
    await this.kill()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

/** Somebody with an account whose address is known to be theirs. */
export async function addPerson({ core }: World, handle: string): Promise<string> {
  const { id } = await createAccountByOperator(core, { handle, admin: false })
  const externalId = `${handle}@example.test`
  await core.db.write((tx) => attachIdentity(tx, id, { channel: 'email', externalId, name: handle }, 0))
  return externalId
}
