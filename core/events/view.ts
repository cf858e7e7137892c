import type { StoredEvent } from '#db/events.ts'
import { type Context, contextOf } from '../context.ts'
import type { JsonObject } from '../json.ts'

/** One thing that happened, as clients see it. `seq` grows in the order in which all readers see them. */
export type EventView = {
  seq: number
  ts: string
  type: string
  /** Account id, or `system`. */
  actor: string
  context: Context | null
  subject: string
  details: JsonObject
}

export const eventView = (row: StoredEvent): EventView => ({
  seq: row.seq,
  ts: new Date(row.at_ms).toISOString(),
  type: row.type,
  actor: row.actor,
  context: row.context === null ? null : contextOf(row.context),
  subject: row.subject,
  details: JSON.parse(row.details_json),
})

/** The same filter as the database's, for those that come by themselves. */
export const fits = (
  row: StoredEvent,
  filter: { types?: readonly string[]; actor?: string; subject?: string },
): boolean =>
  (filter.subject === undefined || row.subject === filter.subject) &&
  (filter.actor === undefined || row.actor === filter.actor) &&
  (filter.types === undefined || filter.types.some((type) => isOfType(row.type, type)))

const isOfType = (type: string, wanted: string): boolean =>
  wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted
