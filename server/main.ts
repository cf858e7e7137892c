import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { serve } from '@hono/node-server'
import type { Logger } from 'pino'
import type { Channel } from '#bots/channel.ts'
import { createMailSender } from '#bots/email/outgoing.ts'
import { createRuleChannel } from '#bots/rule/answers.ts'
import { createWebChannel } from '#bots/web/chat.ts'
import { createHandle } from '#commands/dispatch.ts'
import { wordsOn } from '#commands/words/understand.ts'
import { ensureClaim } from '#core/accounts/claim.ts'
import { keepBoardSwept } from '#core/board/keep.ts'
import { type Handle, receive } from '#core/chat/inbox.ts'
import { doubting } from '#core/chat/restored.ts'
import type { Sender, Senders } from '#core/chat/sender.ts'
import { systemClock } from '#core/clock.ts'
import { countUnreadable } from '#core/connections/rewrap.ts'
import { sealStored } from '#core/connections/seal-stored.ts'
import type { Core } from '#core/core.ts'
import { createFormDesk } from '#core/forms/desk.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { inTurn } from '#core/leases/turn.ts'
import { createMailDesk } from '#core/mail/desk.ts'
import { createMailer } from '#core/outbound/mail.ts'
import { closeSandbox } from '#core/tools/sandbox/shared.ts'
import { keepSwept } from '#core/upkeep.ts'
import { startWork } from '#core/work.ts'
import { rewriteFiles } from '#db/clean.ts'
import { migrateUp } from '#db/migrate.ts'
import { openDatabase } from '#db/open.ts'
import { createApp } from './app.ts'
import type { Config } from './config.ts'
import { coreOn } from './core.ts'
import type { ServerDeps } from './env.ts'
import { keepMenus } from './menus.ts'
import { countedSenders, countRuns } from './metrics/listen.ts'
import { Tally } from './metrics/tally.ts'
import { openTelemetry } from './telemetry/open.ts'

/** `web` answers requests, `worker` does the work and reads the channels, `all` is both. */
export type Role = 'all' | 'web' | 'worker'

/** The program without its doors: what the server, the CLI and the benchmarks have in common. */
export interface Assembled {
  core: Core
  channels: Channel[]
  senders: Senders
  handle: Handle
  words: ReturnType<typeof wordsOn>
  close(): Promise<void>
}

/** Opens an already migrated database and joins core, channels and commands. Starts nothing. */
export async function assemble(config: Config, log: Logger): Promise<Assembled> {
  const db = await openDatabase(config.databaseUrl)
  const core = coreOn(db, config, log)
  await core.queue.open()
  const channels = await configuredChannels(config, core, log)
  const all = new Map<Sender['name'], Sender>(
    [...channels, createWebChannel(core), createRuleChannel(core), ...mailSenders(config, core)].map((one) => [
      one.name,
      one,
    ]),
  )
  const senders = await doubting(core, all)
  return {
    core,
    channels,
    senders,
    handle: createHandle(core, senders),
    words: wordsOn(core),
    async close() {
      closeSandbox()
      await core.outbound.close()
      await core.queue.close()
      await db.close()
    },
  }
}

/** Mail that only goes out, where none comes in. */
function mailSenders({ mail, email, publicUrl }: Config, core: Core): Sender[] {
  if (!mail || email) return []
  const host = new URL(publicUrl).hostname
  return [createMailSender({ mailer: createMailer(mail), host, desk: createMailDesk(core) })]
}

/** Only what is configured is imported: Bolt alone costs 150 ms and 40 MB. */
async function configuredChannels(
  { telegram, slack, mail, email, publicUrl }: Config,
  core: Core,
  log: Logger,
): Promise<Channel[]> {
  const channels: Channel[] = []
  if (telegram) {
    const { createTelegramChannel } = await import('#bots/telegram/bot.ts')
    channels.push(createTelegramChannel({ ...telegram, publicUrl, log, clock: systemClock }))
  }
  if (slack) {
    const { createSlackChannel } = await import('#bots/slack/bot.ts')
    channels.push(createSlackChannel({ ...slack, log, clock: systemClock }))
  }
  if (email && mail) {
    const { createEmailChannel } = await import('#bots/email/bot.ts')
    const mailer = createMailer(mail)
    channels.push(
      createEmailChannel({ ...email, from: mail.from, mailer, desk: createMailDesk(core), log, clock: systemClock }),
    )
  }
  return channels
}

export interface Running {
  url: string
  /** The first start's one-time way to become admin; undefined once there is one. */
  claim?: { code: string; url: string }
  channels: string[]
  stop(): Promise<void>
}

/** Of the ten seconds a stop may take, what runs has this long to end by itself. */
const GRACE_MS = 6_000

