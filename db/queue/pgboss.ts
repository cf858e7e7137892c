import { PgBoss } from 'pg-boss'
import type { Clock } from '../clock.ts'
import { type Db, executor, type Tx } from '../db.ts'
import { extendLease, findExpiredItem, markDirty, removeExpiredItems, takeLease } from '../work-items.ts'
import { releaseItem } from './claims.ts'
import { type Claim, WORK_KINDS, type WorkItem, type WorkKind, type WorkStore } from './queue.ts'

export interface PgBossWorkOptions {
  db: Db
  url: string
  clock: Clock
  newToken(): string
  onError(error: Error): void
}

interface Payload {
  key: string
  fairGroup: string
}

/**
 * A worker that died between taking a job and taking the lease is found after this; pg-boss takes no less than ten
 * seconds. One that died later is found by its lease.
 */
const HEARTBEAT_SECONDS = 15
const MONITOR_SECONDS = 5
/** Long enough for a wait of a year that has not begun. */
const RETENTION_SECONDS = 400 * 24 * 3600
/** A lease that ends before our release is seen by a taker is asked for again this often. */
const TAKE_TRIES = 3

/**
 * Work on Postgres: pg-boss says what is due and finds dead workers; who works on a key, and that nobody else does,
 * is a lease row of ours, fenced by its token. A pg-boss job means "look at this key", so a surplus one does no harm.
 */
export class PgBossWorkStore implements WorkStore {
  readonly #options: PgBossWorkOptions
  readonly #boss: PgBoss

  constructor(options: PgBossWorkOptions) {
    this.#options = options
    this.#boss = new PgBoss({
      connectionString: options.url,
      max: 4,
      schedule: false,
      monitorIntervalSeconds: MONITOR_SECONDS,
      superviseIntervalSeconds: MONITOR_SECONDS,
    })
    this.#boss.on('error', options.onError)
  }

  async open(): Promise<void> {
    await this.#boss.start()
    for (const kind of WORK_KINDS) {
      await this.#boss.createQueue(kind, {
        retryLimit: 1_000_000,
        retryDelay: 1,
        expireInSeconds: 24 * 3600 - 1,
        heartbeatSeconds: HEARTBEAT_SECONDS,
        retentionSeconds: RETENTION_SECONDS,
        deleteAfterSeconds: 60,
      })
    }
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false, close: true })
  }

  // Who is dead is known only by its heartbeat here: other machines may be alive.
  async takeOver(): Promise<void> {}

  async enqueue(tx: Tx, item: WorkItem): Promise<void> {
    const payload: Payload = { key: item.key, fairGroup: item.fairGroup }
    const later = item.runAtMs > this.#options.clock.nowMs()
    await this.#boss.send(item.kind, payload, {
      ...(later ? { startAfter: new Date(item.runAtMs) } : {}),
      db: bossDatabase(tx),
    })
  }

  async claimDue(kind: WorkKind, limit: number, leaseMs: number): Promise<Claim[]> {
    const jobs = await this.#boss.fetch<Payload>(kind, { batchSize: limit })
    const claims = await Promise.all(jobs.map(({ id, data }) => this.#take(kind, id, data, leaseMs)))
    return claims.filter((claim) => claim !== undefined)
  }

  async nextDueMs(): Promise<undefined> {
    return undefined
  }

  async extend(claims: readonly Claim[], leaseMs: number): Promise<Map<Claim, boolean>> {
    const leaseUntilMs = this.#options.clock.nowMs() + leaseMs
    const held = new Map<Claim, boolean>()
    for (const claim of claims) {
      const mine = await this.#options.db.write((tx) => extendLease.run(tx, { ...claim, leaseUntilMs }))
      if (mine > 0 && claim.jobId) await this.#boss.touch(claim.kind, claim.jobId)
      held.set(claim, mine > 0)
    }
    return held
  }

  async release(tx: Tx, claim: Claim, nextAtMs: number | null): Promise<boolean> {
    // On this side an item is only a lease: waiting is pg-boss's part.
    if (!(await releaseItem(tx, claim, null))) return false
    if (claim.jobId) await this.#boss.complete(claim.kind, claim.jobId, undefined, { db: bossDatabase(tx) })
    if (nextAtMs !== null) {
      await this.enqueue(tx, { ...claim, runAtMs: nextAtMs })
    }
    return true
  }

  /**
   * Puts the work of dead holders in again. pg-boss's own second try cannot be relied on for that: it comes while the
   * dead one's lease still stands, and then it has done all it could, as any look at a key that somebody holds.
   */
  async sweep(): Promise<void> {
    const { db, clock } = this.#options
    const nowMs = clock.nowMs()
    if (!(await findExpiredItem.first(db, { nowMs }))) return
    const store = this
    await db.write(async function putInAgain(tx) {
      for (const { key, kind, fair_group } of await removeExpiredItems.all(tx, { nowMs })) {
        await store.enqueue(tx, { key, kind: kind as WorkKind, fairGroup: fair_group, runAtMs: nowMs })
      }
    })
  }

  async #take(kind: WorkKind, jobId: string, { key, fairGroup }: Payload, leaseMs: number): Promise<Claim | undefined> {
    const { db, clock, newToken } = this.#options
    const token = newToken()
    for (let attempt = 1; attempt <= TAKE_TRIES; attempt++) {
      const nowMs = clock.nowMs()
      const taken = await db.write((tx) =>
        takeLease.first(tx, { key, kind, fairGroup, nowMs, token, leaseUntilMs: nowMs + leaseMs }),
      )
      if (taken) return { kind, key, fairGroup, token, jobId }
      if ((await db.write((tx) => markDirty.run(tx, { key, nowMs }))) > 0) {
        await this.#boss.complete(kind, jobId)
        return undefined
      }
    }
    await this.#boss.fail(kind, jobId)
    return undefined
  }
}

/** pg-boss's statements in the caller's transaction. */
const bossDatabase = (tx: Tx) => ({
  executeSql: async (text: string, values: unknown[] = []) => ({
    rows: (await tx[executor].executeText(text, values)).rows,
  }),
})
