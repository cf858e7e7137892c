import type { Reader } from './db.ts'
import type { TaskStatus } from './schema.ts'
import { query, statement } from './statement.ts'

/** What was on a board since then: tasks that have not ended, and those that something happened to. Newest first. */
export const listTasksSince = statement((q, p: { context: string; sinceMs: number; limit: number }) =>
  q
    .selectFrom('task')
    .select(['id', 'status', 'created_at_ms', 'updated_at_ms', 'status_at_ms', 'assignee', 'doers_json'])
    .where('context', '=', p.context)
    .where((task) => task.or([task('updated_at_ms', '>=', p.sinceMs), task('status', 'not in', ['done', 'abandoned'])]))
    .orderBy('id', 'desc')
    .limit(p.limit),
)

export interface TaskMoveRow {
  taskId: string
  from: TaskStatus
  to: TaskStatus
  atMs: number
}

const MOVES = ['task.moved', 'task.resubmitted', 'task.completed', 'task.reassigned']
/** So many tasks are asked for in one statement. */
const TOGETHER = 200

/** Every move that these tasks ever made, each task's in the order in which they happened. */
export async function listTaskMoves(on: Reader, taskIds: readonly string[]): Promise<TaskMoveRow[]> {
  const moves: TaskMoveRow[] = []
  for (let at = 0; at < taskIds.length; at += TOGETHER) {
    const subjects = taskIds.slice(at, at + TOGETHER)
    const rows = await query(on, (q) =>
      q
        .selectFrom('event')
        .select(['subject', 'at_ms', 'details_json'])
        .where('subject', 'in', subjects)
        .where('type', 'in', MOVES)
        .orderBy('subject')
        .orderBy('seq'),
    )
    for (const { subject, at_ms, details_json } of rows) {
      const { from, to } = JSON.parse(details_json) as { from: TaskStatus; to: TaskStatus }
      if (from !== to) moves.push({ taskId: subject, from, to, atMs: at_ms })
    }
  }
  return moves
}
