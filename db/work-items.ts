import { sql } from 'kysely'
import { statement } from './statement.ts'

/** Puts an item in, or, when it is there, makes it due no later than this and tells its holder to look again. */
export const upsertWorkItem = statement((q, p: { key: string; kind: string; fairGroup: string; runAtMs: number }) =>
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
        run_at_ms: sql<number>`min(work_item.run_at_ms, excluded.run_at_ms)`,
        dirty: 1,
      }),
    ),
)

/** A new item that is claimed from the start. */
export const insertClaimedItem = statement(
  (q, p: { key: string; kind: string; fairGroup: string; runAtMs: number; token: string; leaseUntilMs: number }) =>
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

/**
 * Claims due items, taking turns between groups so that one group's flood does not starve the others: of each its
 * oldest, beginning with the group that follows `afterGroup` by name and going round.
 */
export const claimWorkItems = statement(
  (q, p: { kind: string; nowMs: number; limit: number; afterGroup: string; token: string; leaseUntilMs: number }) =>
    q
      .updateTable('work_item')
      .set({ token: sql<string>`${p.token} || '.' || key`, lease_until_ms: p.leaseUntilMs, dirty: 0 })
      .where('key', 'in', (due) =>
        due
          .selectFrom((candidates) =>
            candidates
              .selectFrom('work_item')
              .select([
                'key',
                'fair_group',
                sql<number>`row_number() over (partition by fair_group order by run_at_ms)`.as('turn'),
              ])
              .where('kind', '=', p.kind)
              .where('token', 'is', null)
              .where('run_at_ms', '<=', p.nowMs)
              .as('candidate'),
          )
          .select('candidate.key')
          .orderBy('candidate.turn')
          .orderBy(sql`candidate.fair_group <= ${p.afterGroup}`)
          .orderBy('candidate.fair_group')
          .limit(p.limit),
      )
      .returning(['key', 'fair_group', 'token']),
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

/** Takes a key's lease when nobody holds it; used where another queue says what is due. */
export const takeLease = statement(
  (q, p: { key: string; kind: string; fairGroup: string; nowMs: number; token: string; leaseUntilMs: number }) =>
    q
      .insertInto('work_item')
      .values({
        key: p.key,
        kind: p.kind,
        run_at_ms: p.nowMs,
        fair_group: p.fairGroup,
        token: p.token,
        lease_until_ms: p.leaseUntilMs,
        dirty: 0,
      })
      .onConflict((conflict) =>
        conflict
          .column('key')
          .doUpdateSet({ token: p.token, lease_until_ms: p.leaseUntilMs, dirty: 0 })
          .where((work) =>
            work.or([work('work_item.token', 'is', null), work('work_item.lease_until_ms', '<', p.nowMs)]),
          ),
      )
      .returning('token'),
)

/** Tells the holder to look again before it lets go. */
export const markDirty = statement((q, p: { key: string; nowMs: number }) =>
  q
    .updateTable('work_item')
    .set({ dirty: 1 })
    .where('key', '=', p.key)
    .where('token', 'is not', null)
    .where('lease_until_ms', '>=', p.nowMs),
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

/** Frees what a dead worker held. */
export const freeExpiredItems = statement((q, p: { nowMs: number }) =>
  q
    .updateTable('work_item')
    .set({ token: null, lease_until_ms: 0 })
    .where('token', 'is not', null)
    .where('lease_until_ms', '<', p.nowMs),
)

/** Takes out what a dead worker held, to be put into another queue again. */
export const removeExpiredItems = statement((q, p: { nowMs: number }) =>
  q
    .deleteFrom('work_item')
    .where('token', 'is not', null)
    .where('lease_until_ms', '<', p.nowMs)
    .returning(['key', 'kind', 'fair_group']),
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
