import { recomputeAccounts } from '#db/ledger-check.ts'
import type { Core } from '../core.ts'

/** An account whose cached number is not what its transfers or entries say. */
export interface LedgerDifference {
  accountId: string
  what: 'balance' | 'held' | 'entries' | 'running_balance'
  cached: bigint
  recomputed: bigint
}

export interface LedgerCheck {
  /** The sum over all accounts is zero and no account differs. */
  sound: boolean
  sumMicros: bigint
  differences: LedgerDifference[]
}

type AccountRow = Awaited<ReturnType<typeof recomputeAccounts.all>>[number]

/** Recomputes the whole ledger from its rows alone, as of one moment. Reads every transfer: for checks, not for pages. */
export async function checkLedger(core: Pick<Core, 'db'>): Promise<LedgerCheck> {
  const rows = await recomputeAccounts.all(core.db, {})
  const differences = rows.flatMap(differencesOf)
  // Platform accounts have no cached balance: every payment would wait for their row.
  const sumMicros = rows.reduce(
    (sum, row) => sum + (row.kind === 'wallet' ? row.posted_micros : row.true_posted_micros),
    0n,
  )
  return { sound: sumMicros === 0n && differences.length === 0, sumMicros, differences }
}

function differencesOf(row: AccountRow): LedgerDifference[] {
  if (row.kind !== 'wallet') return []
  const compared: Omit<LedgerDifference, 'accountId'>[] = [
    { what: 'balance', cached: row.posted_micros, recomputed: row.true_posted_micros },
    { what: 'balance', cached: row.posted_micros, recomputed: row.entries_micros },
    { what: 'held', cached: row.pending_micros, recomputed: row.true_pending_micros },
    { what: 'entries', cached: BigInt(row.entry_seq), recomputed: BigInt(row.entries) },
    { what: 'entries', cached: BigInt(row.entry_seq), recomputed: BigInt(row.last_seq) },
    { what: 'running_balance', cached: 0n, recomputed: BigInt(row.broken_entries) },
  ]
  return compared
    .filter(({ cached, recomputed }) => cached !== recomputed)
    .map((difference) => ({ accountId: row.id, ...difference }))
}
