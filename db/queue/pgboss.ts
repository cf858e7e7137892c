import assert from 'node:assert/strict'
import type { PgBoss } from 'pg-boss'
import { executor, type Tx } from '../db.ts'
import type { Claim, WorkItem, WorkKind, WorkStore } from './queue.ts'
import { type TableWorkOptions, TableWorkStore } from './table.ts'

export interface PgBossWorkOptions extends TableWorkOptions {
  url: string
  onError(error: Error): void
}

/** A job here means: something is due, look. Whoever takes it looks at all that is due, so a surplus one does no harm. */
const CALLS = 'call'
/** Calls are taken together; what is behind them is claimed by the look that follows. */
const CALL_BATCH = 200
const CALL_POLL_SECONDS = 1
/** A call that a dying process took need not come again: the rows it was about are found by everybody's own look. */
const CALL_EXPIRE_SECONDS = 60
/** Long enough for a wait of a year that has not begun. */
const RETENTION_SECONDS = 400 * 24 * 3600

/**
 * Work on Postgres. What is to be done, who does it and for how long are rows of ours, the same as on SQLite, so that
 * putting in, claiming, fencing and giving back are each one statement of the transaction they belong to. pg-boss calls:
 * put in with the caller's transaction, at the time when the work is due, by those who will not see to it themselves.
 */
export class PgBossWorkStore implements WorkStore {
  readonly #table: TableWorkStore
  readonly #options: PgBossWorkOptions
  #started: PgBoss | undefined
  #isListening = false
  #isClosing = false

  constructor(options: PgBossWorkOptions) {
    this.#table = new TableWorkStore(options)
    this.#options = options
  }

  get #boss(): PgBoss {
    assert(this.#started, 'The queue is open')
    return this.#started
  }

  async open(): Promise<void> {
    const { PgBoss } = await import('pg-boss')
    const { url, onError } = this.#options
    const boss = new PgBoss({ connectionString: url, max: 2, schedule: false })
    // While it is being stopped, a look of its own may find the connection closed.
    boss.on('error', (error) => {
      if (!this.#isClosing) onError(error)
    })
    await boss.start()
    this.#started = boss
    await boss.createQueue(CALLS, {
      retryLimit: 0,
      expireInSeconds: CALL_EXPIRE_SECONDS,
      retentionSeconds: RETENTION_SECONDS,
      deleteAfterSeconds: 60,
    })
  }

  async close(): Promise<void> {
    this.#isClosing = true
    await this.#started?.stop({ graceful: false, close: true })
  }

  takeOver(): Promise<void> {
    return this.#table.takeOver()
  }

  async onCall(listener: () => void): Promise<void> {
    if (this.#isListening) return
    this.#isListening = true
    const options = { batchSize: CALL_BATCH, pollingIntervalSeconds: CALL_POLL_SECONDS, burstWhenBatchFull: true }
    await this.#boss.work(CALLS, options, async () => listener())
  }

  enqueue(tx: Tx, item: WorkItem): Promise<void> {
    return this.#table.enqueue(tx, item)
  }

  async call(tx: Tx, { kind, key, runAtMs }: WorkItem): Promise<void> {
    await this.#boss.send(CALLS, { kind, key }, { startAfter: new Date(runAtMs), db: bossDatabase(tx) })
  }

  enqueueClaimed(tx: Tx, item: WorkItem, leaseMs: number): Promise<Claim | undefined> {
    return this.#table.enqueueClaimed(tx, item, leaseMs)
  }

  claimDue(kind: WorkKind, limit: number, leaseMs: number): Promise<Claim[]> {
    return this.#table.claimDue(kind, limit, leaseMs)
  }

  nextDueMs(): Promise<number | undefined> {
    return this.#table.nextDueMs()
  }

  extend(claims: readonly Claim[], leaseMs: number): Promise<Map<Claim, boolean>> {
    return this.#table.extend(claims, leaseMs)
  }

  release(tx: Tx, claim: Claim, nextAtMs: number | null): Promise<boolean> {
    return this.#table.release(tx, claim, nextAtMs)
  }

  sweep(): Promise<boolean> {
    return this.#table.sweep()
  }
}

/** pg-boss's statements in the caller's transaction. */
const bossDatabase = (tx: Tx) => ({
  executeSql: async (text: string, values: unknown[] = []) => ({
    rows: (await tx[executor].executeText(text, values)).rows,
  }),
})
