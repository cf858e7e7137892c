import type { PlanActionTable, PlanHintTable, PlanSourceTable, PlanTable } from './schema.ts'
import { statement } from './statement.ts'

export type PlanRow = PlanTable
export type PlanSourceRow = PlanSourceTable
export type PlanHintRow = PlanHintTable
export type PlanActionRow = PlanActionTable

export const insertPlan = statement(
  (q, p: { scheduleId: string; context: string; settingsJson: string; nowMs: number }) =>
    q.insertInto('plan').values({
      schedule_id: p.scheduleId,
      context: p.context,
      settings_json: p.settingsJson,
      last_plan_json: null,
      troubles: 0,
      model_failures: 0,
      model_rests_until_ms: 0,
      repeats: 0,
      fingerprint: null,
      noticed_code: null,
      noticed_at_ms: 0,
      updated_at_ms: p.nowMs,
    }),
)

export const findPlan = statement((q, p: { scheduleId: string; context: string }) =>
  q.selectFrom('plan').selectAll().where('schedule_id', '=', p.scheduleId).where('context', '=', p.context),
)

/** What a cycle leaves behind for the next one. */
export const rememberCycle = statement(
  (
    q,
    p: {
      scheduleId: string
      lastPlanJson: string | null
      troubles: number
      modelFailures: number
      modelRestsUntilMs: number
      repeats: number
      fingerprint: string | null
      nowMs: number
    },
  ) =>
    q
      .updateTable('plan')
      .set({
        last_plan_json: p.lastPlanJson,
        troubles: p.troubles,
        model_failures: p.modelFailures,
        model_rests_until_ms: p.modelRestsUntilMs,
        repeats: p.repeats,
        fingerprint: p.fingerprint,
        updated_at_ms: p.nowMs,
      })
      .where('schedule_id', '=', p.scheduleId),
)

/** The same trouble is told once a day: 0 when it was told since. */
export const noteTold = statement((q, p: { scheduleId: string; code: string; nowMs: number; sinceMs: number }) =>
  q
    .updateTable('plan')
    .set({ noticed_code: p.code, noticed_at_ms: p.nowMs })
    .where('schedule_id', '=', p.scheduleId)
    .where((row) =>
      row.or([
        row('noticed_code', 'is', null),
        row('noticed_code', '<>', p.code),
        row('noticed_at_ms', '<', p.sinceMs),
      ]),
    ),
)

export const listPlanSources = statement((q, p: { scheduleId: string }) =>
  q.selectFrom('plan_source').selectAll().where('schedule_id', '=', p.scheduleId).orderBy('name'),
)

export const findPlanSource = statement((q, p: { scheduleId: string; name: string }, dialect) => {
  const select = q
    .selectFrom('plan_source')
    .selectAll()
    .where('schedule_id', '=', p.scheduleId)
    .where('name', '=', p.name)
  return dialect === 'postgres' ? select.forUpdate() : select
})

/** Writes how it stands with a source; what stood there is replaced. */
export const putPlanSource = statement((q, p: PlanSourceRow) =>
  q
    .insertInto('plan_source')
    .values({
      schedule_id: p.schedule_id,
      name: p.name,
      state: p.state,
      window_json: p.window_json,
      failed_in_a_row: p.failed_in_a_row,
      rests_until_ms: p.rests_until_ms,
      last_called_at_ms: p.last_called_at_ms,
      changed_at_ms: p.changed_at_ms,
      changed_by: p.changed_by,
    })
    .onConflict((conflict) =>
      conflict.columns(['schedule_id', 'name']).doUpdateSet((row) => ({
        state: row.ref('excluded.state'),
        window_json: row.ref('excluded.window_json'),
        failed_in_a_row: row.ref('excluded.failed_in_a_row'),
        rests_until_ms: row.ref('excluded.rests_until_ms'),
        last_called_at_ms: row.ref('excluded.last_called_at_ms'),
        changed_at_ms: row.ref('excluded.changed_at_ms'),
        changed_by: row.ref('excluded.changed_by'),
      })),
    ),
)

