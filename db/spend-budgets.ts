import { sql } from 'kysely'
import { blind, statement } from './statement.ts'

export const insertBudget = statement(
  (
    q,
    p: {
      id: string
      context: string
      subject: string
      period: 'run' | 'day' | 'month'
      limitMicros: bigint
      warnPercent: number
      isStop: number
      by: string
      nowMs: number
    },
  ) =>
    q
      .insertInto('budget')
      .values({
        id: p.id,
        context: p.context,
        subject: p.subject,
        period: p.period,
        limit_micros: p.limitMicros,
        warn_percent: p.warnPercent,
        is_stop: p.isStop,
        version: 1,
        created_by: p.by,
        created_at_ms: p.nowMs,
        updated_at_ms: p.nowMs,
      })
      .onConflict((conflict) => conflict.columns(['context', 'subject', 'period']).doNothing()),
)

/** Nothing when it is another version by now. */
export const changeBudget = statement(
  (
    q,
    p: {
      id: string
      before: number
      version: number
      limitMicros: bigint
      warnPercent: number
      isStop: number
      nowMs: number
    },
  ) =>
    q
      .updateTable('budget')
      .set({
        limit_micros: p.limitMicros,
        warn_percent: p.warnPercent,
        is_stop: p.isStop,
        version: p.version,
        updated_at_ms: p.nowMs,
      })
      .where('id', '=', p.id)
      .where('version', '=', p.before),
)

export const deleteBudget = statement((q, p: { id: string }) => q.deleteFrom('budget').where('id', '=', p.id))

export const findBudget = statement((q, p: { id: string; context: string }) =>
  q.selectFrom('budget').selectAll().where('id', '=', p.id).where('context', '=', p.context),
)

/** Always in this order: two who count in the same ones wait for each other instead of deadlocking. */
export const listBudgets = statement((q, p: { context: string }) =>
  q
    .selectFrom('budget')
    .selectAll('budget')
    // What people call whom or what it is of, where its subject has an id. Each hold reads this: the others look nothing up.
    .select((row) =>
      row
        .case()
        .when('budget.subject', 'like', 'person:%')
        .then(row.selectFrom('account').select('handle').whereRef('account.id', '=', idIn('person')))
        .when('budget.subject', 'like', 'agent:%')
        .then(row.selectFrom('agent').select('name').whereRef('agent.id', '=', idIn('agent')))
        .when('budget.subject', 'like', 'schedule:%')
        .then(row.selectFrom('schedule').select('job_key').whereRef('schedule.id', '=', idIn('schedule')))
        .end()
        .as('subject_name'),
    )
    .where('budget.context', '=', p.context)
    .orderBy('budget.id'),
)

/** What stands behind `person:` in a subject. */
const idIn = (kind: string) => sql<string>`substr(budget.subject, ${sql.lit(kind.length + 2)})`

export const countBudgets = statement((q, p: { context: string }) =>
  q
    .selectFrom('budget')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('context', '=', p.context),
)

/** What all budgets of a context have counted for these periods: `2026-11` and `2026-11-27`. */
export const listBudgetUsage = statement((q, p: { context: string; month: string; day: string }) =>
  q
    .selectFrom('budget')
    .innerJoin('usage_counter', (join) => join.on('usage_counter.scope', '=', sql<string>`'budget:' || budget.id`))
    .where('budget.context', '=', p.context)
    .where((row) =>
      row.or([
        row.and([row('budget.period', '=', 'month'), row('usage_counter.period', '=', p.month)]),
        row.and([row('budget.period', '=', 'day'), row('usage_counter.period', '=', p.day)]),
      ]),
    )
    .select(['budget.id', 'usage_counter.used_micros']),
)

export const insertBudgetUse = blind(
  (q, p: { holdId: string; budgetId: string; period: string; amountMicros: bigint }) =>
    q.insertInto('budget_use').values({
      hold_id: p.holdId,
      budget_id: p.budgetId,
      period: p.period,
      amount_micros: p.amountMicros,
    }),
)

export const listBudgetUses = statement((q, p: { holdId: string }) =>
  q.selectFrom('budget_use').selectAll().where('hold_id', '=', p.holdId).orderBy('budget_id'),
)

/** A hold that is over needs no record: what it came to stays counted. */
export const deleteBudgetUses = blind((q, p: { holdId: string }) =>
  q.deleteFrom('budget_use').where('hold_id', '=', p.holdId),
)
