import { pino } from 'pino'
import type { Dialect } from '#db/db.ts'
import { readConfig } from '#server/config.ts'
import { type Running, startServer } from '#server/main.ts'
import type { SlackPeer } from '#tests/peers/slack/index.ts'
import type { TelegramPeer } from '#tests/peers/telegram/index.ts'
import { createDatabase, type TestDatabase } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { freePort } from './free-port.ts'

export interface AppOptions {
  telegram?: { peer: TelegramPeer; mode: 'polling' | 'webhook' }
  slack?: { peer: SlackPeer; mode: 'socket' | 'http' }
  /** Settings as the environment has them, over those above. */
  settings?: Record<string, string>
}

/** The whole program in this process, as `npm start` makes it, on a database of its own. */
export interface App {
  url: string
  claimCode: string
  database: TestDatabase
  /** What was logged as an error. */
  errors: unknown[]
  /** Stops the program and starts it anew on the same database. */
  restart(): Promise<void>
  end(): Promise<void>
}

const WEBHOOK_SECRET = 'secret_of_the_test'

export async function startApp(dialect: Dialect, options: AppOptions = {}): Promise<App> {
  const database = await createDatabase(dialect)
  const port = await freePort()
  const errors: unknown[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => void errors.push(JSON.parse(line)) })
  const config = readConfig(environment(database, port, options))
  let running = await startServer(config, log)
  const { telegram, slack } = options
  if (slack?.mode === 'http') slack.peer.deliverTo(postTo(`${running.url}/webhooks/slack`))
  if (telegram) await untilListening(telegram)
  if (slack?.mode === 'socket') await untilConnected(slack.peer)
  return {
    url: running.url,
    claimCode: running.claim?.code ?? '',
    database,
    errors,
    async restart() {
      await running.stop()
      running = await startServer(config, log)
      if (telegram) await untilListening(telegram)
      if (slack?.mode === 'socket') await untilConnected(slack.peer)
    },
    end: () => stop(running, database),
  }
}

function environment(
  database: TestDatabase,
  port: number,
  { telegram, slack, settings }: AppOptions,
): Record<string, string> {
  return {
    DATABASE_URL: database.url,
    PORT: String(port),
    AUTH_SECRET: 'a secret of the tests that is long enough',
    MUSTER_KEK: Buffer.alloc(32, 'a key of the tests').toString('base64'),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    ...(telegram
      ? {
          TELEGRAM_BOT_TOKEN: telegram.peer.token,
          TELEGRAM_API_ROOT: telegram.peer.url,
          TELEGRAM_MODE: telegram.mode,
          TELEGRAM_WEBHOOK_SECRET: WEBHOOK_SECRET,
        }
      : {}),
    ...(slack
      ? {
          SLACK_BOT_TOKEN: slack.peer.secrets.botToken,
          SLACK_SIGNING_SECRET: slack.peer.secrets.signingSecret,
          SLACK_APP_TOKEN: slack.peer.secrets.appToken,
          SLACK_API_URL: slack.peer.apiUrl,
          SLACK_MODE: slack.mode,
        }
      : {}),
    ...settings,
  }
}

/** Slack's HTTP deliveries, over the wire as they come. */
const postTo =
  (url: string) =>
  async (request: Request): Promise<Response> =>
    fetch(url, { method: 'POST', headers: request.headers, body: await request.arrayBuffer() })

async function untilListening({ peer, mode }: NonNullable<AppOptions['telegram']>): Promise<void> {
  if (mode === 'webhook') await peer.waitForCall('setWebhook', ({ outcome }) => outcome === 'answered')
  else
    await eventually(() => {
      if (!peer.pollWaiting) throw new Error('The bot does not poll yet')
    })
}

/** Slack drops what it has for a bot without a connection. */
async function untilConnected(peer: SlackPeer): Promise<void> {
  await eventually(() => {
    if (peer.connections === 0) throw new Error('The bot has no connection to Slack yet')
  })
}

async function stop(running: Running, database: TestDatabase): Promise<void> {
  await running.stop()
  await database.drop()
}
