import { sql } from 'kysely'
import type { Dialect, Reader } from './db.ts'
import type { TaskStatus, TaskTable } from './schema.ts'
import { query, statement } from './statement.ts'

export type TaskRow = TaskTable

const columns = (p: TaskRow) => ({
  title: p.title,
  description: p.description,
  status: p.status,
  priority: p.priority,
  labels_json: p.labels_json,
  criteria_json: p.criteria_json,
  definition_json: p.definition_json,
  needs_json: p.needs_json,
  dependencies_json: p.dependencies_json,
  blockers_json: p.blockers_json,
  blocker_words: p.blocker_words,
  assignee: p.assignee,
  doers_json: p.doers_json,
  executor_tool: p.executor_tool,
  executor_inputs_json: p.executor_inputs_json,
  result_json: p.result_json,
  external_ids_json: p.external_ids_json,
  attempts: p.attempts,
  updated_at_ms: p.updated_at_ms,
  status_at_ms: p.status_at_ms,
  nudged_at_ms: p.nudged_at_ms,
})

export const insertTask = statement((q, p: TaskRow) =>
  q.insertInto('task').values({
    ...columns(p),
    id: p.id,
    context: p.context,
    created_by: p.created_by,
    created_at_ms: p.created_at_ms,
    version: 1,
  }),
)

export const findTask = statement((q, p: { id: string }) => q.selectFrom('task').selectAll().where('id', '=', p.id))

/** A task until the transaction ends: nobody else changes it meanwhile. Others may still point to it. */
export const holdTask = statement((q, p: { id: string }, dialect) => {
  const select = q.selectFrom('task').selectAll().where('id', '=', p.id)
  return dialect === 'postgres' ? select.forNoKeyUpdate() : select
})

/** Everything of it, as it shall be; only while it has the version that was read. Nothing is written otherwise. */
export const updateTask = statement((q, p: TaskRow) =>
  q
    .updateTable('task')
    .set((row) => ({ ...columns(p), version: row('version', '+', 1) }))
    .where('id', '=', p.id)
    .where('version', '=', p.version),
)

/** Remembers that somebody was reminded, which changes nothing that anybody has read of it. */
export const markNudged = statement((q, p: { id: string; version: number; nowMs: number }) =>
  q.updateTable('task').set({ nudged_at_ms: p.nowMs }).where('id', '=', p.id).where('version', '=', p.version),
)

export const insertTaskLink = statement((q, p: { taskId: string; onId: string }) =>
  q.insertInto('task_link').values({ task_id: p.taskId, on_id: p.onId }),
)

export const deleteTaskLinks = statement((q, p: { taskId: string }) =>
  q.deleteFrom('task_link').where('task_id', '=', p.taskId),
)

/** What a task waits for that is not done. */
export const listUnfinished = statement((q, p: { taskId: string }) =>
  q
    .selectFrom('task_link')
    .innerJoin('task', 'task.id', 'task_link.on_id')
    .select(['task.id', 'task.title', 'task.status'])
    .where('task_link.task_id', '=', p.taskId)
    .where('task.status', '<>', 'done')
    .orderBy('task.id'),
)

/** Whether one task waits for another, at whatever remove. */
export const findWaitingFor = statement((q, p: { taskId: string; onId: string }) =>
  q
    .withRecursive('before', (db) =>
      db
        .selectFrom('task_link')
        .select('on_id')
        .where('task_id', '=', p.taskId)
        .union(
          db.selectFrom('task_link').innerJoin('before', 'before.on_id', 'task_link.task_id').select('task_link.on_id'),
        ),
    )
    .selectFrom('before')
    .select('on_id')
    .where('on_id', '=', p.onId),
)

/** One change of what waits for what at a time: two that are fine alone could close a circle together. */
export const holdLinks = statement((q, _: Record<never, never>, dialect) =>
  dialect === 'postgres'
    ? q.selectNoFrom(sql`pg_advisory_xact_lock(7301944)`.as('locked'))
    : q.selectNoFrom(sql`1`.as('locked')),
)

export interface TaskFilter {
  context: string
  status?: readonly TaskStatus[]
  assignee?: string | null
  label?: string
  priority?: number
  executors?: readonly string[]
  beforeId?: string
  limit: number
}

