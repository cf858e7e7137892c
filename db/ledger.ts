import { sql } from 'kysely'
import type { TransferKind, TransferState } from './schema.ts'
import { blind, statement } from './statement.ts'

export const insertWallet = statement((q, p: { id: string; nowMs: number }) =>
  q
    .insertInto('ledger_account')
    .values({
      id: p.id,
      kind: 'wallet',
      posted_micros: 0n,
      pending_micros: 0n,
      credit_limit_micros: 0n,
      credit_approved_by: null,
      overdraft_floor_micros: 0n,
      entry_seq: 0,
      created_at_ms: p.nowMs,
    })
    .onConflict((conflict) => conflict.column('id').doNothing()),
)

export const findWallet = statement((q, p: { id: string }) =>
  q.selectFrom('ledger_account').selectAll().where('id', '=', p.id),
)

const available = sql<bigint>`posted_micros - pending_micros + credit_limit_micros`

/** What can be spent of a wallet. */
export const findAvailable = statement((q, p: { id: string }) =>
  q.selectFrom('ledger_account').select(available.as('available_micros')).where('id', '=', p.id),
)

/** Sets money aside when that much is available; nothing otherwise. One statement, so two at once cannot both win. */
export const reserveMoney = statement((q, p: { id: string; amountMicros: bigint }) =>
  q
    .updateTable('ledger_account')
    .set({ pending_micros: sql`pending_micros + ${p.amountMicros}` })
    .where('id', '=', p.id)
    .where(available, '>=', p.amountMicros)
    .returning(available.as('available_micros')),
)

/** Ends a hold: `heldMicros` are not set aside any more, `chargedMicros` of them are gone. */
export const settleMoney = statement(
  (q, p: { id: string; heldMicros: bigint; chargedMicros: bigint; entries: number }) =>
    q
      .updateTable('ledger_account')
      .set({
        pending_micros: sql`pending_micros - ${p.heldMicros}`,
        posted_micros: sql`posted_micros - ${p.chargedMicros}`,
        entry_seq: sql`entry_seq + ${p.entries}`,
      })
      .where('id', '=', p.id)
      .returning(['posted_micros', 'entry_seq', 'waiters']),
)

/** Takes money at once when that much is available. */
export const debitMoney = statement((q, p: { id: string; amountMicros: bigint }) =>
  q
    .updateTable('ledger_account')
    .set({ posted_micros: sql`posted_micros - ${p.amountMicros}`, entry_seq: sql`entry_seq + 1` })
    .where('id', '=', p.id)
    .where(available, '>=', p.amountMicros)
    .returning(['posted_micros', 'entry_seq', available.as('available_micros')]),
)

/** Takes money at once when that much of the wallet's own is free: a credit line can be spent, not carried away. */
export const debitOwnMoney = statement((q, p: { id: string; amountMicros: bigint }) =>
  q
    .updateTable('ledger_account')
    .set({ posted_micros: sql`posted_micros - ${p.amountMicros}`, entry_seq: sql`entry_seq + 1` })
    .where('id', '=', p.id)
    .where(sql<bigint>`posted_micros - pending_micros`, '>=', p.amountMicros)
    .returning(['posted_micros', 'entry_seq', available.as('available_micros')]),
)

/** Writes nothing when the wallet would then hold more than `mostMicros`, beyond which 64 bits end. */
export const creditMoney = statement((q, p: { id: string; amountMicros: bigint; mostMicros: bigint }) =>
  q
    .updateTable('ledger_account')
    .set({ posted_micros: sql`posted_micros + ${p.amountMicros}`, entry_seq: sql`entry_seq + 1` })
    .where('id', '=', p.id)
    .where(sql<boolean>`posted_micros <= cast(${p.mostMicros} as bigint) - cast(${p.amountMicros} as bigint)`)
    .returning(['posted_micros', 'entry_seq', 'waiters', available.as('available_micros')]),
)

/**
 * Sets the credit line. What is already overdrawn stays allowed (the floor), but nothing more can be spent
 * until the new line has room again.
 */
export const setCreditLine = statement(
  (q, p: { id: string; limitMicros: bigint; approvedBy: string | null }, dialect) => {
    const larger = sql.raw(dialect === 'sqlite' ? 'max' : 'greatest')
    return q
      .updateTable('ledger_account')
      .set({
        credit_limit_micros: p.limitMicros,
        credit_approved_by: p.approvedBy,
        overdraft_floor_micros: sql`${larger}(cast(${p.limitMicros} as bigint), pending_micros - posted_micros)`,
      })
      .where('id', '=', p.id)
  },
)

