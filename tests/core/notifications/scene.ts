import { attachIdentity } from '#core/accounts/identities.ts'
import { updatePreferences } from '#core/accounts/preferences.ts'
import type { Actor } from '#core/actor.ts'
import type { Part } from '#core/chat/message.ts'
import { plainText } from '#core/chat/plain.ts'
import type { Core } from '#core/core.ts'
import { createCore } from '#core/create-core.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import type { JsonObject } from '#core/json.ts'
import { type News, notify } from '#core/notifications/notify.ts'
import { findNotifications, type NotificationView } from '#core/notifications/read.ts'
import { DEFAULT_SETTINGS } from '#core/settings.ts'
import { TOOLS } from '#core/tools/index.ts'
import { createToolRegistry } from '#core/tools/registry.ts'
import { startWork } from '#core/work.ts'
import type { Dialect } from '#db/db.ts'
import { openDatabase } from '#db/open.ts'
import { query } from '#db/statement.ts'
import { newPerson } from '#tests/core/economy/people.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { createWorld, type World } from '#tests/support/world.ts'

export const HOUR_MS = 3_600_000

/** A real core whose clock can be set forward, and people who can be written to on Telegram. Nobody works until told to. */
export class Scene {
  readonly world: World
  readonly core: Core
  readonly clock: ShiftedClock
  readonly #others: { core: Core; close(): Promise<void> }[] = []

  constructor(world: World, clock: ShiftedClock) {
    this.world = world
    this.core = world.core
    this.clock = clock
  }

  async person(handle: string, channels: readonly string[] = ['telegram']): Promise<Actor> {
    const actor = await newPerson(this.core, handle)
    for (const channel of channels) {
      const identity = { channel, externalId: handle, name: handle, privateConversation: `${channel}-${handle}` }
      await this.core.db.write((tx) => attachIdentity(tx, actor.accountId, identity, this.clock.nowMs()))
    }
    return actor
  }

  choose(actor: Actor, notifications: JsonObject): Promise<unknown> {
    return updatePreferences(this.core, actor, { notifications })
  }

  tell(actor: Actor, news: Partial<News> = {}): Promise<void> {
    // Of two in one millisecond nobody knows which was first.
    this.clock.advance(1)
    const { accountId, context } = actor
    const told: News = { accountId, context, type: 'schedule_missed', cause: 'sch_1', text: 'News', ...news }
    return this.core.db.write((tx) => notify(this.core, tx, told))
  }

  /** What was put into the outbox for a conversation, in words; cards as their keys. */
  async said(conversation: string): Promise<string[]> {
    const rows = await query(this.core.db, (q) =>
      q.selectFrom('outbox').selectAll().where('conversation', '=', conversation).orderBy('seq'),
    )
    return rows.map(({ reply_json, card_key }) => card_key ?? plainText(JSON.parse(reply_json ?? '[]') as Part[]))
  }

  async list(actor: Actor): Promise<NotificationView[]> {
    return (await findNotifications(this.core, actor, { limit: 100 })).items
  }

  /** A time of the day so far from now, as UTC clocks show it. */
  time(inMs: number): string {
    return new Date(this.clock.nowMs() + inMs).toISOString().slice(11, 16)
  }

  work(core = this.core): Promise<void> {
    return startWork(core, { handle: async () => ({ replies: [] }), senders: new Map() })
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

export async function createScene(dialect: Dialect): Promise<Scene> {
  const clock = new ShiftedClock()
  const world = await createWorld(dialect, { clock, settings: { welcomeCreditMicros: 100_000_000n } })
  await seedShipped(world.core)
  return new Scene(world, clock)
}
