import { createAccountByOperator } from '#core/accounts/create.ts'
import type { Actor } from '#core/actor.ts'
import { personal } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { createCore } from '#core/create-core.ts'
import { saveJob } from '#core/jobs/save.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { createSchedule } from '#core/schedules/create.ts'
import { fireDue } from '#core/schedules/fire.ts'
import { findFires, getSchedule } from '#core/schedules/read.ts'
import type { ScheduleRequest } from '#core/schedules/request.ts'
import type { FireView, ScheduleView } from '#core/schedules/view.ts'
import { DEFAULT_SETTINGS } from '#core/settings.ts'
import { TOOLS } from '#core/tools/index.ts'
import { createToolRegistry } from '#core/tools/registry.ts'
import type { Tool } from '#core/tools/tool.ts'
import type { Dialect } from '#db/db.ts'
import { openDatabase } from '#db/open.ts'
import { query } from '#db/statement.ts'
import { TestClock } from '#tests/support/clock.ts'
import { createWorld, type World } from '#tests/support/world.ts'

/** Costs half a thousandth of a dollar. */
const HELLO = {
  jobId: 'hello',
  displayName: 'Hello',
  description: 'Greets.',
  inputSchema: { type: 'object', properties: { name: { type: 'string', default: 'you' } } },
  steps: [
    {
      stepId: 'say',
      toolId: 'text.template',
      inputMappings: { template: { template: 'Hello {{ input.name }}' }, data: { value: {} } },
    },
  ],
  outputs: { text: { step: 'say', output: 'text' } },
}

export const MINUTE_MS = 60_000
export const START = '2026-11-20T10:00:00Z'

/** A real core whose clock stands still, and somebody with a job to schedule. Nothing is looked at before it is told to. */
export class Scene {
  readonly world: World
  readonly core: Core
  readonly clock: TestClock
  readonly ada: Actor
  readonly #others: { core: Core; close(): Promise<void> }[] = []

  constructor(world: World, clock: TestClock, ada: Actor) {
    this.world = world
    this.core = world.core
    this.clock = clock
    this.ada = ada
  }

  make(request: Partial<ScheduleRequest> = {}, actor = this.ada): Promise<{ id: string }> {
    const usual = { jobId: 'hello', inputs: {}, kind: 'interval', everyMs: MINUTE_MS } as const
    const { everyMs, ...rest } = usual
    const isInterval = (request.kind ?? 'interval') === 'interval'
    return createSchedule(this.core, actor, { ...rest, ...(isInterval ? { everyMs } : {}), ...request })
  }

  view = (id: string, actor = this.ada): Promise<ScheduleView> => getSchedule(this.core, actor, id)

  async fires(id: string, actor = this.ada): Promise<FireView[]> {
    return (await findFires(this.core, actor, { id, limit: 2_000 })).items.reverse()
  }

  /** How often each kind of fire stands there. */
  async tally(id: string): Promise<Record<string, number>> {
    const tally: Record<string, number> = {}
    for (const { status } of await this.fires(id)) tally[status] = (tally[status] ?? 0) + 1
    return tally
  }

  /** Looks until nothing is due any more. */
  async look(core = this.core): Promise<void> {
    while ((await fireDue(core)) > 0);
  }

  /** Lets time pass as it does when somebody is there: a look at each of so many steps. */
  async live(stepMs: number, steps = 1): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.clock.advance(stepMs)
      await this.look()
    }
  }

  async runs(): Promise<{ id: string; account_id: string; status: string; idempotency_key: string | null }[]> {
    return query(this.core.db, (q) => q.selectFrom('run').select(['id', 'account_id', 'status', 'idempotency_key']))
  }

  async events(type: string): Promise<Record<string, unknown>[]> {
    const rows = await query(this.core.db, (q) =>
      q.selectFrom('event').selectAll().where('type', '=', type).orderBy('seq'),
    )
    return rows.map((row) => ({ ...row, ...JSON.parse(row.details_json) }))
  }

  /** What was put into the outbox, as JSON. */
  async told(): Promise<{ conversation: string; text: string }[]> {
    const rows = await query(this.core.db, (q) => q.selectFrom('outbox').selectAll().orderBy('seq'))
    return rows.map(({ conversation, reply_json }) => ({ conversation, text: reply_json ?? '' }))
  }

  /** Another process: a core of its own on the same database. */
  async another(): Promise<Core> {
    const db = await openDatabase(this.world.databaseUrl, { synchronous: 'OFF', watchMs: 50 })
    const core = createCore({
      db,
      databaseUrl: this.world.databaseUrl,
      tools: createToolRegistry(TOOLS),
      settings: DEFAULT_SETTINGS,
      log: this.core.log,
      clock: this.clock,
    })
    await core.queue.open()
    this.#others.push({
      core,
      async close() {
        await core.queue.stop(1_000)
        await core.queue.close()
        await db.close()
      },
    })
    return core
  }

  async end(): Promise<void> {
    for (const { close } of this.#others) await close()
    await this.core.queue.stop(1_000)
    await this.world.end()
  }
}

export async function createScene(
  dialect: Dialect,
  { start = START, welcomeUsd = 1_000n, tools = [] }: { start?: string; welcomeUsd?: bigint; tools?: Tool[] } = {},
): Promise<Scene> {
  const clock = new TestClock(start)
  const world = await createWorld(dialect, { clock, tools, settings: { welcomeCreditMicros: welcomeUsd * 1_000_000n } })
  await seedShipped(world.core)
  const ada = await person(world.core, 'ada')
  await saveJob(world.core, ada, { source: HELLO, publish: true })
  return new Scene(world, clock, ada)
}

export async function person(core: Core, handle: string): Promise<Actor> {
  const { id } = await createAccountByOperator(core, { handle, admin: false })
  return { accountId: id, handle, platformRole: 'user', channel: 'api', context: personal(id) }
}
