import type { Tx } from '#db/db.ts'
import type { PlanCycleRow } from '#db/plan-cycles.ts'
import { findPlan, listPlanHints, noteTold, rememberCycle, setNextAt } from '#db/plans.ts'
import { findSchedule, type ScheduleRow, setScheduleStatus } from '#db/schedules.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { scheduleEvent } from '../schedules/advance.ts'
import { pauseButton, runNowButton, tellOwner } from '../schedules/notice.ts'
import { recommend } from './actions.ts'
import type { Advice } from './advice.ts'
import { type Governed, govern } from './governor.ts'
import type { Memo } from './memo.ts'
import { fingerprintOf, isTrouble, type Outcome } from './outcome.ts'
import { settingsOf } from './settings.ts'

type Making = Pick<Core, 'ids' | 'clock' | 'queue'>

/** The same trouble is told once a day. */
const TELL_EVERY_MS = 24 * 3_600_000

export interface Ending {
  cycle: Pick<PlanCycleRow, 'id' | 'due_at_ms' | 'by_hand'>
  memo: Memo
  outcome: Outcome | null
  advice: Advice | null
  error: { code: string; message: string } | null
  nowMs: number
}

/**
 * The end of a cycle, in the transaction that writes it: what is remembered for the next one, what was recommended, and when it
 * comes next. Who asked for what is decided by rules alone.
 */
export async function closeCycle(core: Making, tx: Tx, row: ScheduleRow, ending: Ending): Promise<Governed> {
  const { cycle, memo, outcome, advice, error, nowMs } = ending
  const plan = await findPlan.first(tx, { scheduleId: row.id, context: row.context })
  if (!plan) throw new Error(`The schedule ${row.id} has no plan`)
  const settings = settingsOf(plan)
  if (advice) await recommend(core, tx, row, { settings, cycleId: cycle.id, actions: advice.actions, nowMs })
  const hints = await listPlanHints.all(tx, { scheduleId: row.id, context: row.context, nowMs, limit: 20 })
  const isBad = error !== null || (outcome !== null && isTrouble(outcome))
  const troubles = isBad ? plan.troubles + 1 : outcome === null ? plan.troubles : 0
  const fingerprint = fingerprintOf(
    memo.made,
    outcome,
    hints.map(({ id }) => id),
  )
  const repeats = error === null && fingerprint === plan.fingerprint ? plan.repeats + 1 : 0
  const modelFailures =
    memo.model === 'failed' ? plan.model_failures + 1 : memo.model === 'asked' ? 0 : plan.model_failures
  const isNewPlan = memo.source !== 'none' && memo.source !== 'without_model' && (memo.plan?.calls.length ?? 0) > 0
  await rememberCycle.run(tx, {
    scheduleId: row.id,
    lastPlanJson: isNewPlan ? JSON.stringify(memo.plan) : plan.last_plan_json,
    troubles,
    modelFailures,
    modelRestsUntilMs:
      memo.model === 'failed' ? nowMs + modelRestMs(settings, modelFailures) : plan.model_rests_until_ms,
    repeats,
    fingerprint,
    nowMs,
  })
  const next = govern({
    ...settings,
    nowMs,
    hints: hints
      .filter(({ note }) => note === null)
      .map((hint) => ({
        saidBy: hint.said_by,
        everyMs: hint.every_ms,
        atMs: hint.at_ms,
        untilMs: hint.until_ms,
      })),
    adviceAtMs: advice?.nextRunAtMs ?? null,
    changed: outcome?.changed ?? null,
    troubles,
    repeats,
  })
  await comeNext(core, tx, row, next.atMs, nowMs)
  const details = {
    cycleId: cycle.id,
    nextAt: new Date(next.atMs).toISOString(),
    by: next.by,
    ...(error ? { code: error.code } : {}),
  }
  await appendEvents(tx, nowMs, [scheduleEvent(row, error ? 'cycle_failed' : 'cycle_done', details)])
  if (error) await tellOnce(core, tx, row, error, nowMs)
  return next
}

/** Each failure of a model in a row keeps it from being asked for twice as long. */
const modelRestMs = ({ everyMs, maxMs }: { everyMs: number; maxMs: number }, failures: number): number =>
  Math.min(maxMs, everyMs * 2 ** Math.min(Math.max(0, failures - 1), 6))

/** The next time, unless somebody has stopped it meanwhile; past its end it ends. */
async function comeNext(core: Making, tx: Tx, row: ScheduleRow, nextAtMs: number, nowMs: number): Promise<void> {
  const { id, expires_at_ms: expiresAtMs } = row
  tx.afterCommit(() => core.queue.wakeCompanions())
  const now = await findSchedule.first(tx, { id })
  if (now?.status !== 'active' || now.paused_until_ms !== null) return
  if (expiresAtMs === null || nextAtMs <= expiresAtMs) {
    await setNextAt.run(tx, { id, nextAtMs, nowMs })
    return
  }
  const ended = { status: 'ended', statusReason: 'expired', nextAtMs: null, pausedUntilMs: null } as const
  await setScheduleStatus.run(tx, { id, accountId: now.account_id, ...ended, nowMs })
  await appendEvents(tx, nowMs, [scheduleEvent(row, 'ended', { reason: 'expired' })])
}

async function tellOnce(
  core: Making,
  tx: Tx,
  row: ScheduleRow,
  { code, message }: { code: string; message: string },
  nowMs: number,
): Promise<void> {
  const told = await noteTold.run(tx, { scheduleId: row.id, code, nowMs, sinceMs: nowMs - TELL_EVERY_MS })
  if (told === 0) return
  const words = `It could not go on: ${message} It comes again, after a longer while each time.`
  await tellOwner(core, tx, row, { words, buttons: [runNowButton(row), pauseButton(row)] })
}
