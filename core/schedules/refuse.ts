import type { Tx } from '#db/db.ts'
import { insertFire } from '#db/schedule-fires.ts'
import { holdDueSlot, type ScheduleRow } from '#db/schedules.ts'
import type { Core } from '../core.ts'
import { BudgetUsedUp } from '../economy/run-budget.ts'
import { AppError, type ErrorCode } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { endSlot, scheduleEvent } from './advance.ts'
import { pauseButton, resumeButton, runNowButton, tellOwner } from './notice.ts'

/** What no waiting mends: somebody has to do something first. All else may be different at the next slot. */
const NEEDS_SOMEBODY: ReadonlySet<ErrorCode> = new Set([
  'not_found',
  'forbidden',
  'unauthorized',
  'bad_input',
  'bad_request',
  'bad_definition',
  'too_large',
])

/** The same refusal at every slot is told once a day. */
const TELL_EVERY_MS = 24 * 3_600_000

/**
 * Ends a slot whose run was refused: a row with the reason, a step to the next slot or a pause, and word to the owner. False
 * when the slot is not due any more.
 */
export async function refuseSlot(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>,
  { id }: ScheduleRow,
  dueAtMs: number,
  why: AppError | { code: 'internal'; message: string },
): Promise<boolean> {
  return core.db.write(async function refuseSlot(tx) {
    const row = await holdDueSlot.first(tx, { id, dueAtMs })
    if (!row) return false
    const nowMs = core.clock.nowMs()
    const pauses = needsSomebody(why)
    const isNews = pauses || row.refused_code !== why.code || nowMs - row.noticed_at_ms >= TELL_EVERY_MS
    await putSkipped(tx, row, dueAtMs, why, nowMs)
    await endSlot(tx, row, dueAtMs, {
      afterMs: dueAtMs,
      refusedCode: why.code,
      ...(isNews ? { noticedAtMs: nowMs } : {}),
      ...(pauses ? { pauseFor: why.code } : {}),
      nowMs,
    })
    const details = { dueAt: new Date(dueAtMs).toISOString(), code: why.code, reason: why.message }
    const skipped = scheduleEvent(row, 'skipped', details)
    await appendEvents(tx, nowMs, pauses ? [skipped, scheduleEvent(row, 'paused', { reason: why.message })] : [skipped])
    if (isNews) await tellOwner(core, tx, row, noticeOf(row, why.message, pauses))
    return true
  })
}

const needsSomebody = (why: AppError | { code: 'internal' }): boolean =>
  why instanceof BudgetUsedUp ? why.isFinal : why instanceof AppError && NEEDS_SOMEBODY.has(why.code)

function noticeOf(row: ScheduleRow, reason: string, pauses: boolean) {
  if (row.kind === 'once') return { words: `It did not run: ${reason}`, buttons: [runNowButton(row)] }
  if (!pauses) {
    const words = `It did not run: ${reason} The next time comes as planned.`
    return { words, buttons: [runNowButton(row), pauseButton(row)] }
  }
  return {
    words: `It did not run and is paused: ${reason} Resume it when that is mended.`,
    buttons: [resumeButton(row)],
  }
}

const putSkipped = (
  tx: Tx,
  row: ScheduleRow,
  dueAtMs: number,
  why: { code: string; message: string },
  nowMs: number,
): Promise<number> =>
  insertFire.run(tx, {
    schedule_id: row.id,
    due_at_ms: dueAtMs,
    by_hand: 0,
    status: 'skipped',
    run_id: null,
    reason_code: why.code,
    reason: why.message,
    until_ms: null,
    at_ms: nowMs,
    held_micros: 0n,
    is_open: 0,
  })
