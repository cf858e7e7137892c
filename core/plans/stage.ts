import type { Tx } from '#db/db.ts'
import { insertPlanRun, type PlanCycleRow } from '#db/plan-cycles.ts'
import type { ScheduleRow } from '#db/schedules.ts'
import type { PlanRunTable } from '#db/schema.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { reserveBudget } from '../economy/run-budget.ts'
import type { PreparedRun } from '../runs/request.ts'
import { submitPrepared } from '../runs/submit.ts'
import { scheduleBook } from '../schedules/budget.ts'

export type Stage = PlanRunTable['stage']

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings' | 'outbound' | 'models' | 'log'>

/** A run of a cycle that could be submitted. */
export interface StageRun {
  stage: Stage
  prepared: PreparedRun
}

/** A run of a cycle and its name: whoever submits it a second time finds it there. */
export const stageKey = (cycleId: string, stage: Stage): string => `plan:${cycleId}:${stage}`

/**
 * Submits a run of a cycle, counted in the budget of its schedule. Refused (`insufficient_funds`, `limit_reached`) where there
 * is no money for it now: what comes again by itself need not wait.
 */
export async function submitStage(
  core: Needs,
  tx: Tx,
  {
    row,
    cycle,
    actor,
    run: { stage, prepared },
  }: { row: ScheduleRow; cycle: Pick<PlanCycleRow, 'id' | 'due_at_ms' | 'by_hand'>; actor: Actor; run: StageRun },
): Promise<string> {
  const hasBudget = row.budget_micros !== null
  const { maxMicros } = prepared.quote
  if (hasBudget) await reserveBudget(tx, scheduleBook(row.id), maxMicros)
  const named = { ...actor, requestKey: stageKey(cycle.id, stage) }
  // Questions to a model have no card: what came of them is told by the schedule.
  const conversation = stage === 'run' ? (row.conversation ?? undefined) : undefined
  const counted = hasBudget ? counting(prepared, row, cycle, stage) : prepared
  const { runId } = await submitPrepared(core, tx, named, counted, conversation, 'refuse')
  await insertPlanRun.run(tx, {
    schedule_id: row.id,
    due_at_ms: cycle.due_at_ms,
    by_hand: cycle.by_hand,
    stage,
    run_id: runId,
    held_micros: maxMicros,
    is_open: hasBudget ? 1 : 0,
  })
  return runId
}

const counting = (
  prepared: PreparedRun,
  { id: scheduleId }: ScheduleRow,
  { due_at_ms: dueAtMs, by_hand }: Pick<PlanCycleRow, 'due_at_ms' | 'by_hand'>,
  stage: Stage,
): PreparedRun => {
  const fire = { scheduleId, dueAtMs, byHand: by_hand as 0 | 1, stage }
  return { ...prepared, pinned: { ...prepared.pinned, pins: { ...prepared.pinned.pins, fire } } }
}
