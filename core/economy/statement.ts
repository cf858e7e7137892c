import { listEntries } from '#db/ledger.ts'
import type { Actor } from '../actor.ts'
import { type Context, walletOf } from '../context.ts'
import type { Core } from '../core.ts'
import { formatUsd } from '../money.ts'
import { requireContext } from '../teams/standing.ts'

/** One movement of a wallet. */
export type Entry = {
  /** The transfer's. */
  id: string
  /** Position in this wallet, from 1 without gaps; where the next page starts. */
  seq: number
  at: string
  kind: string
  /** Signed: below zero is money that left. */
  amountUsd: string
  balanceAfterUsd: string
  runId: string | null
  /** Account id, or `system`. */
  actor: string
  /** The actor's handle, or `system`. */
  who: string
  /** The job that ran, when it was a run. */
  what: string | null
  reason: string | null
}

export type StatementPage = { items: Entry[]; nextBeforeSeq: number | null }

const PAGE_MOST = 500

/** Movements of a context's wallet, newest first, below `beforeSeq`. Everybody in a team may read the team's. */
export async function statement(
  core: Pick<Core, 'db'>,
  actor: Pick<Actor, 'accountId'>,
  { context, beforeSeq, limit }: { context: Context; beforeSeq?: number; limit: number },
): Promise<StatementPage> {
  await requireContext(core.db, actor, context, 'read')
  const most = Math.min(Math.max(limit, 1), PAGE_MOST)
  const rows = await listEntries.all(core.db, {
    accountId: walletOf(context),
    beforeSeq: beforeSeq ?? Number.MAX_SAFE_INTEGER,
    limit: most + 1,
  })
  const items = rows.slice(0, most).map(entryView)
  return { items, nextBeforeSeq: rows.length > most ? (items.at(-1)?.seq ?? null) : null }
}

type EntryRow = Awaited<ReturnType<typeof listEntries.all>>[number]

const entryView = (row: EntryRow): Entry => ({
  id: row.transfer_id,
  seq: row.seq,
  at: new Date(row.at_ms).toISOString(),
  kind: row.kind,
  amountUsd: formatUsd(row.amount_micros),
  balanceAfterUsd: formatUsd(row.balance_after_micros),
  runId: row.run_id,
  actor: row.actor,
  who: row.handle ?? row.actor,
  what: row.job_key,
  reason: row.reason,
})
