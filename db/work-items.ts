import { type Kysely, sql } from 'kysely'
import type { Schema } from './schema.ts'
import { smaller } from './smaller.ts'
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

const claimedItem = (q: Kysely<Schema>, p: ClaimedItem) =>
  q.insertInto('work_item').values({
    key: p.key,
    kind: p.kind,
    run_at_ms: p.runAtMs,
    fair_group: p.fairGroup,
    token: p.token,
    lease_until_ms: p.leaseUntilMs,
    dirty: 0,
  })

/** A new item that is claimed from the start. */
export const insertClaimedItem = statement((q, p: ClaimedItem) => claimedItem(q, p))

/** The same for an item that may be there already: then it stays as it is, and nothing is written. */
export const insertClaimedIfNew = statement((q, p: ClaimedItem) =>
  claimedItem(q, p).onConflict((conflict) => conflict.column('key').doNothing()),
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

/** Whoever has the item has it no more, and whoever puts it in waits until this transaction has ended. */
export const holdItem = blind((q, p: { key: string; kind: string; fairGroup: string }) =>
  q
    .insertInto('work_item')
    .values({
      key: p.key,
      kind: p.kind,
      run_at_ms: 0,
      fair_group: p.fairGroup,
      token: null,
      lease_until_ms: 0,
      dirty: 0,
    })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ token: null, lease_until_ms: 0 })),
)

export const removeItem = statement((q, p: { key: string }) => q.deleteFrom('work_item').where('key', '=', p.key))

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
