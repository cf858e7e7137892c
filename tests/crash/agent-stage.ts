import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Actor } from '#core/actor.ts'
import { checkLedger } from '#core/economy/check.ts'
import { fund } from '#core/economy/fund.ts'
import { createEndpoint } from '#core/endpoints/save.ts'
import { saveJob } from '#core/jobs/save.ts'
import type { JsonObject } from '#core/json.ts'
import { decideReview } from '#core/reviews/decide.ts'
import { findReviews, getReview } from '#core/reviews/read.ts'
import { getRun } from '#core/runs/read.ts'
import { submitRun } from '#core/runs/submit.ts'
import type { RunView } from '#core/runs/view.ts'
import type { Dialect } from '#db/db.ts'
import { query } from '#db/statement.ts'
import { hireAgent } from '#tests/core/agents/agents-world.ts'
import { createReviewTeam } from '#tests/core/reviews/people.ts'
import { type ModelPeer, PEER_KEY } from '#tests/peers/models/peer.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { OWN_ROOT, ServerProcess } from './server.ts'

export const AGENT = 'worker'
/** On Postgres what a dead process held has to be waited for. */
const LEASE_MS = 2_000

/** Said to the mock: a thought, a call that writes, one that looks, a run that writes, and a call that people are asked about. */
const GOAL = [
  'Do all of it.',
  'mock: call text.template {"template":"first","data":{}}',
  'mock: call http.request {"endpoint":"keep","body":{"what":"one"}}',
  'mock: call http.request {"endpoint":"look"}',
  'mock: call job_inner {}',
  'mock: call docs.format {"text":"# third","language":"markdown"}',
  'mock: call http.request {"endpoint":"keep","body":{"what":"two"}}',
  'mock: call text.template {"template":"last","data":{}}',
].join('\n')
export const CALLS = 7
export const ANSWERS = CALLS + 1
/** What reaches the outside when nobody is killed. */
export const EFFECTS: Readonly<Record<string, number>> = { one: 1, look: 1, inner: 1, two: 1 }

