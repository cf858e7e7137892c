import type { Tx } from '#db/db.ts'
import { findSameAction, insertPlanAction, type PlanActionRow } from '#db/plans.ts'
import { findSchedule, type ScheduleRow, setScheduleStatus } from '#db/schedules.ts'
import type { Button } from '../chat/message.ts'
import type { Core } from '../core.ts'
import { showDuration } from '../duration.ts'
import { appendEvents } from '../events/append.ts'
import { sha256 } from '../ids.ts'
import { canonicalJson } from '../json.ts'
import { scheduleEvent } from '../schedules/advance.ts'
import { tellOwner } from '../schedules/notice.ts'
import type { Recommended } from './advice.ts'
import { putHint } from './hints.ts'
import type { PlanSettings } from './settings.ts'
import { switchSource } from './sources.ts'

type Making = Pick<Core, 'ids' | 'clock' | 'queue'>

const DAY_MS = 24 * 3_600_000
/** Longer than this nothing that was recommended holds by itself. */
const HOLDS_MOST_MS = 7 * DAY_MS

/**
 * What a model recommends at the end of a cycle: done where the schedule says so, asked otherwise, each once. What waits for an
 * answer, was refused or done within a day is not brought up again.
 */
export async function recommend(
  core: Making,
  tx: Tx,
  row: ScheduleRow,
  {
    settings,
    cycleId,
    actions,
    nowMs,
  }: { settings: PlanSettings; cycleId: string; actions: readonly Recommended[]; nowMs: number },
): Promise<void> {
  for (const [place, one] of actions.entries()) {
    const same_key = sameKeyOf(one)
    const action: PlanActionRow = {
      id: core.ids.newId('act'),
      schedule_id: row.id,
      context: row.context,
      cycle_id: cycleId,
      place,
      action: one.action,
      details_json: JSON.stringify(one),
      same_key,
      status: 'dropped',
      reason: null,
      decided_by: null,
      created_at_ms: nowMs,
      decided_at_ms: nowMs,
    }
    const isAgain = await findSameAction.first(tx, { scheduleId: row.id, sameKey: same_key, sinceMs: nowMs - DAY_MS })
    await insertPlanAction.run(tx, {
      ...action,
      ...(await treat(core, tx, row, { action, one, settings, isAgain: !!isAgain })),
    })
  }
}

type Treated = Pick<PlanActionRow, 'status' | 'reason' | 'decided_at_ms' | 'decided_by'>

async function treat(
  core: Making,
  tx: Tx,
  row: ScheduleRow,
  {
    action,
    one,
    settings,
    isAgain,
  }: { action: PlanActionRow; one: Recommended; settings: PlanSettings; isAgain: boolean },
): Promise<Treated> {
  const nowMs = action.created_at_ms
  const dropped = (reason: string): Treated => ({ status: 'dropped', reason, decided_at_ms: nowMs, decided_by: null })
  if (isAgain) return dropped('It was recommended within the last day already.')
  const apply = settings.apply[one.action]
  if (apply === 'never') return dropped('This schedule never does that.')
  if (one.endpoint !== null && !settings.sources.includes(one.endpoint))
    return dropped(`It has no source ${one.endpoint}.`)
  if (apply === 'ask') {
    await askFor(core, tx, row, action.id, one)
    return { status: 'asked', reason: null, decided_at_ms: null, decided_by: null }
  }
  const done = await applyAction(core, tx, row, one, { by: 'system', nowMs })
  return done.isDone
    ? { status: 'applied', reason: done.words, decided_at_ms: nowMs, decided_by: 'system' }
    : dropped(done.words)
}

async function askFor(core: Making, tx: Tx, row: ScheduleRow, id: string, one: Recommended): Promise<void> {
  const buttons: Button[] = [
    { label: 'Yes', command: `/planaction ${id} yes`, style: 'primary' },
    { label: 'No', command: `/planaction ${id} no` },
  ]
  const words = `The model recommends to ${actionWords(one)}. Its reason: ${one.reason || 'it gave none'}. Shall I?`
  await tellOwner(core, tx, row, { words, buttons }, 'agent_blocked')
  await appendEvents(tx, core.clock.nowMs(), [scheduleEvent(row, 'action_asked', { actionId: id, action: one.action })])
}

/** Does what was recommended, in the transaction in which it is decided; or says why there is nothing to do. */
export async function applyAction(
  core: Making,
  tx: Tx,
  row: ScheduleRow,
  one: Recommended,
  { by, nowMs }: { by: string; nowMs: number },
): Promise<{ isDone: boolean; words: string }> {
  const done = await DOES[one.action](core, tx, row, one, { by, nowMs })
  if (done.isDone) await appendEvents(tx, nowMs, [scheduleEvent(row, 'action_applied', { action: one.action }, by)])
  return done
}

