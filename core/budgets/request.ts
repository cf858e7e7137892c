import type { BudgetRequestRow } from '#db/budgets.ts'
import { type Context, contextOf } from '../context.ts'
import type { LimitName } from '../economy/counter.ts'
import { formatUsd } from '../money.ts'

export type BudgetStatus = BudgetRequestRow['status']

/** Somebody asks for more money, or more room under a limit. Amounts are dollars as text. */
export type BudgetRequest = {
  id: string
  context: Context
  requester: { accountId: string; handle: string }
  /** The run that waits for it, if it is one. */
  runId: string | null
  /** `available` for money in the wallet, else the limit that is to be raised. */
  limit: LimitName | 'available'
  amountUsd: string
  /** Instead of an amount where the limit is one of runs. */
  runs: number | null
  reason: string | null
  /** When a raise ends by itself; null for money, which stays. */
  until: string | null
  status: BudgetStatus
  decidedBy: { accountId: string; handle: string } | null
  decisionReason: string | null
  createdAt: string
  expiresAt: string
  decidedAt: string | null
}

/** How it stands at this moment: one that nobody answered in time is over without anybody's doing. */
export const statusAt = ({ status, expires_at_ms }: BudgetRequestRow, nowMs: number): BudgetStatus =>
  status === 'open' && expires_at_ms <= nowMs ? 'expired' : status

const iso = (ms: number): string => new Date(ms).toISOString()

export function budgetRequestView(row: BudgetRequestRow, nowMs: number): BudgetRequest {
  const { decided_by, decider, decided_at_ms } = row
  return {
    id: row.id,
    context: contextOf(row.context),
    requester: { accountId: row.account_id, handle: row.handle },
    runId: row.run_id,
    limit: row.limit_name as LimitName | 'available',
    amountUsd: formatUsd(row.amount_micros),
    runs: row.limit_name === 'team_monthly_runs' ? row.runs : null,
    reason: row.reason,
    until: row.limit_name === 'available' ? null : iso(row.until_ms),
    status: statusAt(row, nowMs),
    decidedBy: decided_by === null ? null : { accountId: decided_by, handle: decider ?? '' },
    decisionReason: row.decision_reason,
    createdAt: iso(row.created_at_ms),
    expiresAt: iso(row.expires_at_ms),
    decidedAt: decided_at_ms === null ? null : iso(decided_at_ms),
  }
}

/** A request's name as a card. */
export const budgetKey = (requestId: string): string => `budget:${requestId}`

export const budgetIdOf = (key: string): string | undefined =>
  key.startsWith('budget:') ? key.slice('budget:'.length) : undefined
