import type { Actor } from '#core/actor.ts'
import { personal } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { createCore } from '#core/create-core.ts'
import { createEndpoint } from '#core/endpoints/save.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import type { Json, JsonObject } from '#core/json.ts'
import { askMock } from '#core/models/mock.ts'
import { ModelError, type Models } from '#core/models/model.ts'
import type { Outbound } from '#core/outbound/outbound.ts'
import { OutboundError } from '#core/outbound/outbound.ts'
import type { CycleExplained } from '#core/plans/explain.ts'
import { createSchedule } from '#core/schedules/create.ts'
import { explainSchedule } from '#core/schedules/explain.ts'
import { fireDue } from '#core/schedules/fire.ts'
import { findFires, getSchedule } from '#core/schedules/read.ts'
import type { ScheduleRequest } from '#core/schedules/request.ts'
import type { FireView, ScheduleView } from '#core/schedules/view.ts'
import type { JsonSchema } from '#core/schema.ts'
import { startWork } from '#core/work.ts'
import { DatabaseGoneError, type Db, type Dialect, executor } from '#db/db.ts'
import { openDatabase } from '#db/open.ts'
import { findNextDue } from '#db/schedules.ts'
import { query } from '#db/statement.ts'
import { person } from '#tests/core/schedules/scene.ts'
import { TestClock } from '#tests/support/clock.ts'
import { createWorld, type World } from '#tests/support/world.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const START = Date.parse('2026-11-20T10:00:00Z')

/** What a model is asked, and what it answers: for a plan, or for the next time. */
export interface Asked {
  prompt: string
  kind: 'plan' | 'repair' | 'next'
  atMs: number
}
export type Model = (asked: Asked) => Json | Error
/** What a server answers; undefined when it is not there. */
export type Server = (
  url: URL,
  call: { method: string; body: string | undefined; headers: Record<string, string> },
) => { status: number; body: Json } | undefined

export const call = (endpoint: string, more: JsonObject = {}): JsonObject => ({ endpoint, ...more })
export const planOf = (...calls: Json[]): JsonObject => ({
  calls,
  strategy: 'parallel',
  concurrencyLimit: 3,
  reasoning: 'To see how things are',
  confidence: 0.8,
})
export const nextIn = (nowMs: number, ms: number, ...recommendedActions: Json[]): JsonObject => ({
  nextRunAt: new Date(nowMs + ms).toISOString(),
  reasoning: 'That is soon enough',
  confidence: 0.7,
  recommendedActions,
})

/** A real core with a clock that is told what time it is, servers and a model that say what the test says. */
export class PlanScene {
  readonly #others: (() => Promise<void>)[] = []
  readonly world: World
  readonly core: Core
  readonly clock: TestClock
  readonly ada: Actor
  model: Model = ({ kind, atMs }) => (kind === 'next' ? nextIn(atMs, HOUR) : planOf(call('weather')))
  usage = { inputTokens: 500, outputTokens: 100 }
  /** In place of the model that says what the test says. */
  mock = false
  server: Server = () => ({ status: 200, body: { fine: true } })
  /** What was asked and called, in order. */
  readonly asked: Asked[] = []
  readonly called: { url: string; atMs: number; headers: Record<string, string> }[] = []

  constructor(world: World, clock: TestClock, ada: Actor) {
    this.world = world
    this.core = world.core
    this.clock = clock
    this.ada = ada
  }

  endpoint(
    name: string,
    more: { bodySchema?: JsonSchema; method?: 'GET' | 'POST'; description?: string } = {},
    actor = this.ada,
  ) {
    return createEndpoint(this.core, actor, {
      name,
      description: '',
      method: 'GET',
      url: `https://${name}.example/v1`,
      headers: {},
      connection: null,
      bodySchema: null,
      timeoutMs: 5_000,
      maxRequestBytes: 10_000,
      maxResponseBytes: 100_000,
      fireAndForget: false,
      response: null,
      ...more,
    })
  }

  make(request: Partial<ScheduleRequest> = {}, actor = this.ada): Promise<{ id: string }> {
    const usual = { jobId: 'planned', inputs: {}, kind: 'planned', goal: 'Watch the weather', everyMs: HOUR } as const
    return createSchedule(this.core, actor, { ...usual, endpoints: ['weather'], ...request })
  }

  view = (id: string, actor = this.ada): Promise<ScheduleView> => getSchedule(this.core, actor, id)

  async fires(id: string): Promise<FireView[]> {
    return (await findFires(this.core, this.ada, { id, limit: 200 })).items.reverse()
  }

  /** The last cycles, the newest first. */
  async cycles(id: string, actor = this.ada): Promise<CycleExplained[]> {
    return (await explainSchedule(this.core, actor, id)).cycles
  }

  async last(id: string): Promise<CycleExplained> {
    const [last] = await this.cycles(id)
    if (!last) throw new Error('There was no cycle')
    return last
  }

  /** Begins to work in the background; what is due is begun by `live`. */
  work(): Promise<void> {
    return startWork(this.core, { senders: new Map(), schedules: false })
  }