export async function startServer(
  config: Config,
  log: Logger,
  { role = 'all' }: { role?: Role } = {},
): Promise<Running> {
  const telemetry = await openTelemetry(config, log)
  const migrated = await migrateUp(config.databaseUrl, systemClock.nowMs())
  if (migrated.applied.length > 0) log.info({ ...migrated }, 'The database was brought up to date')
  const assembled = await assemble(role === 'web' ? withoutMailbox(config) : config, log)
  const { core, channels, senders, handle, words } = assembled
  // The first start makes it, and says so.
  assert(core.settings.authSecret, 'There is a secret')
  await readySecrets(core, config, log)
  await seedShipped(core)
  const isWorking = role !== 'web'
  const started =
    isWorking || config.telegram?.mode === 'webhook' || config.slack?.mode === 'http' || config.email?.relaySecret
      ? channels
      : []
  const stopping = new AbortController()
  const tally = new Tally({ withProcess: true })
  const http = await listen({
    core,
    config,
    log,
    channels: started,
    stopping: stopping.signal,
    tally,
    ...(config.mail ? { mailer: createMailer(config.mail) } : {}),
    ...(telemetry.tracing ? { tracing: telemetry.tracing } : {}),
  })
  const claim = await ensureClaim(core)
  const counted = countedSenders(senders, (told) => tally.tell((metrics) => metrics.send(told)))
  if (isWorking) await startWork(core, { handle, senders: counted, words })
  await Promise.all(started.map((channel) => startChannel(core, channel, config, log)))
  const uncount = countRuns(core, tally)
  telemetry.tracing?.follow(core)
  const menus = started.map((channel) => keepMenus(core, channel, stopping.signal))
  const swept = isWorking ? keepSwept(core, { ttlMs: config.leaseMs, stop: stopping.signal }) : undefined
  const boards = isWorking ? keepBoardSwept(core, stopping.signal) : undefined
  return {
    url: http.url,
    ...(claim ? { claim } : {}),
    channels: ['web', ...started.map(({ name }) => name)],
    // In the order in which nothing new comes in while what is there is finished.
    async stop() {
      stopping.abort()
      await Promise.allSettled(started.map((channel) => channel.stop()))
      const closed = sleep(config.drainMs).then(http.close)
      if (isWorking) await core.queue.stop(GRACE_MS)
      await Promise.all([closed, swept, boards, ...menus])
      uncount()
      await assembled.close()
      await telemetry.close()
    },
  }
}

/** The mailbox is read by who does the work: a process that only answers requests takes what a relay brings, and no turn. */
function withoutMailbox({ email, ...config }: Config): Config {
  if (!email) return config
  const { imapUrl: _, ...others } = email
  return { ...config, email: others }
}

/** Encrypts what an older version stored in clear, and says what cannot be read. */
async function readySecrets(core: Core, { databaseUrl }: Config, log: Logger): Promise<void> {
  const sealed = await sealStored(core, () => rewriteFiles(databaseUrl)).catch((err: unknown) => {
    // Somebody else has the database busy: everything works as it is, and the next start goes on with it.
    log.error({ err }, 'Credentials that were stored in clear are not all encrypted yet; the next start goes on')
    return 0
  })
  if (sealed > 0) {
    const message =
      'Credentials that were stored in clear are encrypted now. Copies made before still have them: delete those'
    log.warn({ records: sealed }, message)
  }
  const unreadable = await countUnreadable(core)
  if (unreadable > 0) {
    log.error({ secrets: unreadable }, 'Stored credentials cannot be read: the key in MUSTER_KEK is another one')
  }
}

async function startChannel(core: Core, channel: Channel, { leaseMs }: Config, log: Logger): Promise<void> {
  const { name } = channel
  const polling = { resource: `poll:${name}`, purpose: `Takes messages from ${name}`, ttlMs: leaseMs }
  try {
    await channel.start(async (incoming) => void (await receive(core, incoming)), {
      inTurn: (stop, work) => inTurn(core, { ...polling, stop }, work),
      forms: createFormDesk(core),
    })
  } catch (err) {
    // The others go on: a wrong token on one channel must not silence the rest.
    log.error({ err, channel: channel.name }, 'A channel could not be started')
  }
}

interface Listening {
  url: string
  close(): Promise<void>
}

function listen(deps: ServerDeps): Promise<Listening> {
  const { config } = deps
  const app = createApp(deps)
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: config.host, port: config.port }, ({ port }) =>
      resolve({
        url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed())
            // Streams never end by themselves.
            if ('closeAllConnections' in server) server.closeAllConnections()
          }),
      }),
    )
    server.on('error', reject)
  })
}