export interface NewTransfer {
  id: string
  debit: string
  credit: string
  amountMicros: bigint
  state: TransferState
  kind: TransferKind
  pendingId: string | null
  runId: string | null
  stepId: string | null
  actor: string
  context: string | null
  idempotencyKey: string | null
  reason: string | null
  reversesId: string | null
  period: string
  nowMs: number
}

export const insertTransfer = blind((q, p: NewTransfer) =>
  q.insertInto('transfer').values({
    id: p.id,
    debit: p.debit,
    credit: p.credit,
    amount_micros: p.amountMicros,
    state: p.state,
    kind: p.kind,
    pending_id: p.pendingId,
    run_id: p.runId,
    step_id: p.stepId,
    actor: p.actor,
    context: p.context,
    idempotency_key: p.idempotencyKey,
    reason: p.reason,
    reverses_id: p.reversesId,
    period: p.period,
    at_ms: p.nowMs,
  }),
)

/** On Postgres the row stays locked until the end of the transaction: for whoever decides by what refers to it. */
export const findTransfer = statement((q, p: { id: string }, dialect) => {
  const select = q.selectFrom('transfer').selectAll().where('id', '=', p.id)
  return dialect === 'postgres' ? select.forUpdate() : select
})

/** The size of a hold, and the month it counts in. It never changes: what becomes of it is a transfer of its own. */
export const findHold = statement((q, p: { id: string }) =>
  q
    .selectFrom('transfer')
    .select([
      'amount_micros',
      'period',
      sql<number>`case when exists (select 1 from budget_use where hold_id = ${p.id}) then 1 else 0 end`.as(
        'is_in_budgets',
      ),
    ])
    .where('id', '=', p.id),
)

export const findTransferByKey = statement((q, p: { idempotencyKey: string }) =>
  q.selectFrom('transfer').selectAll().where('idempotency_key', '=', p.idempotencyKey),
)

export const findRunContext = statement((q, p: { runId: string }) =>
  q.selectFrom('run').select('context').where('id', '=', p.runId),
)

/** What a run was charged, newest first, refunded or not. */
export const listChargesOfRun = statement((q, p: { runId: string; wallet: string }) =>
  q
    .selectFrom('entry')
    .innerJoin('transfer', 'transfer.id', 'entry.transfer_id')
    .select('transfer.id')
    .where('entry.account_id', '=', p.wallet)
    .where('transfer.run_id', '=', p.runId)
    .where('transfer.kind', '=', 'charge')
    .orderBy('entry.seq', 'desc'),
)

export const sumRefunds = statement((q, p: { id: string }) =>
  q
    .selectFrom('transfer')
    .select(sql<bigint>`coalesce(sum(amount_micros), 0)`.as('sum_micros'))
    .where('reverses_id', '=', p.id),
)

export const insertEntry = blind(
  (q, p: { accountId: string; seq: number; transferId: string; amountMicros: bigint; balanceAfterMicros: bigint }) =>
    q.insertInto('entry').values({
      account_id: p.accountId,
      seq: p.seq,
      transfer_id: p.transferId,
      amount_micros: p.amountMicros,
      balance_after_micros: p.balanceAfterMicros,
    }),
)

/** Movements of one wallet, newest first, below a position. */
export const listEntries = statement((q, p: { accountId: string; beforeSeq: number; limit: number }) =>
  q
    .selectFrom('entry')
    .innerJoin('transfer', 'transfer.id', 'entry.transfer_id')
    .leftJoin('account', 'account.id', 'transfer.actor')
    .leftJoin('run', 'run.id', 'transfer.run_id')
    .select([
      'entry.seq',
      'entry.amount_micros',
      'entry.balance_after_micros',
      'transfer.id as transfer_id',
      'transfer.kind',
      'transfer.run_id',
      'transfer.actor',
      'transfer.reason',
      'transfer.at_ms',
      'account.handle',
      'run.job_key',
    ])
    .where('entry.account_id', '=', p.accountId)
    .where('entry.seq', '<', p.beforeSeq)
    .orderBy('entry.seq', 'desc')
    .limit(p.limit),
)
