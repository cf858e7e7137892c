import type { Reader } from './db.ts'
import type { BudgetRequestTable } from './schema.ts'
import { query, statement } from './statement.ts'

export type BudgetRequestRow = BudgetRequestTable & { handle: string; decider: string | null }

export const insertBudgetRequest = statement(
  (q, p: Omit<BudgetRequestTable, 'status' | 'decided_by' | 'decision_reason' | 'decided_at_ms'>) =>
    q.insertInto('budget_request').values({
      id: p.id,
      context: p.context,
      account_id: p.account_id,
      run_id: p.run_id,
      limit_name: p.limit_name,
      scope: p.scope,
      amount_micros: p.amount_micros,
      runs: p.runs,
      reason: p.reason,
      until_ms: p.until_ms,
      status: 'open',
      told_json: p.told_json,
      decided_by: null,
      decision_reason: null,
      created_at_ms: p.created_at_ms,
      expires_at_ms: p.expires_at_ms,
      decided_at_ms: null,
    }),
)

/** With who asked and who decided. */
export const findBudgetRequest = statement((q, p: { id: string }) =>
  q
    .selectFrom('budget_request')
    .innerJoin('account', 'account.id', 'budget_request.account_id')
    .leftJoin('account as decider', 'decider.id', 'budget_request.decided_by')
    .selectAll('budget_request')
    .select(['account.handle', 'decider.handle as decider'])
    .where('budget_request.id', '=', p.id),
)

export const findOpenRequestOfRun = statement((q, p: { runId: string }) =>
  q.selectFrom('budget_request').select('id').where('run_id', '=', p.runId).where('status', '=', 'open'),
)

/** The first decision wins: nothing for the second. */
export const decideBudgetRequest = statement(
  (q, p: { id: string; status: 'granted' | 'declined'; by: string; reason: string | null; nowMs: number }) =>
    q
      .updateTable('budget_request')
      .set({ status: p.status, decided_by: p.by, decision_reason: p.reason, decided_at_ms: p.nowMs })
      .where('id', '=', p.id)
      .where('status', '=', 'open'),
)

/** A request nobody answered in time makes room for another one of the same run. */
export const expireRequestOfRun = statement((q, p: { runId: string; nowMs: number }) =>
  q
    .updateTable('budget_request')
    .set({ status: 'expired' })
    .where('run_id', '=', p.runId)
    .where('status', '=', 'open')
    .where('expires_at_ms', '<=', p.nowMs),
)

export interface RequestFilter {
  /** Requests of this context; left out for those that are for platform admins. */
  context?: string
  accountId?: string
  status?: BudgetRequestTable['status']
  /** One that is open and past its time counts as expired. */
  nowMs: number
  beforeId?: string
  limit: number
}

/** Newest first. Without a context: everything that platform admins decide about. */
export function listBudgetRequests(on: Reader, filter: RequestFilter): Promise<BudgetRequestRow[]> {
  return query(on, (q) => {
    let rows = q
      .selectFrom('budget_request')
      .innerJoin('account', 'account.id', 'budget_request.account_id')
      .leftJoin('account as decider', 'decider.id', 'budget_request.decided_by')
      .selectAll('budget_request')
      .select(['account.handle', 'decider.handle as decider'])
    const { context, accountId, status, beforeId, nowMs } = filter
    if (context !== undefined) rows = rows.where('context', '=', context)
    else rows = rows.where('limit_name', '=', 'available')
    if (accountId !== undefined) rows = rows.where('budget_request.account_id', '=', accountId)
    if (status === 'open') rows = rows.where('status', '=', 'open').where('budget_request.expires_at_ms', '>', nowMs)
    else if (status === 'expired') {
      rows = rows.where((row) =>
        row.or([
          row('status', '=', 'expired'),
          row.and([row('status', '=', 'open'), row('budget_request.expires_at_ms', '<=', nowMs)]),
        ]),
      )
    } else if (status !== undefined) rows = rows.where('status', '=', status)
    if (beforeId !== undefined) rows = rows.where('budget_request.id', '<', beforeId)
    return rows.orderBy('budget_request.id', 'desc').limit(filter.limit)
  })
}

export const insertBudgetRaise = statement(
  (
    q,
    p: {
      id: string
      requestId: string
      scope: string
      limitName: string
      amountMicros: bigint
      runs: number
      grantedBy: string
      nowMs: number
      untilMs: number
    },
  ) =>
    q.insertInto('budget_raise').values({
      id: p.id,
      request_id: p.requestId,
      scope: p.scope,
      limit_name: p.limitName,
      amount_micros: p.amountMicros,
      runs: p.runs,
      granted_by: p.grantedBy,
      created_at_ms: p.nowMs,
      until_ms: p.untilMs,
    }),
)

/** What adds to a limit now, the one that ends first at the front. */
export const listRaises = statement((q, p: { scope: string; limitName: string; nowMs: number }) =>
  q
    .selectFrom('budget_raise')
    .select(['amount_micros', 'runs', 'until_ms'])
    .where('scope', '=', p.scope)
    .where('limit_name', '=', p.limitName)
    .where('until_ms', '>', p.nowMs)
    .orderBy('until_ms'),
)

/** False (0 rows) for a crossing that was told of before. */
export const insertLimitWarning = statement(
  (q, p: { scope: string; limitName: string; period: string; size: string; threshold: string; nowMs: number }) =>
    q
      .insertInto('limit_warning')
      .values({
        scope: p.scope,
        limit_name: p.limitName,
        period: p.period,
        size: p.size,
        threshold: p.threshold,
        at_ms: p.nowMs,
      })
      .onConflict((conflict) => conflict.doNothing()),
)

/** A balance is above a threshold again: the next fall below it is told anew. */
export const forgetLimitWarning = statement((q, p: { scope: string; limitName: string; threshold: string }) =>
  q
    .deleteFrom('limit_warning')
    .where('scope', '=', p.scope)
    .where('limit_name', '=', p.limitName)
    .where('threshold', '=', p.threshold),
)
