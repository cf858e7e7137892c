import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Dialect } from './db.ts'
import type { Schema } from './schema.ts'
import { smaller } from './smaller.ts'
import { statement } from './statement.ts'

/** Whose turn it is: what of the work that is due is claimed next. */
interface Turn {
  nowMs: number
  limit: number
  /** Whose turn it was last. */
  afterGroup: string
  token: string
  leaseUntilMs: number
}

/**
 * Claims due items, taking turns between groups so that one group's flood does not starve the others: of each its
 * oldest, beginning with the group that follows `afterGroup` by name and going round.
 */
export const claimWorkItems = statement((q, p: Turn & { kind: string }, dialect) =>
  claiming(
    q,
    p,
    sql`select key from (
        select key, fair_group, row_number() over (partition by fair_group order by run_at_ms) as turn
        from work_item where kind = ${p.kind} and token is null and run_at_ms <= ${p.nowMs}
      ) as candidate
      order by turn, fair_group <= ${p.afterGroup}, fair_group
      limit ${p.limit}`,
    dialect,
  ),
)

/**
 * Claims due runs: each place goes to the context that has the fewest at work, so that all get the same share whatever
 * they have waiting. None above its context's limit, the team's own or the instance's default, and none above the limit
 * of the whole instance. Looks at as many of each context as it may claim, not at all that wait.
 */
export const claimRuns = statement((q, p: Turn & { perContext: number; instance: number | null }, dialect) =>
  claiming(
    q,
    p,
    sql`with recursive
      grouped(fair_group) as (
        select min(fair_group) from work_item where kind = 'run' and token is null and run_at_ms <= ${p.nowMs}
        union all
        select (select min(w.fair_group) from work_item w where w.kind = 'run' and w.token is null
          and w.run_at_ms <= ${p.nowMs} and w.fair_group > grouped.fair_group)
        from grouped where grouped.fair_group is not null
      ),
      busy as (
        select fair_group, count(*) as runs from work_item
        where kind = 'run' and token is not null group by fair_group
      ),
      candidate as (
        select w.key, w.fair_group, coalesce(busy.runs, 0)
            + row_number() over (partition by w.fair_group order by w.run_at_ms, w.key) as place,
          coalesce(team.max_runs_at_once, cast(${p.perContext} as bigint)) as most
        from grouped join ${oldestOf(p, dialect)}
        left join busy on busy.fair_group = w.fair_group
        left join team on team.id = substr(w.fair_group, 6) and w.fair_group like 'team:%'
      )
      select key from candidate where place <= most
      order by place, fair_group <= ${p.afterGroup}, fair_group
      limit ${sql.raw(dialect === 'sqlite' ? 'max' : 'greatest')}(0, ${smaller(dialect)}(
        cast(${p.limit} as bigint),
        coalesce(cast(${p.instance} as bigint), 1000000) - (select coalesce(sum(runs), 0) from busy)
      ))`,
    dialect,
  ),
)

/** Of one context the runs that have waited longest, as `w`. Each database has its own way to ask so for each row. */
function oldestOf(p: Turn, dialect: Dialect): RawBuilder<unknown> {
  const oldest = (columns: string) => sql`select ${sql.raw(columns)} from work_item one
    where one.kind = 'run' and one.token is null and one.fair_group = grouped.fair_group
      and one.run_at_ms <= ${p.nowMs}
    order by one.run_at_ms limit ${p.limit}`
  return dialect === 'sqlite'
    ? sql`work_item w on w.key in (${oldest('one.key')})`
    : sql`lateral (${oldest('one.key, one.fair_group, one.run_at_ms')}) w on true`
}

/** One after the other: whoever claims runs counts those that are at work, and must see what others have just claimed. */
export const queueForRunClaims = statement((q, _: Record<never, never>) =>
  q.selectNoFrom(sql`pg_advisory_xact_lock(7301943)`.as('locked')),
)

/** On Postgres another process may be claiming the same ones: whoever comes second passes over them. */
function claiming(q: Kysely<Schema>, p: Turn, keys: RawBuilder<unknown>, dialect: Dialect) {
  const isFree = dialect === 'sqlite' ? sql`` : sql` and token is null for update skip locked`
  return q
    .with('picked', () => sql<{ key: string }>`(select key from work_item where key in (${keys})${isFree})`)
    .updateTable('work_item')
    .set({
      token: sql<string>`cast(${p.token} as text) || '.' || key`,
      lease_until_ms: p.leaseUntilMs,
      dirty: 0,
    })
    .where('key', 'in', (picked) => picked.selectFrom('picked').select('picked.key'))
    .returning(['key', 'fair_group', 'token', 'run_at_ms'])
}
