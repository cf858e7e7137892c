import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '#tests/e2e/support/free-port.ts'
import { startTelegramPeer, type TelegramPeer } from '#tests/peers/telegram/index.ts'
import type { Backlog, CrashDatabase, Tables } from './database.ts'
import type { Chats, Facts, Kill, SentCommand } from './facts.ts'
import { ATTACKS, type Guard } from './guards.ts'
import { CRASH_JOBS, type CrashJob } from './jobs.ts'
import { People, type Sender } from './people.ts'
import { CrashProvider } from './provider.ts'
import type { Random } from './random.ts'
import { OWN_ROOT, ServerProcess } from './server.ts'

const WEBHOOK_SECRET = 'secret_of_the_crash_test'
/** Each call takes the peer this long, so that kills meet calls under way. */
const CALL_MS = 12
const SETUP_MAX_MS = 20_000
/** A life that neither came to its gate nor finished by then is stuck; what it left is found by the checks. */
const GATED_LIFE_MAX_MS = 90_000

export interface HarnessOptions {
  people: number
  /** Processes on the one database. */
  nodes?: number
  mode?: 'polling' | 'webhook'
  /** The program's folder, when it is another one than this. */
  root?: string
  /** Settings beside those that everything here needs. */
  environment?: Record<string, string>
}

/**
 * The real program as a process, a strict Telegram and a provider that outlive it, and a database. What is killed is the
 * program; what is asked afterwards is the database, the Telegram and the provider.
 */
export class CrashHarness {
  readonly database: CrashDatabase
  readonly peer: TelegramPeer
  readonly #provider: CrashProvider
  readonly #people: People
  readonly kills: Kill[] = []
  readonly commands: SentCommand[] = []
  readonly #mode: 'polling' | 'webhook'
  readonly #root: string
  readonly #environment: Record<string, string>
  readonly #directory = mkdtempSync(join(tmpdir(), 'muster-crash-server-'))
  readonly #ports: readonly number[]
  readonly #errors: string[] = []
  readonly #servers = new Map<number, ServerProcess>()

  private constructor(
    database: CrashDatabase,
    { peer, provider }: { peer: TelegramPeer; provider: CrashProvider },
    {
      ports,
      mode,
      root,
      environment = {},
    }: { ports: number[] } & Pick<HarnessOptions, 'environment'> & Required<Pick<HarnessOptions, 'mode' | 'root'>>,
  ) {
    this.database = database
    this.peer = peer
    this.#provider = provider
    this.#people = new People(peer)
    this.#ports = ports
    this.#mode = mode
    this.#root = root
    this.#environment = environment
  }

  /** Everybody is known, has money, and the jobs are published; the program has been stopped again. */
  static async create(database: CrashDatabase, options: HarnessOptions): Promise<CrashHarness> {
    const { people, nodes = 1, mode = nodes > 1 ? 'webhook' : 'polling', root = OWN_ROOT, environment = {} } = options
    const peer = await startTelegramPeer({ privacyMode: false, webhookRetryMs: 50, webhookAttempts: 10_000 })
    const ports = await Promise.all(Array.from({ length: nodes }, freePort))
    const provider = await CrashProvider.start()
    const harness = new CrashHarness(database, { peer, provider }, { ports, mode, root, environment })
    await harness.#setUp(people)
    peer.failNext({ method: '*', count: Number.POSITIVE_INFINITY, error: { delayMs: CALL_MS } })
    return harness
  }

