import { systemClock } from '#core/clock.ts'
import { systemIds } from '#core/ids.ts'
import type { Dialect } from '#db/db.ts'
import { Dispatcher, type Handler } from '#db/queue/dispatcher.ts'
import type { Claim, WorkItem } from '#db/queue/queue.ts'
import { createWorkStore } from '#db/queue/store.ts'
import { createDatabase, type TestDatabase } from '#tests/support/database.ts'

export interface QueueOptions {
  leaseMs?: number
  capacity?: number
  perContext?: number
  instance?: number
}

/** Several dispatchers on one database, as several processes have them. */
export class QueueHarness {
  readonly database: TestDatabase
  readonly #dispatchers: Dispatcher[] = []
  errors: unknown[] = []

  static async create(dialect: Dialect): Promise<QueueHarness> {
    return new QueueHarness(await createDatabase(dialect))
  }

  private constructor(database: TestDatabase) {
    this.database = database
  }

  async end(): Promise<void> {
    for (const dispatcher of this.#dispatchers) await dispatcher.stop(200)
    for (const dispatcher of this.#dispatchers) await dispatcher.close()
    await this.database.drop()
  }

  async dispatcher(options: QueueOptions = {}): Promise<Dispatcher> {
    const { db, url } = this.database
    const { perContext = 64, instance = null, capacity = 4 } = options
    const onError = (error: unknown): void => void this.errors.push(error)
    const store = createWorkStore({
      db,
      databaseUrl: url,
      clock: systemClock,
      limits: { perContext, instance },
      newToken: () => systemIds.newSecret(),
      onError,
    })
    const made = new Dispatcher({
      db,
      store,
      clock: systemClock,
      capacity: { run: capacity, inbox: capacity, outbox: capacity },
      perContext,
      pollMs: 100,
      ...(options.leaseMs ? { leaseMs: options.leaseMs } : {}),
      onError,
    })
    await made.open()
    this.#dispatchers.push(made)
    return made
  }

  put(to: Dispatcher, one: WorkItem): Promise<void> {
    return this.database.db.write((tx) => to.enqueue(tx, one))
  }

  release(from: Dispatcher, claim: Claim, nextAtMs: number | null = null): Promise<boolean> {
    return this.database.db.write((tx) => from.release(tx, claim, nextAtMs))
  }
}

export const item = (key: string, more: Partial<WorkItem> = {}): WorkItem => ({
  kind: 'run',
  key,
  runAtMs: systemClock.nowMs(),
  fairGroup: 'g',
  ...more,
})

/** The same for all kinds of work. */
export const start = (on: Dispatcher, run: Handler): Promise<void> => on.start({ run, inbox: run, outbox: run })
