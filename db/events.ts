import { sql } from 'kysely'
import type { Tx } from './db.ts'
import { blind, statement } from './statement.ts'

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
