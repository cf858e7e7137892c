import { sql } from 'kysely'
import { statement } from './statement.ts'

/**
 * Takes a resource that nobody holds: new, released, or its holder not heard of for longer than it said. Each taking has
 * a higher epoch than all before. No row when somebody holds it.
 */
export const takeLease = statement(
  (q, p: { resource: string; holder: string; purpose: string; ttlMs: number; nowMs: number }) =>
    q
      .insertInto('lease')
      .values({
        resource: p.resource,
        holder: p.holder,
        purpose: p.purpose,
        epoch: 1,
        ttl_ms: p.ttlMs,
        acquired_at_ms: p.nowMs,
        heartbeat_at_ms: p.nowMs,
        released_at_ms: null,
      })
      .onConflict((conflict) =>
        conflict
          .column('resource')
          .doUpdateSet({
            holder: p.holder,
            purpose: p.purpose,
            epoch: sql`lease.epoch + 1`,
            ttl_ms: p.ttlMs,
            acquired_at_ms: p.nowMs,
            heartbeat_at_ms: p.nowMs,
            released_at_ms: null,
          })
          .where((lease) =>
            lease.or([
              lease('lease.released_at_ms', 'is not', null),
              sql<boolean>`lease.heartbeat_at_ms + lease.ttl_ms < cast(${p.nowMs} as bigint)`,
            ]),
          ),
      )
      .returning('epoch'),
)

/** Keeps a lease; writes nothing when another has taken it, or it was given back. */
export const beatLease = statement((q, p: { resource: string; holder: string; epoch: number; nowMs: number }) =>
  q
    .updateTable('lease')
    .set({ heartbeat_at_ms: p.nowMs })
    .where('resource', '=', p.resource)
    .where('holder', '=', p.holder)
    .where('epoch', '=', p.epoch)
    .where('released_at_ms', 'is', null),
)

/** Gives a lease back, so that the next need not wait for its end. Writes nothing when it is not this one's any more. */
export const giveLeaseBack = statement((q, p: { resource: string; holder: string; epoch: number; nowMs: number }) =>
  q
    .updateTable('lease')
    .set({ released_at_ms: p.nowMs })
    .where('resource', '=', p.resource)
    .where('holder', '=', p.holder)
    .where('epoch', '=', p.epoch)
    .where('released_at_ms', 'is', null),
)

export const findLease = statement((q, p: { resource: string }) =>
  q.selectFrom('lease').selectAll().where('resource', '=', p.resource),
)

/** Ends leases whose holders were not heard of for longer than they said; all of them with `isAll` 1. */
export const endLeases = statement((q, p: { nowMs: number; isAll: number }) =>
  q
    .updateTable('lease')
    .set({ released_at_ms: p.nowMs })
    .where('released_at_ms', 'is', null)
    .where((lease) =>
      lease.or([
        sql<boolean>`lease.heartbeat_at_ms + lease.ttl_ms < cast(${p.nowMs} as bigint)`,
        sql<boolean>`cast(${p.isAll} as bigint) = 1`,
      ]),
    )
    .returning('resource'),
)
