import { sql } from 'kysely'
import type { BoardLeaseTable } from './schema.ts'
import { statement } from './statement.ts'

export type BoardLeaseRow = BoardLeaseTable

/** The row of a resource until the transaction ends. */
export const holdResource = statement((q, p: { context: string; resource: string }, dialect) => {
  const select = q
    .selectFrom('board_lease')
    .selectAll()
    .where('context', '=', p.context)
    .where('resource', '=', p.resource)
  return dialect === 'postgres' ? select.forUpdate() : select
})

export const findBoardLease = statement((q, p: { id: string }) =>
  q.selectFrom('board_lease').selectAll().where('id', '=', p.id),
)

export const insertBoardLease = statement((q, p: BoardLeaseRow) =>
  q.insertInto('board_lease').values({
    id: p.id,
    context: p.context,
    resource: p.resource,
    purpose: p.purpose,
    holder: p.holder,
    epoch: p.epoch,
    ttl_ms: p.ttl_ms,
    acquired_at_ms: p.acquired_at_ms,
    heartbeat_at_ms: p.heartbeat_at_ms,
    released_at_ms: null,
  }),
)

/** Gives it to another, with a higher epoch than all before. */
export const retakeBoardLease = statement(
  (q, p: { id: string; purpose: string; holder: string; ttlMs: number; nowMs: number }) =>
    q
      .updateTable('board_lease')
      .set((row) => ({
        purpose: p.purpose,
        holder: p.holder,
        epoch: row('epoch', '+', 1),
        ttl_ms: p.ttlMs,
        acquired_at_ms: p.nowMs,
        heartbeat_at_ms: p.nowMs,
        released_at_ms: null,
      }))
      .where('id', '=', p.id)
      .returningAll(),
)

interface Held {
  id: string
  holder: string
  epoch: number
  nowMs: number
}

/** A write to a lease that this holder has now, under this epoch; of one that has ended or is another's it changes nothing. */
const whileHeld = (change: (p: Held) => { heartbeat_at_ms: number } | { released_at_ms: number }) =>
  statement((q, p: Held) =>
    q
      .updateTable('board_lease')
      .set(change(p))
      .where('id', '=', p.id)
      .where('holder', '=', p.holder)
      .where('epoch', '=', p.epoch)
      .where('released_at_ms', 'is', null)
      .where(sql<boolean>`heartbeat_at_ms + ttl_ms >= cast(${p.nowMs} as bigint)`)
      .returningAll(),
  )

/** A sign of life. Writes nothing when it has ended, was given back, or is another's. */
export const beatBoardLease = whileHeld((p) => ({ heartbeat_at_ms: p.nowMs }))

/** Ends it before its time. Writes nothing when it is not this one's any more. */
export const endBoardLease = whileHeld((p) => ({ released_at_ms: p.nowMs }))

/** Those whose holders were not heard of for longer than they said; a look that writes nothing. */
export const findOverdueLease = statement((q, p: { nowMs: number }) =>
  q
    .selectFrom('board_lease')
    .select('id')
    .where('released_at_ms', 'is', null)
    .where(sql<boolean>`heartbeat_at_ms + ttl_ms < cast(${p.nowMs} as bigint)`)
    .limit(1),
)

/** Takes them back; all that are held, with `isAll` 1. */
export const reclaimBoardLeases = statement((q, p: { nowMs: number; isAll: number }) =>
  q
    .updateTable('board_lease')
    .set({ released_at_ms: p.nowMs })
    .where('released_at_ms', 'is', null)
    .where((lease) =>
      lease.or([
        sql<boolean>`heartbeat_at_ms + ttl_ms < cast(${p.nowMs} as bigint)`,
        sql<boolean>`cast(${p.isAll} as bigint) = 1`,
      ]),
    )
    .returningAll(),
)

/** Those that are held in a context at this moment. */
export const listBoardLeases = statement((q, p: { context: string; nowMs: number; after: string; limit: number }) =>
  q
    .selectFrom('board_lease')
    .selectAll()
    .where('context', '=', p.context)
    .where('released_at_ms', 'is', null)
    .where(sql<boolean>`heartbeat_at_ms + ttl_ms >= cast(${p.nowMs} as bigint)`)
    .where('id', '>', p.after)
    .orderBy('id')
    .limit(p.limit),
)
