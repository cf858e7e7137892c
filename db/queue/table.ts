import type { Clock } from '../clock.ts'
import type { Db, Tx } from '../db.ts'
import {
  type ClaimedItem,
  extendLease,
  findExpiredItem,
  freeExpiredItems,
  freeItem,
  insertClaimedIfNew,
  insertClaimedItem,
  insertClaimedTeamItem,
  listLeases,
  nextDueWork,
  upsertWorkItem,
} from '../work-items.ts'
import { claimRuns, claimWorkItems, queueForRunClaims } from '../work-turns.ts'
import { releaseItem } from './claims.ts'
import type { Claim, RunLimits, WorkItem, WorkKind, WorkStore } from './queue.ts'

export interface TableWorkOptions {
  db: Db
  clock: Clock
  limits: RunLimits
  newToken(): string
  /**
   * On SQLite all processes are on one machine: the operating system tells the dead from the living, so that what the
   * dead held is free at once. Elsewhere only the end of a lease tells.
   */
  machine?: { processId: number; isAlive(processId: number): boolean }
}

const EVERY_TEAM = 'team:'

/** Work as rows, on both databases: claimed in batches, in fair turns, within the limits, each claim a lease. */
export class TableWorkStore implements WorkStore {
  readonly #options: TableWorkOptions
  /** Tokens begin with the process and the instance that made them: `4711-Ab3x…`. */
  readonly #instance: string
  #claims = 0
  /** Whose turn it was last, by kind. */
  readonly #lastGroup: Record<WorkKind, string> = { run: '', inbox: '', outbox: '' }

  constructor(options: TableWorkOptions) {
    this.#options = options
    this.#instance = `${options.machine?.processId ?? 0}-${options.newToken()}`
  }

  async open(): Promise<void> {}

  async close(): Promise<void> {}

  async onCall(): Promise<void> {}

  async call(): Promise<void> {}

  /** What processes that are gone had claimed is free at once; nobody waits for a lease to end after a crash. */
  async takeOver(): Promise<void> {
    const { db, machine } = this.#options
    if (!machine) return
    const left = (await listLeases.all(db, {})).filter(({ token }) => {
      const owner = Number.parseInt(token ?? '', 10)
      return owner === machine.processId || !machine.isAlive(owner)
    })
    if (left.length === 0) return
    await db.write(async function freeLeftovers(tx) {
      for (const { key, token } of left) await freeItem.run(tx, { key, token: token ?? '' })
    })
  }

  async enqueue(tx: Tx, item: WorkItem): Promise<void> {
    await upsertWorkItem.run(tx, item)
  }

  async enqueueClaimed(
    tx: Tx,
    { kind, key, fairGroup, runAtMs }: WorkItem,
    leaseMs: number,
  ): Promise<Claim | undefined> {
    const { clock, limits } = this.#options
    if (limits.instance !== null) return undefined
    const token = `${this.#instance}.${++this.#claims}.${key}`
    const leaseUntilMs = clock.nowMs() + leaseMs
    const item = { kind, key, fairGroup, runAtMs, token, leaseUntilMs }
    return (await insertClaimed(tx, item)) > 0 ? { kind, key, fairGroup, token } : undefined
  }

  async claimDue(kind: WorkKind, limit: number, leaseMs: number): Promise<Claim[]> {
    const { db, clock, limits } = this.#options
    const nowMs = clock.nowMs()
    const due = (await nextDueWork.first(db, { kind }))?.run_at_ms
    if (due === undefined || due > nowMs) return []
    const token = `${this.#instance}.${++this.#claims}`
    const afterGroup = this.#lastGroup[kind]
    const ask = { kind, nowMs, limit, afterGroup, token, leaseUntilMs: nowMs + leaseMs }
    const claimed = await db.write(async function claimInTurns(tx) {
      if (kind !== 'run') return claimWorkItems.all(tx, ask)
      // Two nodes that count at the same time would both find room for the same one.
      if (tx.dialect === 'postgres') await queueForRunClaims.first(tx, {})
      return claimRuns.all(tx, { ...ask, perContext: limits.perContext, instance: limits.instance })
    })
    const groups = claimed.map(({ fair_group }) => fair_group)
    this.#lastGroup[kind] = lastInTurn(groups, afterGroup) ?? afterGroup
    return claimed
      .sort((a, b) => (a.run_at_ms ?? 0) - (b.run_at_ms ?? 0))
      .map((item) => ({ kind, key: item.key, fairGroup: item.fair_group, token: item.token ?? '' }))
  }

