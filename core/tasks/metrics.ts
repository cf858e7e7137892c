import { listTaskMoves, listTasksSince } from '#db/task-metrics.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { requireReader } from '../runs/reader.ts'
import { measureTasks, type TaskMetrics } from './measure.ts'

/** More tasks are not looked at: the newest of a board tell how it does. */
const MOST = 5_000
const DAY_MS = 24 * 60 * 60 * 1000

/** How the board of the actor's context did in the last `days`. */
export async function taskMetrics(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { days }: { days: number },
): Promise<TaskMetrics> {
  await requireReader(core.db, actor, actor.context, 'such context')
  const nowMs = core.clock.nowMs()
  const sinceMs = nowMs - days * DAY_MS
  const rows = await listTasksSince.all(core.db, { context: contextKey(actor.context), sinceMs, limit: MOST })
  const moves = await listTaskMoves(
    core.db,
    rows.map(({ id }) => id),
  )
  const tasks = rows.map(({ id, status, created_at_ms, status_at_ms }) => ({
    id,
    status,
    createdAtMs: created_at_ms,
    statusAtMs: status_at_ms,
  }))
  return measureTasks(tasks, moves, { sinceMs, nowMs })
}
