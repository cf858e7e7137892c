import type { Tx } from '#db/db.ts'
import type { TaskStatus } from '#db/schema.ts'
import {
  deleteTaskLinks,
  findTask,
  findWaitingFor,
  holdLinks,
  holdTask,
  insertTaskLink,
  listUnfinished,
  type TaskRow,
  updateTask,
} from '#db/tasks.ts'
import type { TeamAction } from '../access.ts'
import { accountById } from '../accounts/account.ts'
import type { Actor } from '../actor.ts'
import { contextOf } from '../context.ts'
import { AppError, notFound } from '../errors.ts'
import type { NewEvent } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import { requireReader } from '../runs/reader.ts'
import { requireContext } from '../teams/standing.ts'
import { isWorker } from './doer.ts'
import { linksOf } from './fields.ts'
import { isBeginning, refuseMove, statusWords } from './moves.ts'
import { doersOf, itemsOf, staleTask, taskView } from './task.ts'

/** A task that the actor may work on, held until the transaction ends. Those of other people and teams do not exist. */
export async function taskToChange(tx: Tx, actor: Actor, id: string, action: TeamAction = 'work'): Promise<TaskRow> {
  const row = await holdTask.first(tx, { id })
  if (!row) throw notFound('such task')
  const context = contextOf(row.context)
  await requireReader(tx, actor, context, 'such task')
  await requireContext(tx, actor, context, action)
  return row
}

/** Writes a task as it shall be; refused (`precondition_failed`) when it changed since the row was read. Gives it as it is then. */
export async function saveTask(tx: Tx, next: TaskRow): Promise<TaskRow> {
  if ((await updateTask.run(tx, next)) > 0) return { ...next, version: next.version + 1 }
  const now = await findTask.first(tx, { id: next.id })
  throw now ? staleTask(taskView(now).etag) : notFound('such task')
}

export const taskEvent = (row: TaskRow, type: string, actor: string, details: JsonObject = {}): NewEvent => ({
  type: `task.${type}`,
  actor,
  context: row.context,
  subject: row.id,
  details: { title: row.title, ...details },
})

/**
 * The row after a move that the table has, not yet written. Beginning work is refused (`conflict`) while what it waits for
 * is not done, and so is taking what is somebody else's.
 */
export async function movedTask(
  tx: Tx,
  row: TaskRow,
  { to, accountId, nowMs }: { to: TaskStatus; accountId: string; nowMs: number },
): Promise<TaskRow> {
  const refusal = refuseMove({ status: row.status, doers: doersOf(row), items: itemsOf(row) }, to, accountId)
  if (refusal) throw refusal
  if (isBeginning(to)) await requireReady(tx, row)
  if (to === 'claimed' && row.assignee !== null && row.assignee !== accountId) throw await someoneElses(tx, row)
  const assignee = isBeginning(to) ? (row.assignee ?? accountId) : to === 'queued' ? null : row.assignee
  return {
    ...inStatus(row, to, nowMs),
    assignee,
    doers_json: JSON.stringify(doersAfter(row, to, to === 'in_progress' ? (assignee ?? accountId) : accountId)),
  }
}

/** Without asking whether it may. */
export const inStatus = (row: TaskRow, status: TaskStatus, nowMs: number): TaskRow => ({
  ...row,
  status,
  status_at_ms: nowMs,
  updated_at_ms: nowMs,
  nudged_at_ms: null,
})

function doersAfter(row: TaskRow, to: TaskStatus, doer: string): string[] {
  if (to === 'queued') return []
  const before = doersOf(row)
  const isWork = to === 'in_progress' || to === 'review'
  return isWork && !before.includes(doer) ? [...before, doer] : before
}

async function requireReady(tx: Tx, row: TaskRow): Promise<void> {
  const unfinished = await listUnfinished.all(tx, { taskId: row.id })
  const words = (JSON.parse(row.blockers_json) as string[]).filter((one) => !one.startsWith('task_'))
  const waits = [...unfinished.map(({ title, status }) => `“${title}” (${statusWords(status)})`), ...words]
  if (waits.length > 0) throw new AppError('conflict', `It waits for ${waits.join(', ')}.`)
}

export async function someoneElses(tx: Tx, { assignee }: TaskRow): Promise<AppError> {
  const account = assignee === null ? undefined : await accountById(tx, assignee)
  const who = account ? `@${account.handle}` : 'Somebody else'
  return new AppError('conflict', `${who} has this task. Assign it to somebody else first, or take another one.`)
}

/**
 * Writes what the task waits for. `not_found` for tasks that are not on this board, `bad_input` for what would close a
 * circle: nothing in it could ever begin.
 */
export async function saveLinks(tx: Tx, row: TaskRow): Promise<void> {
  await holdLinks.first(tx, {})
  await deleteTaskLinks.run(tx, { taskId: row.id })
  for (const onId of linksOf(row)) {
    const on = await findTask.first(tx, { id: onId })
    if (!on || on.context !== row.context) throw notFound(`task ${onId}`)
    if (onId === row.id || (await findWaitingFor.first(tx, { taskId: onId, onId: row.id }))) {
      const message = `“${on.title}” waits for this task, so this task cannot wait for it.`
      throw new AppError('bad_input', message, { problems: [{ path: 'dependencies', message }] })
    }
    await insertTaskLink.run(tx, { taskId: row.id, onId })
  }
}

/** That whoever is assigned is there, and may work on this board. */
export async function requireWorker(tx: Tx, { assignee, context }: TaskRow): Promise<void> {
  if (assignee === null || (await isWorker(tx, context, assignee))) return
  const message = 'must be the id of a person or an agent who works on this board'
  throw new AppError('bad_input', `The assignee ${message}.`, { problems: [{ path: 'assignee', message }] })
}
