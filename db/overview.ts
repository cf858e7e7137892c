import { sql } from 'kysely'
import { statement } from './statement.ts'

type None = Record<never, never>

/** Runs that have not ended, by status. */
export const countLiveRuns = statement((q, _: None) =>
  q
    .selectFrom('run')
    .select(['status', sql<number>`count(*)`.as('runs')])
    .where('finished_at_ms', 'is', null)
    .groupBy('status'),
)

/** What became of runs since the first with such an id: ids grow with time. */
export const countRunsSince = statement((q, p: { fromId: string }) =>
  q
    .selectFrom('run')
    .select([
      'status',
      sql<number>`count(*)`.as('runs'),
      sql<bigint>`cast(coalesce(sum(cost_micros), 0) as bigint)`.as('cost_micros'),
    ])
    .where('id', '>=', p.fromId)
    .where('parent_run_id', 'is', null)
    .groupBy('status'),
)

/** Work of the queue by kind: all of it, and what is due and nobody is at. */
export const countWork = statement((q, p: { nowMs: number }) =>
  q
    .selectFrom('work_item')
    .select([
      'kind',
      sql<number>`count(*)`.as('items'),
      sql<number>`sum(case when token is null and run_at_ms <= ${p.nowMs} then 1 else 0 end)`.as('due'),
    ])
    .groupBy('kind'),
)

/** How many there are of what an instance has, and what its wallets hold together. */
export const countAll = statement((q, _: None) =>
  q.selectNoFrom((on) => [
    on.selectFrom('account').select(sql<number>`count(*)`.as('n')).as('accounts'),
    on.selectFrom('team').select(sql<number>`count(*)`.as('n')).where('deleted_at_ms', 'is', null).as('teams'),
    on
      .selectFrom('ledger_account')
      .select(sql<bigint>`cast(coalesce(sum(posted_micros), 0) as bigint)`.as('micros'))
      .where('kind', '=', 'wallet')
      .as('balance_micros'),
    on
      .selectFrom('ledger_account')
      .select(sql<bigint>`cast(coalesce(sum(pending_micros), 0) as bigint)`.as('micros'))
      .where('kind', '=', 'wallet')
      .as('held_micros'),
  ]),
)
