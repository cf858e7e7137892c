import type { Reader } from '#db/db.ts'
import { listEventsOfType } from '#db/events.ts'
import type { TaskStatus } from '#db/schema.ts'
import { findTask, listTasks, type TaskRow } from '#db/tasks.ts'
import type { Actor } from '../actor.ts'
import { contextKey, contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { idCursor, numberCursor } from '../cursor.ts'
import { notFound } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { requireReader } from '../runs/reader.ts'
import { taskEvent, taskToChange } from './change.ts'
import { type TaskView, taskView } from './task.ts'

/** A task that the actor may see; others do not exist for them. */
async function readableTask(on: Reader, actor: Actor, id: string): Promise<TaskRow> {
  const row = await findTask.first(on, { id })
  if (!row) throw notFound('such task')
  await requireReader(on, actor, contextOf(row.context), 'such task')
  return row
}

export async function getTask(core: Pick<Core, 'db'>, actor: Actor, id: string): Promise<TaskView> {
  return taskView(await readableTask(core.db, actor, id))
}

export interface TaskQuery {
  status?: readonly TaskStatus[]
  /** An account id; null for those that nobody has. */
  assignee?: string | null
  label?: string
  priority?: number
  executors?: readonly string[]
  cursor?: string
  limit: number
}

/** Of the actor's context, newest first. The cursor is the last one of the page before. */
export async function findTasks(
  core: Pick<Core, 'db'>,
  actor: Actor,
  { cursor, limit, ...filter }: TaskQuery,
): Promise<{ items: TaskView[]; nextCursor: string | null }> {
  await requireReader(core.db, actor, actor.context, 'such context')
  const rows = await listTasks(core.db, {
    ...filter,
    context: contextKey(actor.context),
    ...(cursor === undefined ? {} : { beforeId: idCursor('task', cursor) }),
    limit: limit + 1,
  })
  const items = rows.slice(0, limit).map(taskView)
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}

export interface TaskLogEntry {
  seq: number
  at: string
  actor: string
  text: string
}

const LOG = 'task.logged'

/** What was noted while working on it, oldest first. */
export async function taskLog(
  core: Pick<Core, 'db'>,
  actor: Actor,
  { id, cursor, limit }: { id: string; cursor?: string; limit: number },
): Promise<{ items: TaskLogEntry[]; nextCursor: string | null }> {
  await readableTask(core.db, actor, id)
  const after = cursor === undefined ? 0 : numberCursor(cursor)
  const rows = await listEventsOfType.all(core.db, { subject: id, type: LOG, after, limit: limit + 1 })
  const items = rows.slice(0, limit).map((row) => ({
    seq: row.seq,
    at: new Date(row.at_ms).toISOString(),
    actor: row.actor,
    text: String(JSON.parse(row.details_json).text),
  }))
  return { items, nextCursor: rows.length > limit ? String(items.at(-1)?.seq) : null }
}

/** Notes something in the log of a task. It stays: the log is part of the record of what happened. */
export async function logOnTask(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { id, text }: { id: string; text: string },
): Promise<void> {
  const nowMs = core.clock.nowMs()
  await core.db.write(async function logOnTask(tx) {
    const row = await taskToChange(tx, actor, id)
    await once(tx, { actor, operation: 'task.log', input: { id, text }, nowMs }, async () => {
      await appendEvents(tx, nowMs, [taskEvent(row, 'logged', actor.accountId, { text })])
      return null
    })
  })
}
