import { sql } from 'kysely'
import type { Reader, Tx } from './db.ts'
import type { EventTable } from './schema.ts'
import { blind, query, statement } from './statement.ts'

/** As it is written. */
export interface EventRow {
  nowMs: number
  type: string
  actor: string
  context: string | null
  subject: string
  detailsJson: string
}

const insertEvent = blind((q, p: EventRow) =>
  q.insertInto('event').values({
    at_ms: p.nowMs,
    type: p.type,
    actor: p.actor,
    context: p.context,
    subject: p.subject,
    details_json: p.detailsJson,
  }),
)

/** One whose number somebody wants to know. */
export const insertEventNumbered = statement((q, p: EventRow) =>
  q
    .insertInto('event')
    .values({
      at_ms: p.nowMs,
      type: p.type,
      actor: p.actor,
      context: p.context,
      subject: p.subject,
      details_json: p.detailsJson,
    })
    .returning('seq'),
)

/** Any number of events in one statement: a JSON list of `EventRow`. */
const insertEventList = blind((q, p: { rows: string }) =>
  q
    .insertInto('event')
    .columns(['at_ms', 'type', 'actor', 'context', 'subject', 'details_json'])
    .expression(
      () =>
        sql`select (value ->> 'nowMs')::bigint, value ->> 'type', value ->> 'actor', value ->> 'context', value ->> 'subject', value ->> 'detailsJson'
            from json_array_elements(${p.rows}::json) with ordinality order by ordinality`,
    ),
)

/** In this order. Where each statement is a round trip they go as one; where none is, a list costs more than it saves. */
export async function insertEvents(tx: Tx, rows: readonly EventRow[]): Promise<void> {
  if (tx.dialect === 'postgres') await insertEventList.run(tx, { rows: JSON.stringify(rows) })
  else for (const row of rows) await insertEvent.run(tx, row)
}

/** Oldest first, with the handle of whoever did it where that was a person. */
export const listEventsOf = statement((q, p: { subject: string; after: number; limit: number }) =>
  q
    .selectFrom('event')
    .leftJoin('account', 'account.id', 'event.actor')
    .selectAll('event')
    .select('account.handle')
    .where('event.subject', '=', p.subject)
    .where('event.seq', '>', p.after)
    .orderBy('event.seq')
    .limit(p.limit),
)

/** Of one type; the index is that of the subject. */
export const listEventsOfType = statement((q, p: { subject: string; type: string; after: number; limit: number }) =>
  q
    .selectFrom('event')
    .selectAll()
    .where('subject', '=', p.subject)
    .where('type', '=', p.type)
    .where('seq', '>', p.after)
    .orderBy('seq')
    .limit(p.limit),
)

export const countEventsOfType = statement((q, p: { subject: string; type: string }) =>
  q
    .selectFrom('event')
    .select((row) => row.fn.countAll().as('count'))
    .where('subject', '=', p.subject)
    .where('type', '=', p.type),
)

/** As it is read. */
export type StoredEvent = Omit<EventTable, 'seq'> & { seq: number }

export const findNewestEvent = statement((q, _: Record<never, never>) =>
  q.selectFrom('event').select('seq').orderBy('seq', 'desc').limit(1),
)

/** Of all contexts, in their order. */
export const listEventsBetween = statement((q, p: { after: number; upTo: number; limit: number }) =>
  q.selectFrom('event').selectAll().where('seq', '>', p.after).where('seq', '<=', p.upTo).orderBy('seq').limit(p.limit),
)

/**
 * The transactions that have written events, or are about to, and have not ended (Postgres). Inserting takes this lock before
 * it takes a number, and keeps it until the transaction has ended and what it wrote can be seen.
 */
export const listEventWriters = statement((q, _: Record<never, never>) =>
  q
    .selectFrom(sql<{ virtualtransaction: string }>`pg_locks`.as('held'))
    .select('virtualtransaction')
    .where(sql<boolean>`locktype = 'relation' and mode = 'RowExclusiveLock' and relation = 'event'::regclass`)
    .where(sql<boolean>`database = (select oid from pg_database where datname = current_database())`),
)

export interface EventFilter {
  context: string
  /** Whole types, or beginnings: `run.*`. */
  types?: readonly string[]
  actor?: string
  subject?: string
}

/** The same of any context, or of all. */
export type WideFilter = Omit<EventFilter, 'context'> & { context?: string; fromMs?: number; beforeMs?: number }

/** Those of a stretch of numbers that fit, from one end of it. Without a subject every row of the stretch is looked at. */
export function listEvents(
  on: Reader,
  { context, types, actor, subject, fromMs, beforeMs }: WideFilter,
  { after, upTo, limit, newestFirst = false }: { after: number; upTo: number; limit: number; newestFirst?: boolean },
): Promise<StoredEvent[]> {
  return query(on, (q) => {
    let rows = q.selectFrom('event').selectAll().where('seq', '>', after).where('seq', '<=', upTo)
    if (context !== undefined) rows = rows.where('context', '=', context)
    if (types) rows = rows.where((row) => row.or(types.map((type) => isOfType(type))))
    if (actor !== undefined) rows = rows.where('actor', '=', actor)
    if (subject !== undefined) rows = rows.where('subject', '=', subject)
    if (fromMs !== undefined) rows = rows.where('at_ms', '>=', fromMs)
    if (beforeMs !== undefined) rows = rows.where('at_ms', '<', beforeMs)
    return rows.orderBy('seq', newestFirst ? 'desc' : 'asc').limit(limit)
  }) as Promise<StoredEvent[]>
}

function isOfType(type: string) {
  if (!type.endsWith('*')) return sql<boolean>`type = ${type}`
  const beginning = type.slice(0, -1)
  return sql<boolean>`substr(type, 1, ${sql.lit(beginning.length)}) = ${beginning}`
}
