import type { Tx } from '#db/db.ts'
import { newestByHand, newestSlot } from '#db/schedule-fires.ts'
import { findSchedule, holdSchedule, type ScheduleRow, setScheduleStatus } from '#db/schedules.ts'
import type { Actor } from '../actor.ts'
import { contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { Json, JsonObject } from '../json.ts'
import { once } from '../once.ts'
import { runCycleNow } from '../plans/run-now.ts'
import { scheduleEvent } from './advance.ts'
import { isOwnerFit, requireKeeper, requireSchedule } from './keeper.ts'
import { readMoment } from './request.ts'
import { nextWithin } from './rhythm.ts'
import { boundsOf, rhythmOf } from './row.ts'
import { prepareScheduled, putStarted, submitCounted } from './start.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'queue'>

/** What stays after a change. */
export type Changed = { id: string }

/**
 * Stops a schedule from firing: until it is resumed, or until a moment (`until`: ISO 8601 or words in its zone), when it goes
 * on by itself. What comes meanwhile is not missed. Paused again it stays so; `conflict` for one that has ended.
 */
export async function pauseSchedule(
  core: Needs,
  actor: Actor,
  { id, until }: { id: string; until?: string },
): Promise<Changed> {
  return change(core, actor, { id, what: 'pause', input: until ?? null }, async (tx, row, nowMs) => {
    refuseEnded(row)
    const untilMs = until === undefined ? null : readMoment('until', until, { nowMs, timeZone: row.time_zone })
    if (untilMs === null) {
      await setStatus(tx, row, { status: 'paused', reason: 'by_hand', nowMs })
      return { type: 'paused', details: { reason: 'by_hand' } }
    }
    const details = { until: new Date(untilMs).toISOString() }
    const following = await nextNew(tx, row, untilMs - 1)
    if ('ended' in following) {
      await setStatus(tx, row, { status: 'ended', reason: following.ended, nowMs })
      return { type: 'ended', details: { reason: following.ended } }
    }
    await setStatus(tx, row, { status: 'active', nextAtMs: following.atMs, pausedUntilMs: untilMs, nowMs })
    return { type: 'paused', details }
  })
}

/**
 * Lets a paused schedule go on, from its next time on: what came meanwhile is not made up for. Where its owner may not keep
 * it any more, whoever resumes it becomes the owner. One that goes on already stays as it is.
 */
export async function resumeSchedule(core: Needs, actor: Actor, { id }: { id: string }): Promise<Changed> {
  return change(core, actor, { id, what: 'resume', input: null }, async (tx, row, nowMs) => {
    if (row.status === 'active' && row.paused_until_ms === null) return undefined
    refuseEnded(row)
    const following = await nextNew(tx, row, nowMs)
    if ('ended' in following) throw new AppError('conflict', 'Its last time has passed. Make a new schedule.')
    const accountId = (await isOwnerFit(tx, row)) ? row.account_id : actor.accountId
    await setStatus(tx, { ...row, account_id: accountId }, { status: 'active', nextAtMs: following.atMs, nowMs })
    const nextAt = new Date(following.atMs).toISOString()
    return { type: 'resumed', details: accountId === row.account_id ? { nextAt } : { nextAt, owner: accountId } }
  })
}

/** Ends a schedule for good. Its runs stay; those that go on, go on. */
export async function removeSchedule(core: Needs, actor: Actor, { id }: { id: string }): Promise<Changed> {
  return change(core, actor, { id, what: 'remove', input: null }, async (tx, row, nowMs) => {
    await setStatus(tx, row, { status: 'removed', reason: 'by_hand', nowMs })
    return { type: 'removed', details: {} }
  })
}

/**
 * Runs what a schedule runs, now, beside its rhythm: with the rights of the actor, out of the budget of the schedule. The card
 * goes to `conversation`, or where the schedule's cards go. The same request key again gives the same run.
 */
export async function runScheduleNow(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings' | 'outbound' | 'log' | 'models'>,
  actor: Actor,
  { id, conversation }: { id: string; conversation?: string },
): Promise<{ runId: string }> {
  const found = await requireSchedule(core.db, actor, id, findSchedule)
  const presser = presserOf(actor, found, conversation)
  await requireKeeper(core.db, actor, presser.context)
  if (found.kind === 'planned') return runCycleNow(core, actor, { id, row: found, presser })
  const prepared = await prepareScheduled(core, presser, found)
  const nowMs = core.clock.nowMs()
  return core.db.write(async function runScheduleNow(tx) {
    return once(tx, { actor, operation: 'schedule.run_now', input: id, nowMs }, async () => {
      const row = await requireSchedule(tx, actor, id, holdSchedule)
      await requireKeeper(tx, actor, presser.context)
      const place = conversation ?? row.conversation
      const newest = await newestByHand.first(tx, { scheduleId: id, fromMs: nowMs })
      const fire = { dueAtMs: newest ? newest.due_at_ms + 1 : nowMs, byHand: 1 } as const
      const runId = await submitCounted(core, tx, { actor: presser, row, fire, prepared, conversation: place })
      await putStarted(tx, row, { ...fire, runId, heldMicros: prepared.quote.maxMicros, nowMs })
      await appendEvents(tx, nowMs, [scheduleEvent(row, 'fired', { runId, byHand: true }, actor.accountId)])
      return { runId }
    })
  })
}

/** Who pressed, in the context of the schedule. The key of the request stands for the press, not for the run. */
function presserOf(actor: Actor, row: ScheduleRow, conversation: string | undefined): Actor {
  const { requestKey: _, ...presser } = actor
  const isElsewhere = conversation === undefined && row.conversation !== null
  const channel = isElsewhere ? (row.channel as Actor['channel']) : actor.channel
  return { ...presser, channel, context: contextOf(row.context) }
}

type Happened = { type: string; details: JsonObject }

/** One change of a schedule by somebody who may: held, once per request key, with its event. */
async function change(
  core: Needs,
  actor: Actor,
  { id, what, input }: { id: string; what: string; input: Json },
  act: (tx: Tx, row: ScheduleRow, nowMs: number) => Promise<Happened | undefined>,
): Promise<Changed> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function changeSchedule(tx) {
    return once(tx, { actor, operation: `schedule.${what}`, input: { id, input }, nowMs }, async () => {
      const row = await requireSchedule(tx, actor, id, holdSchedule)
      await requireKeeper(tx, actor, contextOf(row.context))
      const happened = await act(tx, row, nowMs)
      if (happened) {
        const { type, details } = happened
        await appendEvents(tx, nowMs, [scheduleEvent(row, type, details, actor.accountId)])
      }
      tx.afterCommit(() => core.queue.wakeCompanions())
      return { id }
    })
  })
}

