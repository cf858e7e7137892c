import { type RawBuilder, sql } from 'kysely'
import type { Dialect } from './db.ts'
import { statement } from './statement.ts'

/** `kind` and `name` of what a budget is of: `job` and `brief`; `team` and nothing. */
interface Of {
  kind: string
  name: string
}

/** Nobody takes money out of the wallet or gives it back until this transaction ends. */
export const holdWallet = statement((q, p: { id: string }, dialect) => {
  const select = q.selectFrom('ledger_account').select('entry_seq').where('id', '=', p.id)
  return dialect === 'postgres' ? select.forUpdate() : select
})

/** When a movement of a wallet was written; they have numbers without a gap, in this order. */
export const findEntryTime = statement((q, p: { accountId: string; seq: number }) =>
  q
    .selectFrom('entry')
    .innerJoin('transfer', 'transfer.id', 'entry.transfer_id')
    .select('transfer.at_ms')
    .where('entry.account_id', '=', p.accountId)
    .where('entry.seq', '=', p.seq),
)

/** What was charged to a wallet from an entry on, of what was held or, where nothing was, charged since then. */
export const sumCharged = statement((q, p: { wallet: string; fromSeq: number; sinceMs: number } & Of, dialect) =>
  q
    .selectFrom('entry')
    .innerJoin('transfer', 'transfer.id', 'entry.transfer_id')
    .leftJoin('transfer as hold', 'hold.id', 'transfer.pending_id')
    .leftJoin('run', 'run.id', 'transfer.run_id')
    .select(sql<bigint>`cast(coalesce(sum(transfer.amount_micros), 0) as bigint)`.as('charged_micros'))
    .where('entry.account_id', '=', p.wallet)
    .where('entry.seq', '>=', p.fromSeq)
    .where('transfer.kind', '=', 'charge')
    .where('transfer.debit', '=', p.wallet)
    .where(sql<boolean>`coalesce(hold.at_ms, transfer.at_ms) >= ${p.sinceMs}`)
    .where(belongs(p, sql.ref('transfer.actor'), dialect)),
)

/** Every hold of the runs of a context that have not ended, and what was charged of those that are over. */
export const listHoldsOfLiveRuns = statement((q, p: { context: string } & Of, dialect) =>
  q
    .withRecursive('numbers(n)', (cte) =>
      cte
        .selectNoFrom(sql<number>`1`.as('n'))
        .unionAll(
          cte
            .selectFrom('numbers')
            .select(sql<number>`n + 1`.as('n'))
            .where(
              sql<boolean>`n < (select max(holds) from run where context = ${p.context} and finished_at_ms is null)`,
            ),
        ),
    )
    .selectFrom('run')
    .innerJoin('numbers', (join) => join.on(sql<boolean>`numbers.n <= run.holds`))
    .innerJoin('transfer as hold', (join) =>
      join.on(sql<boolean>`hold.id = 'hold_' || run.id || '_' || cast(numbers.n as text)`),
    )
    .leftJoin('transfer as over', 'over.pending_id', 'hold.id')
    .select([
      'run.id as run_id',
      'hold.id as hold_id',
      'hold.at_ms',
      'hold.amount_micros as held_micros',
      sql<number>`case when over.id is null then 1 else 0 end`.as('is_open'),
      sql<bigint>`cast(case when over.state = 'posted' then over.amount_micros else 0 end as bigint)`.as(
        'charged_micros',
      ),
    ])
    .where('run.context', '=', p.context)
    .where('run.finished_at_ms', 'is', null)
    .where(belongs(p, sql.ref('run.account_id'), dialect))
    .orderBy('hold.id'),
)

/** Whether a run, or a charge without one, is what a budget is of: the same as `subjectsOf` says before. */
function belongs({ kind, name }: Of, spender: RawBuilder<unknown>, dialect: Dialect): RawBuilder<boolean> {
  const wanted = sql`cast(${name} as text)`
  const [schedule, agents, providers] =
    dialect === 'sqlite'
      ? [
          sql`json_extract(run.pins_json, '$.counted.scheduleId') = ${wanted}`,
          sql`exists (select 1 from json_each(run.pins_json, '$.counted.agentIds') where value = ${wanted})`,
          sql`exists (select 1 from json_each(run.pins_json, '$.counted.providers') where value = ${wanted})`,
        ]
      : [
          sql`run.pins_json::jsonb #>> '{counted,scheduleId}' = ${wanted}`,
          sql`(run.pins_json::jsonb #> '{counted,agentIds}') @> to_jsonb(${wanted})`,
          sql`(run.pins_json::jsonb #> '{counted,providers}') @> to_jsonb(${wanted})`,
        ]
  return sql<boolean>`case cast(${kind} as text)
    when 'team' then true
    when 'run' then run.id is not null
    when 'person' then ${spender} = ${wanted}
    when 'job' then run.job_key = ${wanted}
    when 'schedule' then ${schedule}
    when 'agent' then ${agents}
    when 'provider' then ${providers}
    else false end`
}

/** What is counted still of holds that are over: whoever ended them could not know of a budget that was made meanwhile. */
export const listUsesThatAreOver = statement((q, p: { most: number }) =>
  q
    .selectFrom('budget_use as use')
    .innerJoin('transfer as over', 'over.pending_id', 'use.hold_id')
    .select([
      'use.hold_id',
      'use.budget_id',
      'use.period',
      'use.amount_micros as held_micros',
      sql<bigint>`cast(case when over.state = 'posted' then over.amount_micros else 0 end as bigint)`.as(
        'charged_micros',
      ),
    ])
    .orderBy('use.budget_id')
    .limit(p.most),
)

export const deleteBudgetUse = statement((q, p: { holdId: string; budgetId: string }) =>
  q.deleteFrom('budget_use').where('hold_id', '=', p.holdId).where('budget_id', '=', p.budgetId),
)