  async nextDueMs(): Promise<number | undefined> {
    const { db } = this.#options
    const dues = await Promise.all((['run', 'inbox', 'outbox'] as const).map((kind) => nextDueWork.first(db, { kind })))
    const times = dues.flatMap((due) => (due ? [due.run_at_ms] : []))
    return times.length > 0 ? Math.min(...times) : undefined
  }

  async extend(claims: readonly Claim[], leaseMs: number): Promise<Map<Claim, boolean>> {
    const leaseUntilMs = this.#options.clock.nowMs() + leaseMs
    return this.#options.db.dialect === 'sqlite'
      ? this.#extendInTurn(claims, leaseUntilMs)
      : this.#extendEach(claims, leaseUntilMs)
  }

  /** Some at a time: a thousand at once would keep everybody waiting who writes meanwhile. */
  async #extendInTurn(claims: readonly Claim[], leaseUntilMs: number): Promise<Map<Claim, boolean>> {
    const held = new Map<Claim, boolean>()
    for (let from = 0; from < claims.length; from += EXTEND_BATCH) {
      await this.#options.db.write(async function extendSome(tx) {
        let extended = 0
        for (const claim of claims.slice(from, from + EXTEND_BATCH)) {
          const rows = await extendLease.run(tx, { ...claim, leaseUntilMs })
          held.set(claim, rows > 0)
          extended += rows
        }
        return extended
      })
    }
    return held
  }

  /** A transaction each: one for all would hold some rows while it waits for others, and others do so the other way round. */
  async #extendEach(claims: readonly Claim[], leaseUntilMs: number): Promise<Map<Claim, boolean>> {
    const extended = claims.map(async (claim) => {
      const rows = await this.#options.db.write(
        function extendOne(tx) {
          return extendLease.run(tx, { ...claim, leaseUntilMs })
        },
        { together: true },
      )
      return [claim, rows > 0] as const
    })
    return new Map(await Promise.all(extended))
  }

  release(tx: Tx, claim: Claim, nextAtMs: number | null): Promise<boolean> {
    return releaseItem(tx, claim, nextAtMs)
  }

  async sweep(): Promise<boolean> {
    const { db, clock } = this.#options
    const nowMs = clock.nowMs()
    if (!(await findExpiredItem.first(db, { nowMs }))) return false
    return (await db.write((tx) => freeExpiredItems.run(tx, { nowMs }))) > 0
  }
}

/** As many leases as are extended in one transaction: a millisecond's work. */
const EXTEND_BATCH = 100

/** A run is put in once in its life; a conversation again and again. */
function insertClaimed(tx: Tx, item: ClaimedItem): Promise<number> {
  if (item.kind !== 'run') return insertClaimedIfNew.run(tx, item)
  if (!item.fairGroup.startsWith(EVERY_TEAM)) return insertClaimedItem.run(tx, item)
  return insertClaimedTeamItem.run(tx, { ...item, teamId: item.fairGroup.slice(EVERY_TEAM.length) })
}

/** Of some groups the one that comes last when going round from `after` on. */
function lastInTurn(groups: readonly string[], after: string): string | undefined {
  const sorted = groups.toSorted()
  return sorted.findLast((group) => group <= after) ?? sorted.at(-1)
}
