import { sql } from 'kysely'
import type { CommandRuleTable } from './schema.ts'
import { statement } from './statement.ts'

export type RuleRow = CommandRuleTable

export const insertRule = statement((q, p: RuleRow) =>
  q.insertInto('command_rule').values({
    id: p.id,
    context: p.context,
    account_id: p.account_id,
    name: p.name,
    command: p.command,
    filter_json: p.filter_json,
    rhythm_json: p.rhythm_json,
    rate_per_hour: p.rate_per_hour,
    window_ms: p.window_ms,
    window_count: p.window_count,
    since_seq: p.since_seq,
    next_at_ms: p.next_at_ms,
    status: p.status,
    status_reason: p.status_reason,
    fires: p.fires,
    last_at_ms: p.last_at_ms,
    created_at_ms: p.created_at_ms,
    updated_at_ms: p.updated_at_ms,
  }),
)

export const findRule = statement((q, p: { id: string }) =>
  q.selectFrom('command_rule').selectAll().where('id', '=', p.id).where('status', '<>', 'removed'),
)

/** The same, and nobody else changes it before this transaction ends. */
export const holdRule = statement((q, p: { id: string }, dialect) => {
  const select = q.selectFrom('command_rule').selectAll().where('id', '=', p.id).where('status', '<>', 'removed')
  return dialect === 'postgres' ? select.forNoKeyUpdate() : select
})

export const countRules = statement((q, p: { context: string }) =>
  q
    .selectFrom('command_rule')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('context', '=', p.context)
    .where('status', '<>', 'removed'),
)

/** Newest first, behind a place. */
export const listRules = statement((q, p: { context: string; beforeId: string; limit: number }) =>
  q
    .selectFrom('command_rule')
    .selectAll()
    .where('context', '=', p.context)
    .where('status', '<>', 'removed')
    .where('id', '<', p.beforeId)
    .orderBy('id', 'desc')
    .limit(p.limit),
)

/** All that wait for events, of every context. Written out, not bound: only so does SQLite use the partial index. */
export const listListening = statement((q, _: Record<never, never>) =>
  q
    .selectFrom('command_rule')
    .selectAll()
    .where(sql<boolean>`status = 'active'`)
    .where('filter_json', 'is not', null)
    .orderBy('id'),
)

/** Whose time has come, the longest overdue first. */
export const listDueRules = statement((q, p: { nowMs: number; limit: number }) =>
  q
    .selectFrom('command_rule')
    .selectAll()
    .where('next_at_ms', 'is not', null)
    .where('next_at_ms', '<=', p.nowMs)
    .orderBy('next_at_ms')
    .limit(p.limit),
)

/** What a person, or its end, changes about it. */
export const updateRule = statement(
  (
    q,
    p: Pick<
      RuleRow,
      | 'id'
      | 'account_id'
      | 'name'
      | 'command'
      | 'filter_json'
      | 'rhythm_json'
      | 'rate_per_hour'
      | 'since_seq'
      | 'next_at_ms'
      | 'status'
      | 'status_reason'
      | 'updated_at_ms'
    >,
  ) =>
    q
      .updateTable('command_rule')
      .set({
        account_id: p.account_id,
        name: p.name,
        command: p.command,
        filter_json: p.filter_json,
        rhythm_json: p.rhythm_json,
        rate_per_hour: p.rate_per_hour,
        since_seq: p.since_seq,
        next_at_ms: p.next_at_ms,
        status: p.status,
        status_reason: p.status_reason,
        updated_at_ms: p.updated_at_ms,
      })
      .where('id', '=', p.id),
)

/** Counts a fire in its hour; nothing is written when there were as many as may be. */
export const countFire = statement((q, p: { id: string; windowMs: number; nowMs: number }) =>
  q
    .updateTable('command_rule')
    .set({
      window_ms: p.windowMs,
      window_count: sql`case when window_ms = ${p.windowMs} then window_count + 1 else 1 end`,
      fires: sql`fires + 1`,
      last_at_ms: p.nowMs,
    })
    .where('id', '=', p.id)
    .where((row) => row.or([row('window_ms', '<>', p.windowMs), row('window_count', '<', row.ref('rate_per_hour'))])),
)

/** True once in an hour: there were too many in it. */
export const markRuleCapped = statement((q, p: { id: string; windowMs: number }) =>
  q
    .updateTable('command_rule')
    .set({ window_count: sql`window_count + 1` })
    .where('id', '=', p.id)
    .where('window_ms', '=', p.windowMs)
    .where((row) => row('window_count', '=', row.ref('rate_per_hour'))),
)

/** Ends one of its times: only while it is the one that is due. */
export const advanceRule = statement(
  (q, p: { id: string; dueAtMs: number; nextAtMs: number | null; status: RuleRow['status']; reason: string | null }) =>
    q
      .updateTable('command_rule')
      .set({ next_at_ms: p.nextAtMs, status: p.status, status_reason: p.reason })
      .where('id', '=', p.id)
      .where('next_at_ms', '=', p.dueAtMs),
)

const NAME = 'events'

export const findRuleCursor = statement((q, _: Record<never, never>) =>
  q.selectFrom('rule_cursor').select('seq').where('name', '=', NAME),
)

/** Never backwards. */
export const moveRuleCursor = statement((q, p: { seq: number }) =>
  q
    .insertInto('rule_cursor')
    .values({ name: NAME, seq: p.seq })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ seq: p.seq }).where('rule_cursor.seq', '<', p.seq)),
)

/** What a run remembers of how it came about. */
export const findRunOrigin = statement((q, p: { runId: string }) =>
  q.selectFrom('run').select(['pins_json', 'channel', 'conversation']).where('id', '=', p.runId),
)

export const findScheduleOrigin = statement((q, p: { id: string }) =>
  q.selectFrom('schedule').select(['channel', 'conversation']).where('id', '=', p.id),
)

export const findReviewOrigin = statement((q, p: { id: string }) =>
  q.selectFrom('review').select('root_run_id').where('id', '=', p.id),
)
