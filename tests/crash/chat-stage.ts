import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '#tests/e2e/support/free-port.ts'
import type { SlackPeer } from '#tests/peers/slack/index.ts'
import type { TelegramPeer } from '#tests/peers/telegram/index.ts'
import type { CrashDatabase } from './database.ts'
import { OWN_ROOT, ServerProcess } from './server.ts'

/** The real program as a process that is started and killed, with chats that outlive it. */
export class ChatStage {
  readonly database: CrashDatabase
  readonly #environment: Record<string, string>
  readonly #directory = mkdtempSync(join(tmpdir(), 'muster-crash-chat-'))
  #server: ServerProcess | undefined

  private constructor(database: CrashDatabase, environment: Record<string, string>) {
    this.database = database
    this.#environment = environment
  }

  static async create(
    database: CrashDatabase,
    { telegram, slack }: { telegram?: TelegramPeer; slack?: SlackPeer },
  ): Promise<ChatStage> {
    const port = String(await freePort())
    return new ChatStage(database, {
      DATABASE_URL: database.url,
      PORT: port,
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      ACCESS: 'open',
      LOG_LEVEL: 'warn',
      // What a dead process held on Postgres has to be waited for.
      LEASE_MS: '3000',
      ...(telegram ? { TELEGRAM_BOT_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.url } : {}),
      ...(slack
        ? {
            SLACK_BOT_TOKEN: slack.secrets.botToken,
            SLACK_SIGNING_SECRET: slack.secrets.signingSecret,
            SLACK_APP_TOKEN: slack.secrets.appToken,
            SLACK_API_URL: slack.apiUrl,
            SLACK_MODE: 'socket',
          }
        : {}),
    })
  }

  /** Resolves when it listens. With gates it ends itself at one of them, so many after `arm`. */
  async start(gatesLater?: number): Promise<{ url: string; claimCode: string }> {
    this.#server = new ServerProcess(
      { ...this.#environment, ...(gatesLater === undefined ? {} : { CRASH_GATES_LATER: String(gatesLater) }) },
      {
        directory: this.#directory,
        role: 'all',
        root: OWN_ROOT,
        ...(gatesLater === undefined ? {} : { gate: Number.MAX_SAFE_INTEGER }),
      },
    )
    const { url, claim } = await this.#server.ready()
    return { url, claimCode: claim?.code ?? '' }
  }

  /** From now on its gates are counted. */
  arm(): void {
    this.#server?.signal('SIGUSR2')
  }

  ended(): Promise<void> {
    return this.#server?.ended() ?? Promise.resolve()
  }

  async kill(): Promise<void> {
    await this.#server?.kill()
  }

  async end(): Promise<void> {
    await this.kill()
    rmSync(this.#directory, { recursive: true, force: true })
    await this.database.remove()
  }
}