/** The next time that was not dealt with: where a clock has gone back, it shows some again. */
async function nextNew(tx: Tx, row: ScheduleRow, afterMs: number): Promise<ReturnType<typeof nextWithin>> {
  const newest = await newestSlot.first(tx, { scheduleId: row.id })
  const dealtWithMs = newest ? Math.max(newest.due_at_ms, newest.until_ms ?? 0) : 0
  return nextWithin(rhythmOf(row), boundsOf(row), Math.max(afterMs, dealtWithMs))
}

interface NewStatus {
  status: ScheduleRow['status']
  reason?: string
  nextAtMs?: number
  pausedUntilMs?: number
  nowMs: number
}

const setStatus = (
  tx: Tx,
  row: ScheduleRow,
  { status, reason = undefined, nextAtMs, pausedUntilMs, nowMs }: NewStatus,
): Promise<number> =>
  setScheduleStatus.run(tx, {
    id: row.id,
    accountId: row.account_id,
    status,
    statusReason: reason ?? null,
    nextAtMs: nextAtMs ?? null,
    pausedUntilMs: pausedUntilMs ?? null,
    nowMs,
  })

function refuseEnded({ status }: ScheduleRow): void {
  if (status === 'ended') throw new AppError('conflict', 'This schedule has ended. Make a new one.')
}
