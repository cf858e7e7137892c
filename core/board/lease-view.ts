import type { BoardLeaseRow } from '#db/board-leases.ts'
import { type Context, contextOf } from '../context.ts'
import type { NewEvent } from '../events/append.ts'
import type { JsonObject } from '../json.ts'

/** What a worker has for as long as it gives signs of life. */
export type BoardLease = {
  leaseId: string
  context: Context
  resource: string
  purpose: string
  /** Account id. */
  holder: string
  /** Higher each time the resource is taken; whoever comes with a lower one is late. */
  epoch: number
  ttlSeconds: number
  acquiredAt: string
  heartbeatAt: string
  expiresAt: string
}

export const leaseView = (row: BoardLeaseRow): BoardLease => ({
  leaseId: row.id,
  context: contextOf(row.context),
  resource: row.resource,
  purpose: row.purpose,
  holder: row.holder,
  epoch: row.epoch,
  ttlSeconds: row.ttl_ms / 1_000,
  acquiredAt: iso(row.acquired_at_ms),
  heartbeatAt: iso(row.heartbeat_at_ms),
  expiresAt: iso(row.heartbeat_at_ms + row.ttl_ms),
})

/** The subject is the lease; which resource it is of, its details say. */
export const leaseEvent = (row: BoardLeaseRow, what: string, actor: string, details: JsonObject = {}): NewEvent => ({
  type: `lease.${what}`,
  actor,
  context: row.context,
  subject: row.id,
  details: { resource: row.resource, epoch: row.epoch, holder: row.holder, ...details },
})

/** Whether its holder was heard of in time. */
export const isHeld = (row: BoardLeaseRow, nowMs: number): boolean =>
  row.released_at_ms === null && row.heartbeat_at_ms + row.ttl_ms >= nowMs

const iso = (ms: number): string => new Date(ms).toISOString()
