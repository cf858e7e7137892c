import type { Tx } from '#db/db.ts'
import { findPlanSource, putPlanSource } from '#db/plans.ts'
import type { ScheduleRow } from '#db/schedules.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { scheduleEvent } from '../schedules/advance.ts'
import { tellOwner } from '../schedules/notice.ts'
import { afterCall, type Escalated, HEALTHY, type Health, healthOf, healthWords } from './health.ts'
import type { Outcome } from './outcome.ts'
import type { PlanSettings } from './settings.ts'

type Making = Pick<Core, 'ids' | 'clock' | 'queue'>

const onButton = ({ id }: Pick<ScheduleRow, 'id'>, name: string) => ({
  label: `Turn ${name} on`,
  command: `/plansource ${id} ${name} on`,
})

/** Counts the calls of a cycle, and escalates where much fails. Returns what happened, in sentences. */
export async function countCalls(
  core: Making,
  tx: Tx,
  row: ScheduleRow,
  { settings, outcome, nowMs }: { settings: PlanSettings; outcome: Outcome; nowMs: number },
): Promise<string[]> {
  const notes: string[] = []
  for (const [name, calls] of Map.groupBy(outcome.calls, ({ endpoint }) => endpoint)) {
    const made = calls.filter(({ counts }) => counts)
    if (made.length === 0) continue
    const before = healthOf(await findPlanSource.first(tx, { scheduleId: row.id, name }))
    let health = before
    for (const { status } of made) health = afterCall(health, status === 'succeeded', { nowMs, ...settings }).health
    const escalated: Escalated =
      health.state === before.state ? null : health.state === 'ok' ? 'recovered' : health.state
    await writeHealth(tx, row.id, name, health, { by: 'system', nowMs })
    if (escalated) notes.push(await escalate(core, tx, row, { name, health, escalated, nowMs }))
  }
  return notes
}

const writeHealth = (
  tx: Tx,
  scheduleId: string,
  name: string,
  health: Health,
  { by, nowMs }: { by: string; nowMs: number },
): Promise<number> =>
  putPlanSource.run(tx, {
    schedule_id: scheduleId,
    name,
    state: health.state,
    window_json: JSON.stringify(health.window),
    failed_in_a_row: health.failedInARow,
    rests_until_ms: health.restsUntilMs,
    last_called_at_ms: health.lastCalledAtMs,
    changed_at_ms: nowMs,
    changed_by: by,
  })

async function escalate(
  core: Making,
  tx: Tx,
  row: ScheduleRow,
  {
    name,
    health,
    escalated,
    nowMs,
  }: { name: string; health: Health; escalated: NonNullable<Escalated>; nowMs: number },
): Promise<string> {
  const failed = healthWords(health)
  const words = {
    warned: `${name} fails often: ${failed}. It is called more seldom.`,
    disabled: `${name} was turned off for this schedule: ${failed}. It is not called until somebody turns it on again.`,
    recovered: `${name} works again: ${failed}.`,
  }[escalated]
  const window = health.window.join('')
  await appendEvents(tx, nowMs, [scheduleEvent(row, `source_${escalated}`, { source: name, window })])
  const buttons = escalated === 'disabled' ? [onButton(row, name)] : []
  await tellOwner(core, tx, row, { words, buttons })
  return words
}

/** Turns a source off or on for a schedule; one that is turned on begins anew. False when it stood so already. */
export async function switchSource(
  tx: Tx,
  row: ScheduleRow,
  { name, to, by, nowMs }: { name: string; to: 'on' | 'off'; by: string; nowMs: number },
): Promise<boolean> {
  const before = healthOf(await findPlanSource.first(tx, { scheduleId: row.id, name }))
  if (
    before.state === 'disabled' ? to === 'off' : to === 'on' && before.state === 'ok' && before.restsUntilMs <= nowMs
  ) {
    return false
  }
  const health: Health =
    to === 'on' ? { ...HEALTHY, lastCalledAtMs: before.lastCalledAtMs } : { ...before, state: 'disabled' }
  await writeHealth(tx, row.id, name, health, { by, nowMs })
  const type = to === 'on' ? 'source_enabled' : 'source_disabled'
  await appendEvents(tx, nowMs, [scheduleEvent(row, type, { source: name }, by)])
  return true
}