  /** The first node has the doors, the others only work. With a gate it ends itself there. */
  start(
    node = 0,
    { role = node === 0 ? 'all' : 'worker', gate }: { role?: string; gate?: number } = {},
  ): ServerProcess {
    const { url, token } = this.peer
    const server = new ServerProcess(
      {
        DATABASE_URL: this.database.url,
        PORT: String(this.#ports[node]),
        PUBLIC_URL: `http://127.0.0.1:${this.#ports[0]}`,
        ACCESS: 'open',
        TELEGRAM_BOT_TOKEN: token,
        TELEGRAM_API_ROOT: url,
        TELEGRAM_MODE: this.#mode,
        TELEGRAM_WEBHOOK_SECRET: WEBHOOK_SECRET,
        OUTBOUND_ALLOW: this.#provider.host,
        LOG_LEVEL: 'warn',
        ...this.#environment,
      },
      { directory: this.#directory, role, root: this.#root, ...(gate === undefined ? {} : { gate }) },
    )
    this.#servers.set(node, server)
    return server
  }

  /** Starts what does not run; resolves when all are ready. */
  async startAll(): Promise<void> {
    const nodes = this.#ports.map((_, node) => this.#servers.get(node) ?? this.start(node))
    await Promise.all(nodes.map((server) => server.ready()))
  }

  /** kill -9 of these nodes at once. */
  async kill(nodes: readonly number[] = [0], { look = true } = {}): Promise<void> {
    await Promise.all(nodes.map((node) => this.#servers.get(node)?.kill()))
    const atMs = Date.now()
    for (const node of nodes) this.#forget(node)
    const left = look ? await this.database.backlog() : undefined
    this.kills.push({ atMs, ...(left ? { left } : {}) })
  }

  /** One life that ends at a gate. False when everything was done before it came there; then it is ended all the same. */
  async liveUntil(gate: number): Promise<boolean> {
    const server = this.start(0, { gate })
    const ended = server.ended().then(() => true)
    const done = this.untilQuiet(GATED_LIFE_MAX_MS).then(() => false)
    const atGate = await Promise.race([ended, done])
    await server.kill()
    this.kills.push({ atMs: Date.now() })
    this.#forget(0)
    return atGate
  }

  /** What it held goes to others meanwhile: its steps may be begun again, as after a kill. */
  async freeze(node: number, forMs: number): Promise<void> {
    const freeze: Kill = { atMs: Date.now() }
    this.kills.push(freeze)
    await this.#servers.get(node)?.freeze(forMs)
    freeze.frozenUntilMs = Date.now()
  }

  /** SIGTERM; the exit codes. */
  async stop(): Promise<(number | null)[]> {
    const codes = await Promise.all(this.#servers.values().map((server) => server.stop()))
    for (const node of this.#servers.keys()) this.#forget(node)
    return codes
  }

  get senders(): readonly Sender[] {
    return this.#people.senders
  }

  /** Of everything that anybody ever sent. */
  get updateIds(): readonly number[] {
    return this.#people.updateIds
  }

  /** Who may ask for this job. */
  sendersOf(job: CrashJob): Sender[] {
    return this.senders.filter(({ payer }) => job.atProvider === undefined || payer === 'team')
  }

  /** Somebody says some command. */
  sayAny(random: Random, word: string): void {
    this.sayJob(random, random.pick(CRASH_JOBS), word)
  }

  sayJob(random: Random, job: CrashJob, word: string): void {
    this.say(random.pick(this.sendersOf(job)), job, word)
  }

  say({ user, chat, payer }: Sender, job: CrashJob, word: string): SentCommand {
    const { updateId } = this.peer.sendText(chat, user, `/${job.command} ${job.input(word)}`)
    if (updateId === undefined) throw new Error('The bot is not told of this')
    this.#people.updateIds.push(updateId)
    const command = { updateId, externalId: String(user.id), conversation: String(chat.id), payer, job, word }
    this.commands.push(command)
    return command
  }

  /**
   * Delivers so many of the updates again that are stored already, each that many times, in another order. Not those
   * that nobody took yet: Telegram keeps the order of what it delivers for the first time.
   */
  async redeliver(random: Random, { count, times }: { count: number; times: number }): Promise<void> {
    const taken = (await this.database.deliveries()).map((id) => Number(id.split(':')[1]))
    const again = random.shuffled(taken).slice(0, count)
    const deliveries = again.flatMap((id) => Array.from({ length: times }, () => id))
    for (const id of random.shuffled(deliveries)) this.peer.redeliver(id)
  }

  /**
   * Waits until nothing is left to do, anywhere; else the backlog that would not go away: when nothing of it had moved for
   * so long. A slow machine is not a stuck program, but what goes on and on is: `mostMs`.
   */
  async untilQuiet(stuckMs: number, { mostMs = stuckMs }: { mostMs?: number } = {}): Promise<Backlog | undefined> {
    const untilMs = performance.now() + mostMs
    let quietLooks = 0
    let seen = ''
    let movedMs = performance.now()
    for (;;) {
      const left = await this.database.backlog()
      quietLooks = left && this.#isQuiet(left) ? quietLooks + 1 : 0
      if (quietLooks === 3) return undefined
      const now = performance.now()
      const shown = JSON.stringify(left)
      if (shown !== seen) movedMs = now
      seen = shown
      if (now > untilMs || now - movedMs > stuckMs) return left
      await sleep(150)
    }
  }

  #isQuiet({ inbox, runs, outbox, work, stored }: Backlog): boolean {
    const outside = this.peer.pendingUpdates + this.#provider.pendingCallbacks
    return inbox + runs + outbox + work + outside === 0 && stored >= this.updateIds.length
  }

  async facts(): Promise<Facts> {
    const chats: Chats = new Map(
      [...this.#people.chats].map(([conversation, chat]) => [
        conversation,
        this.peer.messages(chat, { deleted: true }).filter(({ fromBot }) => fromBot),
      ]),
    )
    const tables = await this.database.tables()
    return {
      tables,
      guards: await this.#guards(tables),
      botId: this.peer.botUser.id,
      commands: this.commands,
      updateIds: this.updateIds,
      chats,
      effects: this.#provider.effects(),
      refusedCallbacks: this.#provider.refused,
      kills: this.kills,
      errors: this.#errors,
      complaints: this.peer.violations.map(({ method, message }) => `${method}: ${message}`),
    }
  }

  async #guards(tables: Tables): Promise<Guard[]> {
    const guards: Guard[] = []
    for (const { name, sql } of ATTACKS) {
      const attack = sql(tables)
      if (attack !== undefined) guards.push({ name, refused: await this.database.refuses(attack) })
    }
    return guards
  }

  async end(): Promise<void> {
    await Promise.all(this.#servers.values().map((server) => server.kill()))
    await Promise.all([this.peer.stop(), this.#provider.stop()])
    rmSync(this.#directory, { recursive: true, force: true })
    await this.database.remove()
  }

  #forget(node: number): void {
    this.#errors.push(...(this.#servers.get(node)?.errors() ?? []))
    this.#servers.delete(node)
  }

  async #setUp(count: number): Promise<void> {
    await this.#people.arrive(await this.start().ready(), count, this.#provider.definition)
    const left = await this.untilQuiet(SETUP_MAX_MS)
    if (left) throw new Error(`The people were not ready in time: ${JSON.stringify(left)}`)
    await this.stop()
  }
}