type Does = (
  core: Making,
  tx: Tx,
  row: ScheduleRow,
  one: Recommended,
  who: { by: string; nowMs: number },
) => Promise<{ isDone: boolean; words: string }>

const isDone = (words: string) => ({ isDone: true, words })
const isIdle = (words: string) => ({ isDone: false, words })

const DOES: Record<Recommended['action'], Does> = {
  async pause(_, tx, row, { untilMs }, { nowMs }) {
    const now = await findSchedule.first(tx, { id: row.id })
    if (now?.status !== 'active') return isIdle('It does not run at the moment anyway.')
    const status = { id: row.id, accountId: now.account_id, nowMs }
    if (untilMs === null || untilMs <= nowMs || (row.expires_at_ms !== null && untilMs > row.expires_at_ms)) {
      const paused = { status: 'paused', statusReason: 'by_plan', nextAtMs: null, pausedUntilMs: null } as const
      await setScheduleStatus.run(tx, { ...status, ...paused })
      return isDone('It is paused until somebody resumes it.')
    }
    const paused = { status: 'active', statusReason: null, nextAtMs: untilMs, pausedUntilMs: untilMs } as const
    await setScheduleStatus.run(tx, { ...status, ...paused })
    return isDone(`It is paused until ${iso(untilMs)}.`)
  },
  async resume(_, tx, row, { endpoint }, { by, nowMs }) {
    if (endpoint !== null) {
      const isOn = await switchSource(tx, row, { name: endpoint, to: 'on', by, nowMs })
      return isOn ? isDone(`${endpoint} is on again.`) : isIdle(`${endpoint} is on already.`)
    }
    const now = await findSchedule.first(tx, { id: row.id })
    const isStopped = now && (now.status === 'paused' || (now.status === 'active' && now.paused_until_ms !== null))
    if (!isStopped) return isIdle('It goes on already.')
    const active = {
      status: 'active',
      statusReason: null,
      nextAtMs: nowMs + (row.every_ms ?? DAY_MS),
      pausedUntilMs: null,
    } as const
    await setScheduleStatus.run(tx, { id: row.id, accountId: now.account_id, ...active, nowMs })
    return isDone('It goes on.')
  },
  async change_interval(core, tx, row, { everyMs, untilMs }, { by, nowMs }) {
    const until = Math.min(untilMs !== null && untilMs > nowMs ? untilMs : nowMs + DAY_MS, nowMs + HOLDS_MOST_MS)
    const saidBy = by === 'system' ? ('model' as const) : ('person' as const)
    const accountId = by === 'system' ? null : by
    await putHint(core, tx, row, { saidBy, accountId, everyMs, atMs: null, note: null, untilMs: until, nowMs })
    return isDone(`It comes every ${showDuration(everyMs ?? 0)} until ${iso(until)}, within its bounds.`)
  },
  async disable_endpoint(_, tx, row, { endpoint }, { by, nowMs }) {
    const name = endpoint ?? ''
    const isOff = await switchSource(tx, row, { name, to: 'off', by, nowMs })
    return isOff ? isDone(`${name} is off for this schedule.`) : isIdle(`${name} is off already.`)
  },
  async notify(core, tx, row, { message, reason }) {
    await tellOwner(core, tx, row, { words: `Its model says: ${message ?? reason}`, buttons: [] })
    return isDone('It was told.')
  },
  async ask_person(core, tx, row, { message, reason }) {
    const answer: Button = { label: 'Answer', command: `/hint ${row.id}` }
    await tellOwner(
      core,
      tx,
      row,
      { words: `Its model asks: ${message ?? reason}`, buttons: [answer] },
      'agent_blocked',
    )
    return isDone('It was asked.')
  },
}

export function actionWords({ action, endpoint, everyMs, untilMs, message }: Recommended): string {
  const until = untilMs === null ? '' : ` until ${iso(untilMs)}`
  switch (action) {
    case 'pause':
      return `pause this schedule${until}`
    case 'resume':
      return endpoint === null ? 'let this schedule go on' : `turn ${endpoint} on again`
    case 'change_interval':
      return `come every ${showDuration(everyMs ?? 0)}${until}`
    case 'disable_endpoint':
      return `turn ${endpoint} off`
    case 'notify':
      return `tell: ${message ?? ''}`
    case 'ask_person':
      return `ask: ${message ?? ''}`
  }
}

/** However it is reasoned, and whatever moment it names, it is the same. */
const sameKeyOf = ({ action, endpoint, everyMs, message }: Recommended): string =>
  sha256(canonicalJson({ action, endpoint, everyMs, message })).slice(0, 32)

const iso = (ms: number): string => new Date(ms).toISOString()
