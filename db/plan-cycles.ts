import { sql } from 'kysely'
import type { PlanCycleTable, PlanRunTable } from './schema.ts'
import { statement } from './statement.ts'

export type PlanCycleRow = PlanCycleTable

/** A second one while one is going on fails, and so does a second one of the same time. */
export const insertCycle = statement((q, p: PlanCycleRow) =>
  q.insertInto('plan_cycle').values({
    id: p.id,
    schedule_id: p.schedule_id,
    context: p.context,
    due_at_ms: p.due_at_ms,
    by_hand: p.by_hand,
    status: p.status,
    run_id: p.run_id,
    known_json: p.known_json,
    plan_json: p.plan_json,
    notes_json: p.notes_json,
    outcome_json: p.outcome_json,
    advice_json: p.advice_json,
    next_json: p.next_json,
    error_json: p.error_json,
    tokens: p.tokens,
    cost_micros: p.cost_micros,
    is_mock: p.is_mock,
    started_at_ms: p.started_at_ms,
    ended_at_ms: p.ended_at_ms,
  }),
)

export const findCycle = statement((q, p: { id: string }) =>
  q.selectFrom('plan_cycle').selectAll().where('id', '=', p.id),
)

export const findLiveCycle = statement((q, p: { scheduleId: string }) =>
  q
    .selectFrom('plan_cycle')
    .selectAll()
    .where('schedule_id', '=', p.scheduleId)
    .where(sql<boolean>`ended_at_ms is null`)
    .limit(1),
)

/** Moves a cycle on: only from where it stands, and only when it waits for this very run. */
export const moveCycle = statement(
  (
    q,
    p: Omit<PlanCycleRow, 'schedule_id' | 'context' | 'due_at_ms' | 'by_hand' | 'known_json' | 'started_at_ms'> & {
      fromStatus: PlanCycleRow['status']
      fromRunId: string
    },
  ) =>
    q
      .updateTable('plan_cycle')
      .set({
        status: p.status,
        run_id: p.run_id,
        plan_json: p.plan_json,
        notes_json: p.notes_json,
        outcome_json: p.outcome_json,
        advice_json: p.advice_json,
        next_json: p.next_json,
        error_json: p.error_json,
        tokens: p.tokens,
        cost_micros: p.cost_micros,
        is_mock: p.is_mock,
        ended_at_ms: p.ended_at_ms,
      })
      .where('id', '=', p.id)
      .where('status', '=', p.fromStatus)
      .where('run_id', '=', p.fromRunId),
)

/** Newest first, those that go on among them. */
export const listCycles = statement((q, p: { scheduleId: string; context: string; limit: number }) =>
  q
    .selectFrom('plan_cycle')
    .selectAll()
    .where('schedule_id', '=', p.scheduleId)
    .where('context', '=', p.context)
    .orderBy('started_at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(p.limit),
)

/** What was used since then. */
export const usageSince = statement((q, p: { scheduleId: string; sinceMs: number }) =>
  q
    .selectFrom('plan_cycle')
    .select((row) => [
      row.fn.countAll<number>().as('cycles'),
      sql<number>`cast(coalesce(sum(tokens), 0) as bigint)`.as('tokens'),
    ])
    .where('schedule_id', '=', p.scheduleId)
    .where('started_at_ms', '>=', p.sinceMs),
)

/** Other planned schedules of the context, each with the cycle that ended last. */
export const listSiblings = statement((q, p: { scheduleId: string; context: string; limit: number }) =>
  q
    .selectFrom('plan')
    .innerJoin('schedule', 'schedule.id', 'plan.schedule_id')
    .innerJoin('plan_cycle', 'plan_cycle.schedule_id', 'plan.schedule_id')
    .select(['plan.settings_json', 'plan_cycle.status', 'plan_cycle.outcome_json', 'plan_cycle.ended_at_ms'])
    .where('plan.context', '=', p.context)
    .where('schedule.status', '<>', 'removed')
    .where('plan.schedule_id', '<>', p.scheduleId)
    .where(
      sql<boolean>`plan_cycle.started_at_ms = (select max(l.started_at_ms) from plan_cycle l
        where l.schedule_id = plan_cycle.schedule_id and l.ended_at_ms is not null)`,
    )
    .orderBy('plan.schedule_id')
    .limit(p.limit),
)

/** Schedules of the context that are not planned, with how the run they started last stands. */
export const listSiblingRuns = statement((q, p: { context: string; limit: number }) =>
  q
    .selectFrom('schedule')
    .innerJoin('schedule_fire', 'schedule_fire.schedule_id', 'schedule.id')
    .innerJoin('run', 'run.id', 'schedule_fire.run_id')
    .select(['schedule.job_key', 'run.status', 'run.finished_at_ms', 'run.outputs_json'])
    .where('schedule.context', '=', p.context)
    .where('schedule.kind', '<>', 'planned')
    .where('schedule.status', '<>', 'removed')
    .where(
      sql<boolean>`schedule_fire.due_at_ms = (select max(l.due_at_ms) from schedule_fire l
        where l.schedule_id = schedule_fire.schedule_id and l.status = 'started')`,
    )
    .orderBy('schedule.id', 'desc')
    .limit(p.limit),
)

export const insertPlanRun = statement((q, p: PlanRunTable) =>
  q.insertInto('plan_run').values({
    schedule_id: p.schedule_id,
    due_at_ms: p.due_at_ms,
    by_hand: p.by_hand,
    stage: p.stage,
    run_id: p.run_id,
    held_micros: p.held_micros,
    is_open: p.is_open,
  }),
)

/** Runs of cycles that still count by what they hold, with how those stand now. */
export const listOpenPlanRuns = statement((q, p: { scheduleId: string }) =>
  q
    .selectFrom('plan_run')
    .innerJoin('run', 'run.id', 'plan_run.run_id')
    .select([
      'plan_run.run_id',
      'plan_run.held_micros as counted_micros',
      'run.finished_at_ms',
      'run.cost_micros as run_cost_micros',
    ])
    .where('plan_run.schedule_id', '=', p.scheduleId)
    .where(sql<boolean>`plan_run.is_open = 1`),
)

/** See closeFire. */
export const closePlanRun = statement((q, p: { runId: string; countedMicros: bigint; costMicros: bigint }) =>
  q
    .updateTable('plan_run')
    .set({ held_micros: p.costMicros, is_open: 0 })
    .where('run_id', '=', p.runId)
    .where('held_micros', '=', p.countedMicros)
    .where(sql<boolean>`is_open = 1`),
)

/** See addToFire. */
export const addToPlanRun = statement(
  (q, p: { scheduleId: string; dueAtMs: number; byHand: number; stage: PlanRunTable['stage']; amountMicros: bigint }) =>
    q
      .updateTable('plan_run')
      .set((row) => ({ held_micros: row('held_micros', '+', p.amountMicros), is_open: 1 }))
      .where('schedule_id', '=', p.scheduleId)
      .where('due_at_ms', '=', p.dueAtMs)
      .where('by_hand', '=', p.byHand)
      .where('stage', '=', p.stage),
)
