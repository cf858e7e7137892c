import { sql } from 'kysely'
import type { FundsWaitTable } from './schema.ts'
import { statement } from './statement.ts'

export type FundsWaitRow = FundsWaitTable

type NewFundsWait = Omit<FundsWaitRow, 'state' | 'ended_at_ms'>

/** A run begins to wait; one that waited before begins anew. What its request was answered stays. */
export const putFundsWait = statement((q, p: NewFundsWait) =>
  q
    .insertInto('funds_wait')
    .values({
      run_id: p.run_id,
      context: p.context,
      account_id: p.account_id,
      state: 'waiting',
      is_start: p.is_start,
      amount_micros: p.amount_micros,
      runs: p.runs,
      limit_name: p.limit_name,
      shortage_json: p.shortage_json,
      accepted_json: p.accepted_json,
      created_at_ms: p.created_at_ms,
      expires_at_ms: p.expires_at_ms,
      ended_at_ms: null,
    })
    .onConflict((conflict) =>
      conflict.column('run_id').doUpdateSet((row) => ({
        state: 'waiting',
        is_start: row.ref('excluded.is_start'),
        amount_micros: row.ref('excluded.amount_micros'),
        runs: row.ref('excluded.runs'),
        limit_name: row.ref('excluded.limit_name'),
        shortage_json: row.ref('excluded.shortage_json'),
        created_at_ms: row.ref('excluded.created_at_ms'),
        expires_at_ms: row.ref('excluded.expires_at_ms'),
        ended_at_ms: null,
      })),
    ),
)

export const findFundsWait = statement((q, p: { runId: string }) =>
  q.selectFrom('funds_wait').selectAll().where('run_id', '=', p.runId),
)

/** The same for whoever decides by it: on Postgres nobody else ends the wait before this transaction does. */
export const holdFundsWait = statement((q, p: { runId: string }, dialect) => {
  const select = q.selectFrom('funds_wait').selectAll().where('run_id', '=', p.runId)
  return dialect === 'postgres' ? select.forUpdate() : select
})

/** Ends a wait, or moves it on, while it is where the caller believes it to be. */
export const moveFundsWait = statement(
  (q, p: { runId: string; from: FundsWaitRow['state']; to: FundsWaitRow['state']; endedAtMs: number | null }) =>
    q
      .updateTable('funds_wait')
      .set({ state: p.to, ended_at_ms: p.endedAtMs })
      .where('run_id', '=', p.runId)
      .where('state', '=', p.from),
)

/** What stands in the way now may be another thing than at first. */
export const renameShortage = statement((q, p: { runId: string; limitName: string; shortageJson: string }) =>
  q
    .updateTable('funds_wait')
    .set({ limit_name: p.limitName, shortage_json: p.shortageJson })
    .where('run_id', '=', p.runId)
    .where(isWaiting),
)

/** Written out, not bound: only so does SQLite see that the partial index serves. */
const isWaiting = sql<boolean>`state = 'waiting'`

/** Runs that wait in a context behind a place in the line, those first that came first. */
export const listInLine = statement((q, p: { context: string; afterMs: number; afterRunId: string; limit: number }) =>
  q
    .selectFrom('funds_wait')
    .selectAll()
    .where('context', '=', p.context)
    .where(isWaiting)
    .where(sql<boolean>`(created_at_ms, run_id) > (cast(${p.afterMs} as bigint), cast(${p.afterRunId} as text))`)
    .orderBy('created_at_ms')
    .orderBy('run_id')
    .limit(p.limit),
)

/** The newest run of a person that waits in a context. */
export const findWaitingOfPerson = statement((q, p: { accountId: string; context: string }) =>
  q
    .selectFrom('funds_wait')
    .select('run_id')
    .where('account_id', '=', p.accountId)
    .where('context', '=', p.context)
    .where(isWaiting)
    .orderBy('created_at_ms', 'desc')
    .limit(1),
)

/** Where runs of a person wait. */
export const listContextsWaiting = statement((q, p: { accountId: string }) =>
  q.selectFrom('funds_wait').select('context').distinct().where('account_id', '=', p.accountId).where(isWaiting),
)

/** One more, or one less, that waits in a wallet. On Postgres the wallet's row is locked by it. */
export const countWaiters = statement((q, p: { wallet: string; by: number }) =>
  q
    .updateTable('ledger_account')
    .set({ waiters: sql<number>`waiters + cast(${p.by} as bigint)` })
    .where('id', '=', p.wallet),
)
