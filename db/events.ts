import { sql } from 'kysely'
import { blind, statement } from './statement.ts'

/** Any number of events in one statement: a JSON list of `{type, actor, context, subject, details}`. */
export const insertEvents = blind((q, p: { rows: string; nowMs: number }, dialect) =>
  q
    .insertInto('event')
    .columns(['at_ms', 'type', 'actor', 'context', 'subject', 'details_json'])
    .expression(() =>
      dialect === 'sqlite'
        ? sql`select ${p.nowMs}, value ->> 'type', value ->> 'actor', value ->> 'context', value ->> 'subject', value ->> 'details'
              from json_each(${p.rows}) order by key`
        : sql`select ${p.nowMs}::bigint, value ->> 'type', value ->> 'actor', value ->> 'context', value ->> 'subject', value ->> 'details'
              from json_array_elements(${p.rows}::json) with ordinality order by ordinality`,
    ),
)

export const listEventsOf = statement((q, p: { subject: string; after: number; limit: number }) =>
  q
    .selectFrom('event')
    .selectAll()
    .where('subject', '=', p.subject)
    .where('seq', '>', p.after)
    .orderBy('seq')
    .limit(p.limit),
)
