import type { Tx } from '#db/db.ts'
import { endPlanHints, insertPlanHint } from '#db/plans.ts'
import type { ScheduleRow } from '#db/schedules.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { scheduleEvent } from '../schedules/advance.ts'

/** Something said about a schedule that ends by itself: when it is to come, or what it is to know. */
export interface Said {
  saidBy: 'person' | 'model'
  accountId: string | null
  everyMs: number | null
  atMs: number | null
  note: string | null
  untilMs: number
  nowMs: number
}

/** Writes it down. What the same side has said about times before says nothing more; notes stand beside each other. */
export async function putHint(
  core: Pick<Core, 'ids'>,
  tx: Tx,
  row: ScheduleRow,
  { saidBy, accountId, everyMs, atMs, note, untilMs, nowMs }: Said,
): Promise<string> {
  if (note === null) await endPlanHints.run(tx, { scheduleId: row.id, saidBy, nowMs })
  const id = core.ids.newId('hint')
  await insertPlanHint.run(tx, {
    id,
    schedule_id: row.id,
    context: row.context,
    said_by: saidBy,
    account_id: accountId,
    every_ms: everyMs,
    at_ms: atMs,
    note,
    until_ms: untilMs,
    created_at_ms: nowMs,
  })
  const details = { hintId: id, everyMs, at: atMs, isNote: note !== null, until: new Date(untilMs).toISOString() }
  await appendEvents(tx, nowMs, [scheduleEvent(row, 'hinted', details, accountId ?? 'system')])
  return id
}
