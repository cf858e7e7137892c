import type { Reader } from './db.ts'
import type { ScheduleTable } from './schema.ts'
import { query, statement } from './statement.ts'

export type ScheduleRow = ScheduleTable

export const insertSchedule = statement((q, p: ScheduleRow) =>
  q.insertInto('schedule').values({
    id: p.id,
    context: p.context,
    account_id: p.account_id,
    job_key: p.job_key,
    inputs_json: p.inputs_json,
    kind: p.kind,
    cron: p.cron,
    every_ms: p.every_ms,
    at_ms: p.at_ms,
    time_zone: p.time_zone,
    missed_policy: p.missed_policy,
    missed_max: p.missed_max,
    budget_micros: p.budget_micros,
    committed_micros: p.committed_micros,
    expires_at_ms: p.expires_at_ms,
    max_runs: p.max_runs,
    runs: p.runs,
    status: p.status,
    status_reason: p.status_reason,
    paused_until_ms: p.paused_until_ms,
    catch_up_until_ms: p.catch_up_until_ms,
    next_at_ms: p.next_at_ms,
    refused_code: p.refused_code,
    noticed_at_ms: p.noticed_at_ms,
    channel: p.channel,
    conversation: p.conversation,
    created_at_ms: p.created_at_ms,
    updated_at_ms: p.updated_at_ms,
  }),
)

export const findSchedule = statement((q, p: { id: string }) =>
  q.selectFrom('schedule').selectAll().where('id', '=', p.id).where('status', '<>', 'removed'),
)

/** Of a removed one too. */
export const findScheduleRow = statement((q, p: { id: string }) =>
  q.selectFrom('schedule').selectAll().where('id', '=', p.id),
)

/** Like findSchedule, and nobody else changes it before this transaction ends. */
export const holdSchedule = statement((q, p: { id: string }, dialect) => {
  const select = q.selectFrom('schedule').selectAll().where('id', '=', p.id).where('status', '<>', 'removed')
  return dialect === 'postgres' ? select.forUpdate() : select
})

/** What is due, the longest overdue first. */
export const listDueSchedules = statement((q, p: { nowMs: number; limit: number }) =>
  q
    .selectFrom('schedule')
    .selectAll()
    .where('next_at_ms', 'is not', null)
    .where('next_at_ms', '<=', p.nowMs)
    .orderBy('next_at_ms')
    .limit(p.limit),
)

/** When something is due next. Not min(): that would look at every row. */
export const findNextDue = statement((q, _: Record<never, never>) =>
  q.selectFrom('schedule').select('next_at_ms').where('next_at_ms', 'is not', null).orderBy('next_at_ms').limit(1),
)

/** A schedule as long as this very slot of it is due; nothing when another process has it, had it, or it was changed. */
export const holdDueSlot = statement((q, p: { id: string; dueAtMs: number }, dialect) => {
  const select = q.selectFrom('schedule').selectAll().where('id', '=', p.id).where('next_at_ms', '=', p.dueAtMs)
  return dialect === 'postgres' ? select.forUpdate().skipLocked() : select
})

/** Ends one slot: only while it is the one that is due. */
export const advanceSchedule = statement(
  (
    q,
    p: {
      id: string
      dueAtMs: number
      started: number
      status: ScheduleRow['status']
      statusReason: string | null
      nextAtMs: number | null
      catchUpUntilMs: number
      refusedCode: string | null
      noticedAtMs: number
      nowMs: number
    },
  ) =>
    q
      .updateTable('schedule')
      .set((row) => ({
        runs: row('runs', '+', p.started),
        status: p.status,
        status_reason: p.statusReason,
        paused_until_ms: null,
        next_at_ms: p.nextAtMs,
        catch_up_until_ms: p.catchUpUntilMs,
        refused_code: p.refusedCode,
        noticed_at_ms: p.noticedAtMs,
        updated_at_ms: p.nowMs,
      }))
      .where('id', '=', p.id)
      .where('next_at_ms', '=', p.dueAtMs),
)

/** What a person decides about it. */
export const setScheduleStatus = statement(
  (
    q,
    p: {
      id: string
      accountId: string
      status: ScheduleRow['status']
      statusReason: string | null
      pausedUntilMs: number | null
      nextAtMs: number | null
      nowMs: number
    },
  ) =>
    q
      .updateTable('schedule')
      .set({
        account_id: p.accountId,
        status: p.status,
        status_reason: p.statusReason,
        paused_until_ms: p.pausedUntilMs,
        next_at_ms: p.nextAtMs,
        catch_up_until_ms: 0,
        refused_code: null,
        updated_at_ms: p.nowMs,
      })
      .where('id', '=', p.id)
      .where('status', '<>', 'removed'),
)

export interface ScheduleFilter {
  context: string
  /** Only those that may still fire. */
  isLive?: boolean
  jobKey?: string
  beforeId?: string
  limit: number
}

/** Newest first, without those that were removed. */
export function listSchedules(on: Reader, filter: ScheduleFilter): Promise<ScheduleRow[]> {
  return query(on, (q) => {
    let rows = q
      .selectFrom('schedule')
      .selectAll()
      .where('context', '=', filter.context)
      .where('status', '<>', 'removed')
    if (filter.isLive) rows = rows.where('status', '<>', 'ended')
    if (filter.jobKey !== undefined) rows = rows.where('job_key', '=', filter.jobKey)
    if (filter.beforeId !== undefined) rows = rows.where('id', '<', filter.beforeId)
    return rows.orderBy('id', 'desc').limit(filter.limit)
  })
}
