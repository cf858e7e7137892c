import { DatabaseBusyError } from '#db/db.ts'
import { listDueSchedules, type ScheduleRow } from '#db/schedules.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { startCycle } from '../plans/start.ts'
import { MOST_MISSED, settleMissed } from './catch-up.ts'
import { areMissed } from './missed.ts'
import { refuseSlot } from './refuse.ts'
import { dueTimes } from './rhythm.ts'
import { rhythmOf } from './row.ts'
import { startSlot } from './start.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings' | 'outbound' | 'log' | 'models'>

/** So many at a look; those that are due at once share a commit where the database can do that. */
const AT_A_LOOK = 500
const AT_ONCE = 64

/**
 * Does one thing for each schedule that is due, at most five hundred of them: start a run, write down why not, or what was
 * missed. Returns how many it did; what other processes did meanwhile does not count. To be called again until that is none.
 * `sinceMs` is since when the caller has looked; left out, it has not.
 */
export async function fireDue(core: Needs, sinceMs = Number.POSITIVE_INFINITY): Promise<number> {
  const due = await listDueSchedules.all(core.db, { nowMs: core.clock.nowMs(), limit: AT_A_LOOK })
  let done = 0
  for (let from = 0; from < due.length; from += AT_ONCE) {
    const fired = await Promise.all(due.slice(from, from + AT_ONCE).map((row) => fireSafely(core, row, sinceMs)))
    done += fired.filter(Boolean).length
  }
  return done
}

/** One schedule's trouble is not the others'. */
async function fireSafely(core: Needs, row: ScheduleRow, sinceMs: number): Promise<boolean> {
  try {
    return await fire(core, row, sinceMs)
  } catch (err) {
    // The database is away or overloaded: the slot is still due, and the next look finds it.
    core.log.error({ err, scheduleId: row.id }, 'A schedule could not be looked after and will be tried again')
    return false
  }
}

async function fire(core: Needs, row: ScheduleRow, sinceMs: number): Promise<boolean> {
  const dueAtMs = row.next_at_ms ?? 0
  if (dueAtMs > row.catch_up_until_ms) {
    const nowMs = core.clock.nowMs()
    const span = { firstMs: dueAtMs, nowMs, expiresAtMs: row.expires_at_ms, most: MOST_MISSED }
    const due = dueTimes(rhythmOf(row), span)
    if (areMissed(due.times, { nowMs, sinceMs })) return settleMissed(core, row, dueAtMs, due)
  }
  try {
    return await (row.kind === 'planned' ? startCycle(core, row, dueAtMs) : startSlot(core, row, dueAtMs))
  } catch (error) {
    if (error instanceof DatabaseBusyError) throw error
    if (error instanceof AppError) return refuseSlot(core, row, dueAtMs, error)
    core.log.error({ err: error, scheduleId: row.id }, 'A scheduled run could not be started')
    const message = 'Something went wrong on our side; the log of the program says what.'
    return refuseSlot(core, row, dueAtMs, { code: 'internal', message })
  }
}
