import type { Tx } from '#db/db.ts'
import { insertFire } from '#db/schedule-fires.ts'
import { holdDueSlot, type ScheduleRow } from '#db/schedules.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { reserveBudget } from '../economy/run-budget.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { usableJob } from '../jobs/find.ts'
import { countedAs } from '../runs/counted-as.ts'
import type { FireKey } from '../runs/pins.ts'
import { prepareRun } from '../runs/prepare.ts'
import type { PreparedRun } from '../runs/request.ts'
import { submitPrepared } from '../runs/submit.ts'
import { endSlot, scheduleEvent } from './advance.ts'
import { scheduleBook } from './budget.ts'
import { ownerOf } from './keeper.ts'
import { endNotice, tellOwner } from './notice.ts'
import { targetOf } from './row.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings' | 'outbound' | 'log' | 'models'>

/** A slot and its run have one name, whichever process is first: the second finds that there is a run of it. */
const slotKey = (row: ScheduleRow, dueAtMs: number): string => `schedule:${row.id}:${dueAtMs}`

/**
 * Starts the run of a slot: the run, the row that says so and the step to the next slot are one transaction. False when the
 * slot is not due any more: another process was faster, or somebody changed the schedule. Refused like a run.
 */
export async function startSlot(core: Needs, row: ScheduleRow, dueAtMs: number): Promise<boolean> {
  const owner = await ownerOf(core.db, row, slotKey(row, dueAtMs))
  const prepared = await prepareScheduled(core, owner, row)
  return core.db.write(async function startSlot(tx) {
    const held = await holdDueSlot.first(tx, { id: row.id, dueAtMs })
    if (!held) return false
    // Once more in here: what was true a moment ago must be true now.
    const actor = await ownerOf(tx, held, slotKey(row, dueAtMs))
    const nowMs = core.clock.nowMs()
    const fire = { dueAtMs, byHand: 0 } as const
    const runId = await submitCounted(core, tx, { actor, row: held, fire, prepared, conversation: held.conversation })
    await putStarted(tx, held, { ...fire, runId, heldMicros: prepared.quote.maxMicros, nowMs })
    const ended = await endSlot(tx, held, dueAtMs, { afterMs: dueAtMs, isStarted: true, nowMs })
    const details = { dueAt: new Date(dueAtMs).toISOString(), runId }
    await appendEvents(tx, nowMs, [scheduleEvent(held, 'fired', details)])
    // What runs once is over when it has run: that is no news.
    if (ended !== null && held.kind !== 'once') await tellOwner(core, tx, held, endNotice(held, ended))
    return true
  })
}

/** What a schedule would run at this moment; refused like a run, and where the job is not published (any more). */
export async function prepareScheduled(
  core: Pick<Core, 'db' | 'clock' | 'tools' | 'settings'>,
  actor: Actor,
  { job_key, inputs_json }: Pick<ScheduleRow, 'job_key' | 'inputs_json'>,
): Promise<PreparedRun> {
  const target = targetOf(job_key)
  if ('job' in target) {
    const { row, definition } = await usableJob(core.db, actor, target.job)
    if (row.status !== 'published') {
      const message = `${definition.displayName} is a draft. What runs by itself is published first: /publish ${job_key}.`
      throw new AppError('bad_request', message)
    }
  }
  return prepareRun(core, actor, { target, inputs: JSON.parse(inputs_json) })
}

/** A run of a schedule that is held, paid and counted against its budget. */
export async function submitCounted(
  core: Needs,
  tx: Tx,
  {
    actor,
    row,
    fire,
    prepared,
    conversation,
  }: {
    actor: Actor
    row: ScheduleRow
    fire: { dueAtMs: number; byHand: 0 | 1 }
    prepared: PreparedRun
    conversation: string | null
  },
): Promise<string> {
  if (row.budget_micros !== null) await reserveBudget(tx, scheduleBook(row.id), prepared.quote.maxMicros)
  const ofSchedule = countedAs(prepared, { scheduleId: row.id })
  const counted = row.budget_micros === null ? ofSchedule : withFire(ofSchedule, { scheduleId: row.id, ...fire })
  return (await submitPrepared(core, tx, actor, counted, conversation ?? undefined, 'refuse')).runId
}

/** The run remembers where it is counted: what it comes to hold later counts there too. */
const withFire = (prepared: PreparedRun, fire: FireKey): PreparedRun => ({
  ...prepared,
  pinned: { ...prepared.pinned, pins: { ...prepared.pinned.pins, fire } },
})

/** The row that says which run a slot, or a press of the button, has led to. */
export async function putStarted(
  tx: Tx,
  row: ScheduleRow,
  fire: { dueAtMs: number; byHand: 0 | 1; runId: string; heldMicros: bigint; nowMs: number },
): Promise<void> {
  await insertFire.run(tx, {
    schedule_id: row.id,
    due_at_ms: fire.dueAtMs,
    by_hand: fire.byHand,
    status: 'started',
    run_id: fire.runId,
    reason_code: null,
    reason: null,
    until_ms: null,
    at_ms: fire.nowMs,
    held_micros: fire.heldMicros,
    // Without a budget nobody counts.
    is_open: row.budget_micros === null ? 0 : 1,
  })
}
