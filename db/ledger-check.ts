import { sql } from 'kysely'
import { statement } from './statement.ts'

/**
 * Every account as it is cached, as its transfers say and as its entries say. One statement, so one moment: a ledger
 * that is being written to is never seen half way.
 */
export const recomputeAccounts = statement((q, _: Record<never, never>) =>
  q
    .with('moved', (w) =>
      w
        .selectFrom(
          w
            .selectFrom('transfer')
            .select(['credit as id', 'amount_micros'])
            .where('state', '=', 'posted')
            .unionAll(
              w
                .selectFrom('transfer')
                .select(['debit as id', sql<bigint>`-amount_micros`.as('amount_micros')])
                .where('state', '=', 'posted'),
            )
            .as('side'),
        )
        .select(['id', sql<bigint>`sum(amount_micros)`.as('posted_micros')])
        .groupBy('id'),
    )
    .with('held', (w) =>
      w
        .selectFrom('transfer as hold')
        .leftJoin('transfer as end', 'end.pending_id', 'hold.id')
        .select(['hold.debit as id', sql<bigint>`sum(hold.amount_micros)`.as('pending_micros')])
        .where('hold.state', '=', 'pending')
        .where('end.id', 'is', null)
        .groupBy('hold.debit'),
    )
    .with('written', (w) =>
      w
        .selectFrom(
          w
            .selectFrom('entry')
            .select([
              'account_id',
              'seq',
              'amount_micros',
              sql<number>`case when balance_after_micros = amount_micros
                + coalesce(lag(balance_after_micros) over (partition by account_id order by seq), 0)
                then 0 else 1 end`.as('is_broken'),
            ])
            .as('line'),
        )
        .select([
          'account_id as id',
          sql<bigint>`sum(amount_micros)`.as('entries_micros'),
          sql<number>`count(*)`.as('entries'),
          sql<number>`max(seq)`.as('last_seq'),
          sql<number>`sum(is_broken)`.as('broken'),
        ])
        .groupBy('account_id'),
    )
    .selectFrom('ledger_account as account')
    .leftJoin('moved', 'moved.id', 'account.id')
    .leftJoin('held', 'held.id', 'account.id')
    .leftJoin('written', 'written.id', 'account.id')
    .select([
      'account.id',
      'account.kind',
      'account.posted_micros',
      'account.pending_micros',
      'account.entry_seq',
      sql<bigint>`coalesce(moved.posted_micros, 0)`.as('true_posted_micros'),
      sql<bigint>`coalesce(held.pending_micros, 0)`.as('true_pending_micros'),
      sql<bigint>`coalesce(written.entries_micros, 0)`.as('entries_micros'),
      sql<number>`coalesce(written.entries, 0)`.as('entries'),
      sql<number>`coalesce(written.last_seq, 0)`.as('last_seq'),
      sql<number>`coalesce(written.broken, 0)`.as('broken_entries'),
    ]),
)