/** Newest first. */
export function listTasks(on: Reader, filter: TaskFilter): Promise<TaskRow[]> {
  return query(on, (q) => {
    let rows = q.selectFrom('task').selectAll().where('context', '=', filter.context)
    if (filter.status) rows = rows.where('status', 'in', [...filter.status])
    if (filter.assignee === null) rows = rows.where('assignee', 'is', null)
    else if (filter.assignee !== undefined) rows = rows.where('assignee', '=', filter.assignee)
    if (filter.label !== undefined) rows = rows.where(hasLabel(on.dialect, filter.label))
    if (filter.priority !== undefined) rows = rows.where('priority', '=', filter.priority)
    if (filter.executors) rows = rows.where('executor_tool', 'in', [...filter.executors])
    if (filter.beforeId !== undefined) rows = rows.where('id', '<', filter.beforeId)
    return rows.orderBy('id', 'desc').limit(filter.limit)
  })
}

const hasLabel = (dialect: Dialect, label: string) =>
  dialect === 'postgres'
    ? sql<boolean>`labels_json::jsonb ? ${label}`
    : sql<boolean>`exists (select 1 from json_each(labels_json) where value = ${label})`

/** What is to be done on the board, the most urgent first; what has ended is left out. */
export const listLive = statement((q, p: { context: string; limit: number }) =>
  q
    .selectFrom('task')
    .selectAll()
    .where('context', '=', p.context)
    .where('status', 'not in', ['done', 'abandoned'])
    .orderBy('priority', 'desc')
    .orderBy('id')
    .limit(p.limit),
)

export interface NextFilter {
  context: string
  /** The tools that whoever asks can run; without them what people do. */
  executors?: readonly string[]
  /** Whose it may be already. */
  assignee: string
  label?: string
  /** With executors: what a worker has taken up whose lease has ended by now counts as queued. */
  nowMs: number
}

/** The most urgent task that can be begun, the oldest of them; on Postgres one that nobody else is taking at this moment. */
export async function nextTask(on: Reader, filter: NextFilter): Promise<TaskRow | undefined> {
  const rows = await query<TaskRow>(on, (q) => {
    let tasks = q
      .selectFrom('task')
      .selectAll()
      .where('context', '=', filter.context)
      .where('status', 'not in', ['done', 'abandoned'])
    if (filter.label !== undefined) tasks = tasks.where(hasLabel(on.dialect, filter.label))
    const { executors, assignee, nowMs } = filter
    if (executors) {
      const isHeld = sql<boolean>`exists (
        select 1 from board_lease where board_lease.context = task.context and board_lease.resource = 'task:' || task.id
          and board_lease.released_at_ms is null and board_lease.heartbeat_at_ms + board_lease.ttl_ms >= ${nowMs}
      )`
      tasks = tasks
        .where('executor_tool', 'in', [...executors])
        .where('status', 'in', ['queued', 'claimed', 'in_progress'])
        .where('assignee', 'is', null)
        .where((row) => row.not(isHeld))
    } else {
      tasks = tasks
        .where('executor_tool', 'is', null)
        .where('status', '=', 'queued')
        .where((row) => row.or([row('assignee', 'is', null), row('assignee', '=', assignee)]))
    }
    const first = tasks
      .where('blocker_words', '=', 0)
      .where(
        sql<boolean>`not exists (select 1 from task_link join task as other on other.id = task_link.on_id
          where task_link.task_id = task.id and other.status <> 'done')`,
      )
      .orderBy('priority', 'desc')
      .orderBy('id')
      .limit(1)
    return on.dialect === 'postgres' ? first.forNoKeyUpdate().skipLocked() : first
  })
  return rows[0]
}

/** What people have had in hand for long, and were not reminded of since. */
export const listToNudge = statement((q, p: { beforeMs: number; limit: number }) =>
  q
    .selectFrom('task')
    .selectAll()
    .where('status', 'in', ['claimed', 'in_progress', 'changes_requested'])
    .where('status_at_ms', '<', p.beforeMs)
    .where('assignee', 'is not', null)
    .where((row) => row.or([row('nudged_at_ms', 'is', null), row('nudged_at_ms', '<', p.beforeMs)]))
    .orderBy('status_at_ms')
    .limit(p.limit),
)
