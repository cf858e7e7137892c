import { countAll, countLiveRuns, countRunsSince, countWork } from '#db/overview.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { formatUsd } from '../money.ts'
import { requirePlatformAdmin } from './require.ts'

const DAY_MS = 24 * 3_600_000

/** How an instance is at this moment, in numbers for people; Prometheus has its own page. */
export type Overview = {
  at: string
  accounts: number
  teams: number
  wallets: { balanceUsd: string; heldUsd: string }
  /** Runs that have not ended, by status. */
  liveRuns: Record<string, number>
  /** Runs of the last 24 hours: how many there are of each status by now, and what they cost. */
  lastDay: { runs: Record<string, number>; costUsd: string }
  /** Work that is stored, by kind; `due` is what nobody is at yet. */
  queue: Record<string, { items: number; due: number }>
}

export async function overview(core: Pick<Core, 'db' | 'clock'>, actor: Actor): Promise<Overview> {
  requirePlatformAdmin(actor)
  const { db, clock } = core
  const nowMs = clock.nowMs()
  const [all, live, day, work] = await Promise.all([
    countAll.first(db, {}),
    countLiveRuns.all(db, {}),
    countRunsSince.all(db, { fromId: firstRunIdAt(nowMs - DAY_MS) }),
    countWork.all(db, { nowMs }),
  ])
  const costMicros = day.reduce((sum, row) => sum + BigInt(row.cost_micros), 0n)
  return {
    at: new Date(nowMs).toISOString(),
    accounts: Number(all?.accounts ?? 0),
    teams: Number(all?.teams ?? 0),
    wallets: { balanceUsd: usd(all?.balance_micros), heldUsd: usd(all?.held_micros) },
    liveRuns: byStatus(live),
    lastDay: { runs: byStatus(day), costUsd: formatUsd(costMicros) },
    queue: Object.fromEntries(work.map(({ kind, items, due }) => [kind, { items: Number(items), due: Number(due) }])),
  }
}

const byStatus = (rows: readonly { status: string; runs: number }[]): Record<string, number> =>
  Object.fromEntries(rows.map(({ status, runs }) => [status, Number(runs)]))

const usd = (micros: bigint | number | null | undefined): string => formatUsd(BigInt(micros ?? 0))

/** Ids begin with their time (UUIDv7): all runs since then are at or above this. */
function firstRunIdAt(ms: number): string {
  const hex = Math.max(0, ms).toString(16).padStart(12, '0')
  return `run_${hex.slice(0, 8)}-${hex.slice(8)}`
}
