import type { Tx } from '#db/db.ts'
import { insertFire, insertMissed } from '#db/schedule-fires.ts'
import { holdDueSlot, type ScheduleRow } from '#db/schedules.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { endSlot, scheduleEvent } from './advance.ts'
import { shareMissed } from './missed.ts'
import { runNowButton, tellOwner } from './notice.ts'
import type { DueTimes } from './rhythm.ts'

/** Slots that are told one by one; a schedule of every second that was down for a year has more of them than anybody reads. */
export const MOST_MISSED = 1_000

const CODE = 'missed'
const REASON = 'Nothing ran at that time.'

/**
 * Writes down slots that came while nothing ran, and leaves those that its policy makes up for to be started one by one. All
 * of it in one transaction, so that a second process, or this one after a crash, finds it done or not begun.
 */
export async function settleMissed(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>,
  { id }: ScheduleRow,
  dueAtMs: number,
  { times, restFromMs }: DueTimes,
): Promise<boolean> {
  return core.db.write(async function settleMissed(tx) {
    const row = await holdDueSlot.first(tx, { id, dueAtMs })
    if (!row) return false
    const nowMs = core.clock.nowMs()
    const lastMs = times.at(-1) ?? nowMs
    const { missed, run } = shareMissed({ policy: row.missed_policy, max: row.missed_max }, times)
    await putMissed(tx, row, missed, nowMs)
    if (restFromMs !== undefined)
      await putRest(tx, row, { fromMs: restFromMs, untilMs: (times[0] ?? nowMs) - 1, nowMs })
    const [nextMs] = run
    const isToTell = missed.length > 0 || restFromMs !== undefined
    await endSlot(tx, row, dueAtMs, {
      afterMs: lastMs,
      ...(nextMs === undefined ? {} : { next: { atMs: nextMs, catchUpUntilMs: lastMs } }),
      ...(isToTell ? { noticedAtMs: nowMs } : {}),
      nowMs,
    })
    const facts = { missed: missed.length, madeUpFor: run.length, from: iso(dueAtMs), until: iso(lastMs) }
    const isMore = restFromMs !== undefined
    await appendEvents(tx, nowMs, [scheduleEvent(row, 'missed', { ...facts, ...(isMore ? { andMore: true } : {}) })])
    if (isToTell) await tellOwner(core, tx, row, { words: wordsFor(facts, isMore), buttons: [runNowButton(row)] })
    return true
  })
}

async function putMissed(tx: Tx, row: ScheduleRow, slots: readonly number[], nowMs: number): Promise<void> {
  if (slots.length === 0) return
  const missed = { scheduleId: row.id, slots: JSON.stringify(slots), code: CODE, reason: REASON, nowMs }
  await insertMissed.run(tx, missed)
}

/** One row for all the others. */
const putRest = (
  tx: Tx,
  row: ScheduleRow,
  { fromMs, untilMs, nowMs }: { fromMs: number; untilMs: number; nowMs: number },
): Promise<number> =>
  insertFire.run(tx, {
    schedule_id: row.id,
    due_at_ms: fromMs,
    by_hand: 0,
    status: 'missed',
    run_id: null,
    reason_code: CODE,
    reason: `${REASON} This stands for every time from here until ${iso(untilMs)}.`,
    until_ms: untilMs,
    at_ms: nowMs,
    held_micros: 0n,
    is_open: 0,
  })

function wordsFor(
  { missed, madeUpFor, from, until }: { missed: number; madeUpFor: number; from: string; until: string },
  isMore: boolean,
): string {
  const times = `${isMore ? 'more than ' : ''}${missed === 1 ? 'one time' : `${missed} times`}`
  const span = missed === 1 && !isMore ? `at ${from}` : `between ${from} and ${until}`
  const then = madeUpFor === 0 ? '' : ` ${madeUpFor === 1 ? 'One run makes' : `${madeUpFor} runs make`} up for it now.`
  return `Nothing ran here ${span}, so it missed ${times}.${then}`
}

const iso = (ms: number): string => new Date(ms).toISOString()