  /** Lets time pass, from one time that is due to the next; whatever is begun is ended before that. */
  async live(forMs: number): Promise<void> {
    const untilMs = this.clock.nowMs() + forMs
    for (;;) {
      const nextMs = (await findNextDue.first(this.core.db, {}))?.next_at_ms ?? Number.POSITIVE_INFINITY
      const nowMs = this.clock.nowMs()
      if (nextMs > untilMs) break
      this.clock.advance(Math.max(0, nextMs - nowMs))
      await fireDue(this.core, nowMs)
      await this.settled()
    }
    this.clock.advance(Math.max(0, untilMs - this.clock.nowMs()))
    await this.settled()
  }

  /** Waits until no cycle goes on. What waits for a moment in it gets that moment. */
  async settled(): Promise<void> {
    for (let looks = 1; ; looks++) {
      const live = await query(this.core.db, (q) =>
        q.selectFrom('plan_cycle').select(['id', 'status', 'run_id']).where('ended_at_ms', 'is', null),
      )
      if (live.length === 0) return
      if (looks > 3_000) throw new Error(`Cycles go on: ${JSON.stringify(live)}`)
      if (looks % 10 === 0) this.clock.advance(200)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  async events(type: string): Promise<JsonObject[]> {
    const rows = await query(this.core.db, (q) =>
      q.selectFrom('event').selectAll().where('type', '=', type).orderBy('seq'),
    )
    return rows.map(({ details_json }) => JSON.parse(details_json) as JsonObject)
  }

  /** What people were told, in one line each. */
  async told(): Promise<{ text: string; type: string }[]> {
    return query(this.core.db, (q) => q.selectFrom('notification').select(['text', 'type']).orderBy('id'))
  }

  /** Another process on the same database. Of its writes so many happen; then it is dead, and says nothing any more. */
  async mortal(writes: number): Promise<{ core: Core; isDead(): boolean }> {
    const db = await openDatabase(this.world.databaseUrl, { synchronous: 'OFF', watchMs: 50 })
    let left = writes
    const dying: Db = {
      dialect: db.dialect,
      [executor]: db[executor],
      write: (body, options) =>
        left-- > 0 ? db.write(body, options) : Promise.reject(new DatabaseGoneError('It was killed.')),
      onChange: (listener) => db.onChange(listener),
      close: () => db.close(),
    }
    const { core } = this.world
    const nobody = { debug() {}, info() {}, warn() {}, error() {} }
    const given = { databaseUrl: this.world.databaseUrl, tools: core.tools, settings: core.settings, log: nobody }
    const { clock } = this
    const other = createCore({ ...given, db: dying, clock, outbound: core.outbound, models: core.models })
    await other.queue.open()
    await startWork(other, { senders: new Map(), schedules: false })
    this.#others.push(async () => {
      left = 0
      await other.queue.stop(10).catch(() => {})
      await other.queue.close().catch(() => {})
      await db.close()
    })
    return { core: other, isDead: () => left < 0 }
  }

  /** Takes away what is left of the other processes. */
  async bury(): Promise<void> {
    for (const end of this.#others.splice(0)) await end()
  }

  async end(): Promise<void> {
    await this.bury()
    await this.core.queue.stop(1_000)
    await this.world.end()
  }
}

export async function createPlanScene(dialect: Dialect): Promise<PlanScene> {
  const clock = new TestClock(START)
  const holder: { scene?: PlanScene } = {}
  const models: Models = {
    async ask(request) {
      const { messages, schema } = request
      const scene = holder.scene as PlanScene
      if (scene.mock) return askMock(request)
      const [first] = messages
      const prompt = first?.role === 'user' ? first.text : ''
      const isNext = JSON.stringify(schema).includes('nextRunAt')
      const kind = isNext ? 'next' : prompt.includes('Your answer cannot be used') ? 'repair' : 'plan'
      const asked: Asked = { prompt, kind, atMs: clock.nowMs() }
      scene.asked.push(asked)
      const value = scene.model(asked)
      if (value instanceof Error) throw new ModelError('auth_failed', value.message)
      return {
        text: JSON.stringify(value),
        value,
        toolCalls: [],
        usage: { ...scene.usage, cachedInputTokens: 0, isEstimated: false },
        finish: 'stop',
        isMock: false,
      }
    },
  }
  const world = await createWorld(dialect, {
    clock,
    models,
    settings: { welcomeCreditMicros: 1_000_000_000n },
    outbound: outboundOf(() => holder.scene as PlanScene),
  })
  await seedShipped(world.core)
  const ada = await person(world.core, 'ada')
  const scene = new PlanScene(world, clock, { ...ada, context: personal(ada.accountId) })
  holder.scene = scene
  await scene.endpoint('weather')
  return scene
}

function outboundOf(scene: () => PlanScene): Outbound {
  return {
    async request({ method, url, body, headers = {} }) {
      const { called, clock, server } = scene()
      called.push({ url, atMs: clock.nowMs(), headers: { ...headers } })
      const answer = server(new URL(url), { method, body, headers: { ...headers } })
      if (!answer) throw new OutboundError('network', 'There was no connection.')
      const bytes = new TextEncoder().encode(JSON.stringify(answer.body))
      return { status: answer.status, headers: { 'content-type': 'application/json' }, body: bytes, isCut: false }
    },
    async open() {
      throw new OutboundError('network', 'There was no connection.')
    },
    async probeMail() {
      return { outcome: 'ok', said: '' }
    },
    async close() {},
  }
}
