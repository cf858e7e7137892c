import type { Reader } from '#db/db.ts'
import { findDeliveryOf, listDeliveries } from '#db/trigger-deliveries.ts'
import { listTriggers, type TriggerRow } from '#db/triggers.ts'
import { may } from '../access.ts'
import type { Actor } from '../actor.ts'
import { contextKey, contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { idCursor } from '../cursor.ts'
import { AppError, notFound } from '../errors.ts'
import { requireReader } from '../runs/reader.ts'
import { requireContext } from '../teams/standing.ts'
import { secretsOf } from './secrets.ts'
import { requireTrigger } from './trigger.ts'
import { type DeliveryView, deliveryView, type TriggerView, triggerView } from './view.ts'

type Needs = Pick<Core, 'db' | 'settings'>

/** Behind every id. */
const END = 'zzzz'

export async function getTrigger({ db, settings }: Needs, actor: Actor, id: string): Promise<TriggerView> {
  const row = await requireTrigger(db, actor, id)
  return triggerView(row, settings.publicUrl, await mayChange(db, actor, row))
}

async function mayChange(on: Reader, actor: Actor, { context }: TriggerRow): Promise<boolean> {
  const standing = await requireContext(on, actor, contextOf(context), 'read')
  return standing === undefined || may(standing, 'schedule')
}

/** Of the actor's context, newest first. */
export async function findTriggers(
  { db, settings }: Needs,
  actor: Actor,
  { cursor, limit }: { cursor?: string; limit: number },
): Promise<{ items: TriggerView[]; nextCursor: string | null }> {
  await requireReader(db, actor, actor.context, 'such context')
  const standing = await requireContext(db, actor, actor.context, 'read')
  const isKeeper = standing === undefined || may(standing, 'schedule')
  const beforeId = cursor === undefined ? END : idCursor('trg', cursor)
  const rows = await listTriggers.all(db, { context: contextKey(actor.context), beforeId, limit: limit + 1 })
  const items = rows.slice(0, limit).map((row) => triggerView(row, settings.publicUrl, isKeeper))
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}

/** What came and what became of it, newest first. */
export async function findDeliveries(
  { db }: Needs,
  actor: Actor,
  { id, cursor, limit }: { id: string; cursor?: string; limit: number },
): Promise<{ items: DeliveryView[]; nextCursor: string | null }> {
  await requireTrigger(db, actor, id)
  const beforeId = cursor === undefined ? END : idCursor('dlv', cursor)
  const rows = await listDeliveries.all(db, { triggerId: id, beforeId, limit: limit + 1 })
  const items = rows.slice(0, limit).map(deliveryView)
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}

/** One of them, with what came. */
export async function getDelivery(
  { db }: Needs,
  actor: Actor,
  { id, deliveryId }: { id: string; deliveryId: string },
): Promise<DeliveryView> {
  await requireTrigger(db, actor, id)
  const row = await findDeliveryOf.first(db, { triggerId: id, id: deliveryId })
  if (!row) throw notFound('such delivery')
  return { ...deliveryView(row), payload: row.payload_json === null ? null : JSON.parse(row.payload_json) }
}

/**
 * The secret that a request has just made, for the answer to that request: nobody sees it again later. Undefined once there
 * is another one.
 */
export async function secretMade(
  core: Pick<Core, 'db' | 'settings' | 'clock'>,
  { id, version }: { id: string; version: number },
): Promise<string | undefined> {
  const [newest] = await secretsOf(core.db, core, id, core.clock.nowMs())
  return newest?.version === version ? newest.secret : undefined
}

/** The trigger that words mean: an id, its name, the job it starts, or nothing where there is only one. */
export async function triggerMeant(on: Reader, actor: Actor, words: string | undefined): Promise<TriggerRow> {
  if (words?.startsWith('trg_')) return requireTrigger(on, actor, words)
  await requireReader(on, actor, actor.context, 'such context')
  const all = await listTriggers.all(on, { context: contextKey(actor.context), beforeId: END, limit: 200 })
  const wanted = words?.toLowerCase()
  const fitting =
    wanted === undefined
      ? all
      : all.filter(({ name, job_key }) => name.toLowerCase() === wanted || job_key === wanted.replaceAll('_', '-'))
  const [only, another] = fitting
  if (!only) {
    const what = words === undefined ? 'There is no trigger here.' : `There is no trigger ${words} here.`
    throw new AppError('not_found', `${what} /triggers lists them; they are made in the console.`)
  }
  if (another) {
    throw new AppError('conflict', 'Several triggers fit. Press the button of the one you mean in /triggers.')
  }
  return only
}
