import type { Tx } from '#db/db.ts'
import { insertEvents } from '#db/events.ts'
import type { JsonObject } from '../json.ts'
import { withCause } from '../rules/cause.ts'

export interface NewEvent {
  type: string
  /** Account id, or `system`. */
  actor: string
  /** Context key; null for what concerns the whole instance. */
  context: string | null
  /** Id of what it happened to. */
  subject: string
  details?: JsonObject
}

/** Writes what happened, in the transaction in which it happens. */
export async function appendEvents(tx: Tx, nowMs: number, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return
  const rows = events.map(({ type, actor, context, subject, details }) => ({
    nowMs,
    type,
    actor,
    context,
    subject,
    detailsJson: detailsJsonOf(details, tx.cause),
  }))
  await insertEvents(tx, rows)
}

function detailsJsonOf(details: JsonObject | undefined, cause: readonly string[] | undefined): string {
  if (cause) return JSON.stringify(withCause(details ?? {}, cause))
  return details ? JSON.stringify(details) : '{}'
}
