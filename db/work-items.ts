import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Dialect } from './db.ts'
import type { Schema } from './schema.ts'
import { blind, statement } from './statement.ts'

/** Puts an item in, or, when it is there, makes it due no later than this and tells its holder to look again. */
export const upsertWorkItem = blind(
  (q, p: { key: string; kind: string; fairGroup: string; runAtMs: number }, dialect) =>
    q
      .insertInto('work_item')
      .values({
        key: p.key,
        kind: p.kind,
        run_at_ms: p.runAtMs,
        fair_group: p.fairGroup,
        token: null,
        lease_until_ms: 0,
        dirty: 0,
      })
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet({
          run_at_ms: sql<number>`${smaller(dialect)}(work_item.run_at_ms, excluded.run_at_ms)`,
          dirty: 1,
        }),
      ),
)

export interface ClaimedItem {
  key: string
  kind: string
  fairGroup: string
  runAtMs: number
  token: string
  leaseUntilMs: number
}

/** A new item that is claimed from the start. */
export const insertClaimedItem = statement((q, p: ClaimedItem) =>
  q.insertInto('work_item').values({
    key: p.key,
    kind: p.kind,
    run_at_ms: p.runAtMs,
    fair_group: p.fairGroup,
    token: p.token,
    lease_until_ms: p.leaseUntilMs,
    dirty: 0,
  }),
)

/** The same for an item that may be there already: then it stays as it is, and nothing is written. */
export const insertClaimedIfNew = statement((q, p: ClaimedItem) =>
  q
    .insertInto('work_item')
    .values({
      key: p.key,
      kind: p.kind,
      run_at_ms: p.runAtMs,
      fair_group: p.fairGroup,
      token: p.token,
      lease_until_ms: p.leaseUntilMs,
      dirty: 0,
    })
    .onConflict((conflict) => conflict.column('key').doNothing()),
)

/**
 * The same for a team; not written when the team has a limit of its own, which is counted only where items are claimed from
 * the queue.
 */
export const insertClaimedTeamItem = statement((q, p: ClaimedItem & { teamId: string }) =>
  q
    .insertInto('work_item')
    .columns(['key', 'kind', 'run_at_ms', 'fair_group', 'token', 'lease_until_ms', 'dirty'])
    .expression(
      sql`select cast(${p.key} as text), cast(${p.kind} as text), cast(${p.runAtMs} as bigint),
        cast(${p.fairGroup} as text), cast(${p.token} as text), cast(${p.leaseUntilMs} as bigint), 0
        where not exists
          (select 1 from team where id = cast(${p.teamId} as text) and max_runs_at_once is not null)`,
    ),
)

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

/** The smaller of two values. */
const smaller = (dialect: Dialect) => sql.raw(dialect === 'sqlite' ? 'min' : 'least')

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

export const nextDueWork = statement((q, p: { kind: string }) =>
  q
    .selectFrom('work_item')
    .select('run_at_ms')
    .where('kind', '=', p.kind)
    .where('token', 'is', null)
    // Not min(): that would look at every waiting item.
    .orderBy('run_at_ms')
    .limit(1),
)

export const extendLease = statement((q, p: { key: string; token: string; leaseUntilMs: number }) =>
  q
    .updateTable('work_item')
    .set({ lease_until_ms: p.leaseUntilMs })
    .where('key', '=', p.key)
    .where('token', '=', p.token),
)

/** Reads the claim and, on Postgres, holds on to the row: nobody can take it over before this transaction ends. */
export const confirmLease = statement((q, p: { key: string; token: string }, dialect) => {
  const select = q.selectFrom('work_item').select('dirty').where('key', '=', p.key).where('token', '=', p.token)
  return dialect === 'postgres' ? select.forUpdate() : select
})

export const removeCleanItem = statement((q, p: { key: string; token: string }) =>
  q.deleteFrom('work_item').where('key', '=', p.key).where('token', '=', p.token).where('dirty', '=', 0),
)

export const putCleanItemBack = statement((q, p: { key: string; token: string; runAtMs: number }) =>
  q
    .updateTable('work_item')
    .set({ token: null, lease_until_ms: 0, run_at_ms: p.runAtMs })
    .where('key', '=', p.key)
    .where('token', '=', p.token)
    .where('dirty', '=', 0),
)

export const keepDirtyItem = statement((q, p: { key: string; token: string }) =>
  q.updateTable('work_item').set({ dirty: 0 }).where('key', '=', p.key).where('token', '=', p.token),
)

/** What dead workers hold. Looked for first, because as a rule there is nothing to write. */
export const findExpiredItem = statement((q, p: { nowMs: number }) =>
  q.selectFrom('work_item').select('key').where('token', 'is not', null).where('lease_until_ms', '<', p.nowMs).limit(1),
)

/** Frees what a dead worker held; on Postgres not what somebody is writing just now, so that nobody waits here. */
export const freeExpiredItems = statement((q, p: { nowMs: number }, dialect) =>
  q
    .updateTable('work_item')
    .set({ token: null, lease_until_ms: 0 })
    .where('key', 'in', (expired) => {
      const keys = expired
        .selectFrom('work_item')
        .select('key')
        .where('token', 'is not', null)
        .where('lease_until_ms', '<', p.nowMs)
      return dialect === 'postgres' ? keys.forUpdate().skipLocked() : keys
    }),
)

export const listLeases = statement((q, _: Record<never, never>) =>
  q.selectFrom('work_item').select(['key', 'kind', 'token', 'lease_until_ms']).where('token', 'is not', null),
)

export const freeItem = statement((q, p: { key: string; token: string }) =>
  q
    .updateTable('work_item')
    .set({ token: null, lease_until_ms: 0 })
    .where('key', '=', p.key)
    .where('token', '=', p.token),
)
