import type { Tx } from '#db/db.ts'
import { advanceSchedule, type ScheduleRow } from '#db/schedules.ts'
import type { NewEvent } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import { nextWithin } from './rhythm.ts'
import { boundsOf, rhythmOf } from './row.ts'

/** Its last time has passed, it has expired, or it has run as often as it was to. */
export type Ended = 'done' | 'expired' | 'max_runs'

export interface SlotEnd {
  /** The slot is over up to here; the next one comes after it. */
  afterMs: number
  isStarted?: boolean
  /** Why it was refused, when it was. */
  refusedCode?: string | null
  noticedAtMs?: number
  /** Goes no further by itself until somebody resumes it. */
  pauseFor?: string
  /** The next slot, when it is not simply the one after. */
  next?: { atMs: number; catchUpUntilMs: number }
  nowMs: number
}

/**
 * Ends the slot that is due: the schedule goes on to its next one, or ends; then it says why. Nothing is written when that
 * slot is not the one that is due any more.
 */
export async function endSlot(tx: Tx, row: ScheduleRow, dueAtMs: number, end: SlotEnd): Promise<Ended | null> {
  const started = end.isStarted ? 1 : 0
  const bounds = { ...boundsOf(row), runs: row.runs + started }
  const following = end.next ?? nextWithin(rhythmOf(row), bounds, end.afterMs)
  const goesOn = 'atMs' in following && end.pauseFor === undefined
  const ended = 'ended' in following ? following.ended : null
  await advanceSchedule.run(tx, {
    id: row.id,
    dueAtMs,
    started,
    status: goesOn ? 'active' : ended === null ? 'paused' : 'ended',
    statusReason: goesOn ? null : (ended ?? end.pauseFor ?? null),
    nextAtMs: goesOn ? following.atMs : null,
    catchUpUntilMs: end.next?.catchUpUntilMs ?? row.catch_up_until_ms,
    refusedCode: end.refusedCode ?? null,
    noticedAtMs: end.noticedAtMs ?? row.noticed_at_ms,
    nowMs: end.nowMs,
  })
  return ended
}

/** What happened to a schedule by itself. */
export const scheduleEvent = (row: ScheduleRow, type: string, details: JsonObject, actor = 'system'): NewEvent => ({
  type: `schedule.${type}`,
  actor,
  context: row.context,
  subject: row.id,
  details: { jobId: row.job_key, ...details },
})
