import type { Clock } from '../clock.ts'
import type { Db, Tx } from '../db.ts'
import {
  claimWorkItems,
  extendLease,
  findExpiredItem,
  freeExpiredItems,
  freeItem,
  insertClaimedItem,
  listLeases,
  nextDueWork,
  upsertWorkItem,
} from '../work-items.ts'
import { releaseItem } from './claims.ts'
import type { Claim, WorkItem, WorkKind, WorkStore } from './queue.ts'

export interface SqliteWorkOptions {
  db: Db
  clock: Clock
  /** This process; the operating system's number, to tell the dead from the living on the one machine SQLite is on. */
  processId: number
  isAlive(processId: number): boolean
  newToken(): string
}

/** Work on SQLite is a table of our own, claimed in batches. */
export class SqliteWorkStore implements WorkStore {
  readonly #options: SqliteWorkOptions
  /** Tokens begin with the process and the instance that made them: `4711-Ab3x…`. */
  readonly #instance: string
  #claims = 0
  /** Whose turn it was last, by kind. */
  readonly #lastGroup: Record<WorkKind, string> = { run: '', inbox: '', outbox: '' }

  constructor(options: SqliteWorkOptions) {
    this.#options = options
    this.#instance = `${options.processId}-${options.newToken()}`
  }

  async open(): Promise<void> {}

  async close(): Promise<void> {}

  /** What processes that are gone had claimed is free at once; nobody waits for a lease to end after a crash. */
  async takeOver(): Promise<void> {
    const { db, processId, isAlive } = this.#options
    const left = (await listLeases.all(db, {})).filter(({ token }) => {
      const owner = Number.parseInt(token ?? '', 10)
      return owner === processId || !isAlive(owner)
    })
    if (left.length === 0) return
    await db.write(async function freeLeftovers(tx) {
      for (const { key, token } of left) await freeItem.run(tx, { key, token: token ?? '' })
    })
  }

  async enqueue(tx: Tx, item: WorkItem): Promise<void> {
    await upsertWorkItem.run(tx, item)
  }

  async enqueueClaimed(tx: Tx, { kind, key, fairGroup, runAtMs }: WorkItem, leaseMs: number): Promise<Claim> {
    const token = `${this.#instance}.${++this.#claims}.${key}`
    const leaseUntilMs = this.#options.clock.nowMs() + leaseMs
    await insertClaimedItem.run(tx, { kind, key, fairGroup, runAtMs, token, leaseUntilMs })
    return { kind, key, fairGroup, token }
  }

  async claimDue(kind: WorkKind, limit: number, leaseMs: number): Promise<Claim[]> {
    const { db, clock } = this.#options
    const nowMs = clock.nowMs()
    const due = (await nextDueWork.first(db, { kind }))?.run_at_ms
    if (due === undefined || due > nowMs) return []
    const token = `${this.#instance}.${++this.#claims}`
    const afterGroup = this.#lastGroup[kind]
    const claimed = await db.write((tx) =>
      claimWorkItems.all(tx, { kind, nowMs, limit, afterGroup, token, leaseUntilMs: nowMs + leaseMs }),
    )
    const groups = claimed.map(({ fair_group }) => fair_group)
    this.#lastGroup[kind] = lastInTurn(groups, afterGroup) ?? afterGroup
    return claimed.map((item) => ({ kind, key: item.key, fairGroup: item.fair_group, token: item.token ?? '' }))
  }

  async nextDueMs(kind: WorkKind): Promise<number | undefined> {
    return (await nextDueWork.first(this.#options.db, { kind }))?.run_at_ms
  }

  extend(claims: readonly Claim[], leaseMs: number): Promise<Map<Claim, boolean>> {
    const leaseUntilMs = this.#options.clock.nowMs() + leaseMs
    return this.#options.db.write(async function extendLeases(tx) {
      const held = new Map<Claim, boolean>()
      for (const claim of claims) held.set(claim, (await extendLease.run(tx, { ...claim, leaseUntilMs })) > 0)
      return held
    })
  }

  release(tx: Tx, claim: Claim, nextAtMs: number | null): Promise<boolean> {
    return releaseItem(tx, claim, nextAtMs)
  }

  async sweep(): Promise<void> {
    const { db, clock } = this.#options
    const nowMs = clock.nowMs()
    if (!(await findExpiredItem.first(db, { nowMs }))) return
    await db.write((tx) => freeExpiredItems.run(tx, { nowMs }))
  }
}

/** Of some groups the one that comes last when going round from `after` on. */
function lastInTurn(groups: readonly string[], after: string): string | undefined {
  const sorted = groups.toSorted()
  return sorted.findLast((group) => group <= after) ?? sorted.at(-1)
}
