import assert from 'node:assert/strict'
import {
  type BoardLeaseRow,
  beatBoardLease,
  endBoardLease,
  findBoardLease,
  findOverdueLease,
  holdResource,
  insertBoardLease,
  listBoardLeases,
  reclaimBoardLeases,
  retakeBoardLease,
} from '#db/board-leases.ts'
import type { Reader, Tx } from '#db/db.ts'
import type { Actor } from '../actor.ts'
import { contextKey, contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { idCursor } from '../cursor.ts'
import { AppError, notFound } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { Ids } from '../ids.ts'
import { once } from '../once.ts'
import { requireReader } from '../runs/reader.ts'
import { requireContext } from '../teams/standing.ts'
import { type BoardLease, isHeld, leaseEvent, leaseView } from './lease-view.ts'

export interface LeaseWish {
  resource: string
  purpose: string
  ttlSeconds: number
}

/** Which lease, as whoever holds it knows it. */
export interface LeaseKey {
  leaseId: string
  epoch: number
}

/**
 * Takes a resource of the actor's board that nobody holds, or whose holder was not heard of in time. `conflict` with who has
 * it and until when; two of one person are two. The same request key again gives the same lease.
 */
export async function acquireBoardLease(
  core: Pick<Core, 'db' | 'clock' | 'ids'>,
  actor: Actor,
  wish: LeaseWish,
): Promise<BoardLease> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function acquireBoardLease(tx) {
    await requireContext(tx, actor, actor.context, 'work')
    return once(tx, { actor, operation: 'lease.acquire', input: { ...wish }, nowMs }, async () =>
      leaseView(await takeResource(core, tx, actor, { ...wish, context: contextKey(actor.context), nowMs })),
    )
  })
}

/** The step of it. Whoever lost it by silence is told so by an event, if nobody has yet. */
export async function takeResource(
  core: { ids: Ids },
  tx: Tx,
  actor: Pick<Actor, 'accountId'>,
  { context, resource, purpose, ttlSeconds, nowMs }: LeaseWish & { context: string; nowMs: number },
): Promise<BoardLeaseRow> {
  const before = await holdResource.first(tx, { context, resource })
  if (before && isHeld(before, nowMs)) throw isTaken(before)
  const terms = { purpose, holder: actor.accountId, ttlMs: ttlSeconds * 1_000, nowMs }
  if (!before) {
    const row = newLease(core.ids.newId('lse'), { context, resource, ...terms })
    await insertBoardLease.run(tx, row)
    await appendEvents(tx, nowMs, [leaseEvent(row, 'acquired', actor.accountId, { purpose })])
    return row
  }
  const row = await retakeBoardLease.first(tx, { id: before.id, ...terms })
  assert(row, 'It is held by this transaction')
  await appendEvents(tx, nowMs, [
    ...(before.released_at_ms === null ? [leaseEvent(before, 'reclaimed', 'system')] : []),
    leaseEvent(row, 'acquired', actor.accountId, { purpose }),
  ])
  return row
}

const newLease = (
  id: string,
  lease: { context: string; resource: string; purpose: string; holder: string; ttlMs: number; nowMs: number },
): BoardLeaseRow => ({
  id,
  context: lease.context,
  resource: lease.resource,
  purpose: lease.purpose,
  holder: lease.holder,
  epoch: 1,
  ttl_ms: lease.ttlMs,
  acquired_at_ms: lease.nowMs,
  heartbeat_at_ms: lease.nowMs,
  released_at_ms: null,
})

/** A sign of life: from now on it lasts its whole time again. `conflict` when it has ended, or is another's by now. */
export async function keepBoardLease(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { leaseId, epoch }: LeaseKey,
): Promise<BoardLease> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function keepBoardLease(tx) {
    await requireLease(tx, actor, leaseId)
    const kept = await beatBoardLease.first(tx, { id: leaseId, holder: actor.accountId, epoch, nowMs })
    if (!kept) throw isLost()
    return leaseView(kept)
  })
}

/** Gives it back. A second time it is refused (`conflict`), as for anybody who comes late. */
export async function releaseBoardLease(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { leaseId, epoch }: LeaseKey,
): Promise<BoardLease> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function releaseBoardLease(tx) {
    await requireLease(tx, actor, leaseId)
    return once(tx, { actor, operation: 'lease.release', input: { leaseId, epoch }, nowMs }, async () =>
      leaseView(await giveBack(tx, actor, { leaseId, epoch }, nowMs)),
    )
  })
}

/** The step of it. */
export async function giveBack(
  tx: Tx,
  { accountId }: Pick<Actor, 'accountId'>,
  { leaseId, epoch }: LeaseKey,
  nowMs: number,
): Promise<BoardLeaseRow> {
  const row = await endBoardLease.first(tx, { id: leaseId, holder: accountId, epoch, nowMs })
  if (!row) throw isLost()
  await appendEvents(tx, nowMs, [leaseEvent(row, 'released', accountId)])
  return row
}

/** Those that are held on the actor's board, oldest first. */
export async function findBoardLeases(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { cursor, limit }: { cursor?: string; limit: number },
): Promise<{ items: BoardLease[]; nextCursor: string | null }> {
  await requireReader(core.db, actor, actor.context, 'such context')
  const rows = await listBoardLeases.all(core.db, {
    context: contextKey(actor.context),
    nowMs: core.clock.nowMs(),
    after: cursor === undefined ? '' : idCursor('lse', cursor),
    limit: limit + 1,
  })
  const items = rows.slice(0, limit).map(leaseView)
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.leaseId ?? null) : null }
}

/**
 * Takes back what its holders let lapse, each with an event. Two who do this at once do it once for each. With `isAll` also
 * what somebody holds who is alive; they are late from then on.
 */
export async function reclaimLeases(
  core: Pick<Core, 'db' | 'clock'>,
  { isAll = false }: { isAll?: boolean } = {},
): Promise<BoardLease[]> {
  const nowMs = core.clock.nowMs()
  if (!isAll && !(await findOverdueLease.first(core.db, { nowMs }))) return []
  return core.db.write(async function reclaimLeases(tx) {
    const rows = await reclaimBoardLeases.all(tx, { nowMs, isAll: isAll ? 1 : 0 })
    await appendEvents(
      tx,
      nowMs,
      rows.map((row) => leaseEvent(row, 'reclaimed', 'system')),
    )
    return rows.map(leaseView)
  })
}

/** A lease of a board that the actor may work on; others do not exist for them. */
async function requireLease(on: Reader, actor: Actor, leaseId: string): Promise<BoardLeaseRow> {
  const row = await findBoardLease.first(on, { id: leaseId })
  if (!row) throw notFound('such lease')
  const context = contextOf(row.context)
  await requireReader(on, actor, context, 'such lease')
  await requireContext(on, actor, context, 'work')
  return row
}

function isTaken(row: BoardLeaseRow): AppError {
  const { holder, expiresAt, purpose, resource } = leaseView(row)
  const what = purpose === '' ? '' : ` (${purpose})`
  return new AppError('conflict', `${resource} is held until ${expiresAt}${what}. Ask again then.`, {
    facts: { holder, expiresAt },
  })
}

const isLost = (): AppError =>
  new AppError('conflict', 'This lease has ended; another may have it now. Acquire it anew.')
