import type { Tx } from '#db/db.ts'
import { findCycle, moveCycle, type PlanCycleRow } from '#db/plan-cycles.ts'
import type { PlanRow } from '#db/plans.ts'
import type { Claim } from '#db/queue/queue.ts'
import type { RunRow } from '#db/runs.ts'
import { holdSchedule, type ScheduleRow } from '#db/schedules.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { scheduleEvent } from '../schedules/advance.ts'
import { ownerOf } from '../schedules/keeper.ts'
import type { Advice } from './advice.ts'
import { closeCycle } from './close.ts'
import type { Knowledge } from './knowledge.ts'
import type { Memo } from './memo.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { countCalls } from './sources.ts'
import { type StageRun, stageKey, submitStage } from './stage.ts'

export type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings' | 'outbound' | 'models' | 'log'>

/** A cycle whose run has ended, and everything that says what to do now. */
export interface Scene {
  claim: Claim
  cycle: PlanCycleRow
  run: RunRow
  row: ScheduleRow
  plan: PlanRow
  actor: Actor
  knowledge: Knowledge
  memo: Memo
  notes: string[]
}

/** What a cycle comes to next: another run to wait for, or its end. */
export interface Move {
  to: 'repairing' | 'running' | 'scheduling' | 'done' | 'failed'
  run?: StageRun
  memo: Memo
  notes: string[]
  /** The calls that were made now, to be counted. */
  made?: Outcome
  advice?: Advice
  error?: { code: string; message: string }
  tokens?: number
  isMock?: boolean
}

/**
 * Moves a cycle on, in one transaction with everything the move brings: the next run, what is counted, the end. Somebody who
 * moved it first leaves nothing to do. Refused like a run where the next one cannot be submitted, and then nothing is written.
 */
export async function moveOn(core: Needs, scene: Scene, move: Move): Promise<void> {
  const { claim, cycle, run } = scene
  await core.db.write(async function moveCycleOn(tx) {
    const row = await holdSchedule.first(tx, { id: cycle.schedule_id })
    const now = await findCycle.first(tx, { id: cycle.id })
    if (now?.status === cycle.status && now.run_id === run.id)
      await write(core, tx, { ...scene, row: row ?? scene.row }, move)
    await giveBack(core, tx, claim)
  })
}

async function write(core: Needs, tx: Tx, scene: Scene, move: Move): Promise<void> {
  const { cycle, run, row, knowledge } = scene
  const nowMs = core.clock.nowMs()
  const counted = move.made
    ? await countCalls(core, tx, row, { settings: knowledge.settings, outcome: move.made, nowMs })
    : []
  const isOver = move.to === 'done' || move.to === 'failed'
  const outcome = move.made ?? outcomeOf(cycle)
  const { advice = null, error = null } = move
  const next = isOver
    ? await closeCycle(core, tx, row, { cycle, memo: move.memo, outcome, advice, error, nowMs })
    : null
  const runId = move.run
    ? await submitStage(core, tx, {
        row,
        cycle,
        actor: await ownerOf(tx, row, stageKey(cycle.id, move.run.stage)),
        run: move.run,
      })
    : cycle.run_id
  await moveCycle.run(tx, {
    id: cycle.id,
    fromStatus: cycle.status,
    fromRunId: run.id,
    status: move.to,
    run_id: runId,
    plan_json: JSON.stringify(move.memo),
    notes_json: JSON.stringify([...scene.notes, ...move.notes, ...counted]),
    outcome_json: outcome && JSON.stringify(outcome),
    advice_json: advice ? JSON.stringify(advice) : cycle.advice_json,
    next_json: next && JSON.stringify(next),
    error_json: error && JSON.stringify(error),
    tokens: cycle.tokens + (move.tokens ?? 0),
    cost_micros: cycle.cost_micros + run.cost_micros,
    is_mock: move.isMock ? 1 : cycle.is_mock,
    ended_at_ms: isOver ? nowMs : null,
  })
  // The end of a cycle has an event of its own.
  if (!isOver)
    await appendEvents(tx, nowMs, [scheduleEvent(row, 'cycle_moved', { cycleId: cycle.id, to: move.to, runId })])
}

/** Asked to look again meanwhile: the second release finds nothing in the way. */
export async function giveBack({ queue, clock }: Pick<Core, 'queue' | 'clock'>, tx: Tx, claim: Claim): Promise<void> {
  if (!(await queue.release(tx, claim, null))) await queue.release(tx, claim, clock.nowMs())
}