/** Somebody outside who counts, and lives on whoever is killed. */
export class Listener {
  readonly calls: { what: string; key: string }[] = []
  /** Called before it answers. */
  before: (what: string) => void | Promise<void> = () => {}
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<Listener> {
    const server = createServer({ keepAlive: false })
    const listener = new Listener(server)
    server.on('request', async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      const what = body === '' ? 'look' : String(JSON.parse(body).what)
      listener.calls.push({ what, key: String(request.headers['webhook-id']) })
      await listener.before(what)
      // The same answer each time, to the last header.
      response.sendDate = false
      response.end(`done: ${what}`)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return listener
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  counts(): Record<string, number> {
    return Object.fromEntries(
      Object.keys(EFFECTS).map((what) => [what, this.calls.filter((call) => call.what === what).length]),
    )
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

/** What of a run stands in the database: what the agent has done and learned, without what is different each time. */
export interface Traces {
  run: RunView
  turns: object[]
  /** Of calls that have a result. */
  results: number
  calls: { status: string; cost: bigint; isCharged: boolean }[]
  turnsMicros: bigint
  children: { status: string; cost: bigint }[]
  reviews: number
  transfers: string[]
}

/** An agent that works in processes of the real program, which are killed; who asks it and who approves stays alive. */
export class AgentStage {
  readonly world: World
  readonly listener: Listener
  readonly owner: Actor
  readonly errors: string[] = []
  readonly #directory = mkdtempSync(join(tmpdir(), 'muster-agent-'))
  #processes: ServerProcess[] = []
  #gated: ServerProcess[] = []

  readonly #environment: Record<string, string>

  private constructor(
    world: World,
    { listener, owner, environment }: { listener: Listener; owner: Actor; environment: Record<string, string> },
  ) {
    this.world = world
    this.#environment = environment
    this.listener = listener
    this.owner = owner
  }

  /** With a peer the models are asked there, and not the mock. */
  static async create(dialect: Dialect, { peer }: { peer?: ModelPeer } = {}): Promise<AgentStage> {
    const connection =
      peer && ({ id: 'env-openai', provider: 'openai', baseUrl: peer.baseUrl('openai'), secret: PEER_KEY } as const)
    const world = await createWorld(dialect, { settings: { modelConnections: connection ? [connection] : [] } })
    const listener = await Listener.start()
    const { core } = world
    const { owner } = await createReviewTeam(world)
    await fund(core, owner, { context: owner.context, amountUsd: '90.00', reason: 'test' })
    for (const [name, method] of [
      ['keep', 'POST'],
      ['look', 'GET'],
    ] as const) {
      await createEndpoint(core, owner, {
        name,
        method,
        description: 'For a test.',
        url: `http://${listener.host}/${name}`,
        headers: {},
        connection: null,
        bodySchema: null,
        timeoutMs: 5_000,
        maxRequestBytes: 10_000,
        maxResponseBytes: 10_000,
        fireAndForget: false,
        response: null,
      })
    }
    const inner: JsonObject = {
      jobId: 'inner',
      displayName: 'Inner',
      description: 'For a test.',
      inputSchema: { type: 'object', properties: {} },
      steps: [
        {
          stepId: 'keep',
          toolId: 'http.request',
          inputMappings: { endpoint: { value: 'keep' }, body: { value: { what: 'inner' } } },
        },
        { stepId: 'say', toolId: 'text.template', inputMappings: { template: { value: 'kept' }, data: { value: {} } } },
      ],
      outputs: { text: { step: 'say', output: 'text' } },
    }
    await saveJob(core, owner, { source: inner, publish: true })
    await hireAgent(world, owner, AGENT, {
      tools: ['text.*', 'docs.*', 'http.request'],
      jobs: ['inner'],
      maxRunUsd: '0.50',
    })
    const environment = {
      OUTBOUND_ALLOW: [listener.host, ...(peer ? [peer.host] : [])].join(','),
      ...(connection ? { OPENAI_API_KEY: connection.secret, OPENAI_BASE_URL: connection.baseUrl } : {}),
    }
    return new AgentStage(world, { listener, owner, environment })
  }

  /** One process for each number: it ends itself at so many gates after `arm`; never when there is none. */
  async start(...gatesLater: (number | undefined)[]): Promise<void> {
    this.#processes = gatesLater.map(
      (gates, node) =>
        new ServerProcess(
          {
            DATABASE_URL: this.world.databaseUrl,
            PORT: '0',
            LOG_LEVEL: 'warn',
            LEASE_MS: String(LEASE_MS),
            ...this.#environment,
            ...(gates === undefined ? {} : { CRASH_GATES_LATER: String(gates) }),
          },
          {
            directory: join(this.#directory),
            role: node === 0 ? 'all' : 'worker',
            root: OWN_ROOT,
            ...(gates === undefined ? {} : { gate: Number.MAX_SAFE_INTEGER }),
          },
        ),
    )
    this.#gated = this.#processes.filter((_, node) => gatesLater[node] !== undefined)
    await Promise.all(this.#processes.map((server) => server.ready()))
  }

  arm(): void {
    for (const server of this.#gated) server.signal('SIGUSR2')
  }

  /** Resolves when all of them have ended by themselves. */
  async ended(): Promise<void> {
    await Promise.all(this.#processes.map((server) => server.ended()))
  }

  async kill(): Promise<void> {
    await Promise.all(this.#processes.map((server) => server.kill()))
    this.errors.push(...this.#processes.flatMap((server) => server.errors()))
    this.#processes = []
  }

  /** The agent is to do all of it; or a tool is to do something else. */
  async ask(tool = 'agent.run', inputs: JsonObject = { agent: AGENT, goal: GOAL }): Promise<string> {
    return (await submitRun(this.world.core, this.owner, { target: { tool }, inputs })).runId
  }

  async approve(runId: string): Promise<void> {
    const { core } = this.world
    const { items } = await findReviews(core, this.owner, { runId, status: 'open', limit: 5 })
    for (const { id } of items) {
      const { payloadHash } = await getReview(core, this.owner, id)
      await decideReview(core, this.owner, { reviewId: id, decision: 'approve', payloadHash })
    }
  }

  async isOver(runId: string): Promise<boolean> {
    return (await getRun(this.world.core, this.owner, runId)).finishedAt !== null
  }

  async traces(runId: string): Promise<Traces> {
    const { db } = this.world.core
    const run = await getRun(this.world.core, this.owner, runId)
    const turns = await query(db, (q) =>
      q.selectFrom('agent_turn').selectAll().where('run_id', '=', runId).orderBy('turn'),
    )
    const calls = await query(db, (q) => q.selectFrom('model_call').selectAll().where('run_id', '=', runId))
    const children = await query(db, (q) => q.selectFrom('run').selectAll().where('parent_run_id', '=', runId))
    const reviews = await query(db, (q) => q.selectFrom('review').select('id').where('root_run_id', '=', runId))
    const transfers = await query(db, (q) =>
      q.selectFrom('transfer').select(['state', 'amount_micros']).where('run_id', '=', runId).orderBy('id'),
    )
    return {
      run,
      turns: turns.map(({ kind, json }) => {
        const { mark: _, reviewId: __, childRunId: ___, ...rest } = JSON.parse(json) as JsonObject
        return { kind, ...rest }
      }),
      results: turns.filter(({ kind }) => kind === 'result').length,
      calls: calls.map(({ status, cost_micros, is_charged }) => ({
        status,
        cost: cost_micros,
        isCharged: is_charged === 1,
      })),
      turnsMicros: turns
        .filter(({ kind }) => kind === 'call' || kind === 'result')
        .reduce((sum, { cost_micros }) => sum + cost_micros, 0n),
      children: children.map(({ status, cost_micros }) => ({ status, cost: cost_micros })),
      reviews: reviews.length,
      transfers: transfers.map(({ state, amount_micros }) => `${state} ${amount_micros}`),
    }
  }

  /** Everything adds up, and nothing is held any more. */
  async ledger(): Promise<{ isSound: boolean; held: string[] }> {
    const { db } = this.world.core
    const held = await query(db, (q) => q.selectFrom('ledger_account').select('id').where('pending_micros', '<>', 0n))
    return { isSound: (await checkLedger(this.world.core)).sound, held: held.map(({ id }) => id) }
  }

  async end(): Promise<void> {
    await this.kill()
    this.listener.stop()
    await this.world.end()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