export const insertPlanHint = statement((q, p: PlanHintRow) =>
  q.insertInto('plan_hint').values({
    id: p.id,
    schedule_id: p.schedule_id,
    context: p.context,
    said_by: p.said_by,
    account_id: p.account_id,
    every_ms: p.every_ms,
    at_ms: p.at_ms,
    note: p.note,
    until_ms: p.until_ms,
    created_at_ms: p.created_at_ms,
  }),
)

/** Those that still say something, the newest first. */
export const listPlanHints = statement((q, p: { scheduleId: string; context: string; nowMs: number; limit: number }) =>
  q
    .selectFrom('plan_hint')
    .selectAll()
    .where('schedule_id', '=', p.scheduleId)
    .where('context', '=', p.context)
    .where('until_ms', '>', p.nowMs)
    .orderBy('created_at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(p.limit),
)

/** What was said before about times says nothing more; notes stay. */
export const endPlanHints = statement((q, p: { scheduleId: string; saidBy: 'person' | 'model'; nowMs: number }) =>
  q
    .updateTable('plan_hint')
    .set({ until_ms: p.nowMs })
    .where('schedule_id', '=', p.scheduleId)
    .where('said_by', '=', p.saidBy)
    .where('until_ms', '>', p.nowMs)
    .where('note', 'is', null),
)

export const countPlanHints = statement((q, p: { scheduleId: string; nowMs: number }) =>
  q
    .selectFrom('plan_hint')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('schedule_id', '=', p.scheduleId)
    .where('until_ms', '>', p.nowMs),
)

/** Nothing is written for a place of a cycle that has one. */
export const insertPlanAction = statement((q, p: PlanActionRow) =>
  q
    .insertInto('plan_action')
    .values({
      id: p.id,
      schedule_id: p.schedule_id,
      context: p.context,
      cycle_id: p.cycle_id,
      place: p.place,
      action: p.action,
      details_json: p.details_json,
      same_key: p.same_key,
      status: p.status,
      reason: p.reason,
      decided_by: p.decided_by,
      created_at_ms: p.created_at_ms,
      decided_at_ms: p.decided_at_ms,
    })
    .onConflict((conflict) => conflict.columns(['cycle_id', 'place']).doNothing()),
)

export const findPlanActionById = statement((q, p: { id: string }) =>
  q.selectFrom('plan_action').selectAll().where('id', '=', p.id),
)

/** The same recommendation that still waits for an answer, or got a no not long ago. */
export const findSameAction = statement((q, p: { scheduleId: string; sameKey: string; sinceMs: number }) =>
  q
    .selectFrom('plan_action')
    .select('id')
    .where('schedule_id', '=', p.scheduleId)
    .where('same_key', '=', p.sameKey)
    .where((row) =>
      row.or([
        row('status', '=', 'asked'),
        row.and([row('status', 'in', ['declined', 'applied']), row('decided_at_ms', '>', p.sinceMs)]),
      ]),
    )
    .limit(1),
)

/** Answers it, once: 0 when it was answered. */
export const decidePlanAction = statement(
  (
    q,
    p: {
      id: string
      status: 'applied' | 'declined' | 'dropped'
      reason: string | null
      decidedBy: string
      nowMs: number
    },
  ) =>
    q
      .updateTable('plan_action')
      .set({ status: p.status, reason: p.reason, decided_by: p.decidedBy, decided_at_ms: p.nowMs })
      .where('id', '=', p.id)
      .where('status', '=', 'asked'),
)

export const listPlanActions = statement((q, p: { scheduleId: string; context: string; limit: number }) =>
  q
    .selectFrom('plan_action')
    .selectAll()
    .where('schedule_id', '=', p.scheduleId)
    .where('context', '=', p.context)
    .orderBy('id', 'desc')
    .limit(p.limit),
)

/** When a planned schedule comes next, where it is to come at all. */
export const setNextAt = statement((q, p: { id: string; nextAtMs: number; nowMs: number }) =>
  q
    .updateTable('schedule')
    .set({ next_at_ms: p.nextAtMs, updated_at_ms: p.nowMs })
    .where('id', '=', p.id)
    .where('status', '=', 'active')
    .where('paused_until_ms', 'is', null),
)
