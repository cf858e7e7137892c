import type { Db } from '#db/db.ts'
import { listEvents, type StoredEvent, type WideFilter } from '#db/events.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { requireReader } from '../runs/reader.ts'
import { settledEvents } from './settled.ts'
import { type EventView, eventView } from './view.ts'

export interface EventQuery {
  /** The number of the last event that was seen; 0 is the beginning. */
  after?: number
  types?: readonly string[]
  actor?: string
  subject?: string
  limit: number
}

/** So many rows are looked at in one go; between two others have their turn. */
export const STRETCH = 5_000

/**
 * What happened in the actor's context, oldest first. `nextCursor` is null when there is no more at this moment; whoever asks
 * again with the last number they saw misses nothing and gets nothing twice.
 */
export async function findEvents(
  core: Pick<Core, 'db'>,
  actor: Actor,
  { after = 0, limit, ...filter }: EventQuery,
): Promise<{ items: EventView[]; nextCursor: string | null }> {
  await requireReader(core.db, actor, actor.context, 'such context')
  const upTo = await settledEvents(core.db)
  const context = contextKey(actor.context)
  const { events } = await readForwards(core.db, { ...filter, context }, { after, upTo, limit: limit + 1 })
  const items = events.slice(0, limit).map(eventView)
  return { items, nextCursor: events.length > limit ? String(items.at(-1)?.seq) : null }
}

/** The newest that fit, oldest of them first. */
export async function newestEvents(
  core: Pick<Core, 'db'>,
  actor: Actor,
  { limit, ...filter }: Omit<EventQuery, 'after'>,
): Promise<EventView[]> {
  await requireReader(core.db, actor, actor.context, 'such context')
  const wanted = { ...filter, context: contextKey(actor.context) }
  const found: StoredEvent[] = []
  const size = stretchFor(wanted)
  for (let upTo = await settledEvents(core.db); upTo > 0 && found.length < limit; upTo -= size) {
    const after = Math.max(0, upTo - size)
    const stretch = { after, upTo, limit: limit - found.length, newestFirst: true }
    found.push(...(await listEvents(core.db, wanted, stretch)))
    await othersFirst()
  }
  return found.toReversed().map(eventView)
}

/** Stretch by stretch, until there are enough or `upTo` is reached. `seen` is how far everything has been looked at. */
export async function readForwards(
  db: Db,
  filter: WideFilter,
  { after, upTo, limit }: { after: number; upTo: number; limit: number },
): Promise<{ events: StoredEvent[]; seen: number }> {
  const events: StoredEvent[] = []
  let seen = after
  while (seen < upTo && events.length < limit) {
    const end = Math.min(seen + stretchFor(filter), upTo)
    events.push(...(await listEvents(db, filter, { after: seen, upTo: end, limit: limit - events.length })))
    seen = events.length < limit ? end : (events.at(-1)?.seq ?? end)
    if (seen < upTo && events.length < limit) await othersFirst()
  }
  return { events, seen }
}

/** A subject has an index. */
const stretchFor = ({ subject }: WideFilter): number => (subject === undefined ? STRETCH : Number.MAX_SAFE_INTEGER)

/** On SQLite a read is done at once: without a pause many of them would be one long one. */
export const othersFirst = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
