import { TASK_STATUSES, type TaskStatus } from './moves.ts'

export interface MeasuredTask {
  id: string
  status: TaskStatus
  createdAtMs: number
  /** Since when it has its status. */
  statusAtMs: number
}

export interface MeasuredMove {
  taskId: string
  from: TaskStatus
  to: TaskStatus
  atMs: number
}

export type Spread = { count: number; p50Seconds: number; p95Seconds: number }

/** How a board does, in numbers. */
export type TaskMetrics = {
  /** Since when what ended counts. */
  since: string
  /** Tasks by the status they have now. */
  counts: Record<TaskStatus, number>
  /** How long tasks stayed in a status, each stay that has ended; none for those nobody left. */
  timeInStatus: Partial<Record<TaskStatus, Spread>>
  /** Of what was approved, how much was approved the first time it was looked at; null while nothing was. */
  firstPassRate: number | null
  /** How old what is queued now has become there; null when nothing is. */
  queueAge: Spread | null
}

/**
 * The numbers of a board. `moves` are those of these tasks, each task's in order. What happened before `sinceMs` is left out;
 * a stay that began before and ended after it counts as long as it was.
 */
export function measureTasks(
  tasks: readonly MeasuredTask[],
  moves: readonly MeasuredMove[],
  { sinceMs, nowMs }: { sinceMs: number; nowMs: number },
): TaskMetrics {
  const stays = new Map<TaskStatus, number[]>()
  const passes: boolean[] = []
  const byTask = Map.groupBy(moves, ({ taskId }) => taskId)
  for (const { id, createdAtMs } of tasks) {
    let beganMs = createdAtMs
    let wasSentBack = false
    for (const { from, to, atMs } of byTask.get(id) ?? []) {
      if (atMs >= sinceMs) {
        stays.set(from, [...(stays.get(from) ?? []), atMs - beganMs])
        if (to === 'approved') passes.push(!wasSentBack)
      }
      beganMs = atMs
      // Whoever begins anew is looked at for the first time.
      if (to === 'queued') wasSentBack = false
      else if (from === 'review' && to !== 'approved') wasSentBack = true
    }
  }
  const spreads = [...stays].map(([status, lengths]) => [status, spreadOf(lengths)])
  const waiting = tasks.filter(({ status }) => status === 'queued').map(({ statusAtMs }) => nowMs - statusAtMs)
  return {
    since: new Date(sinceMs).toISOString(),
    counts: countsOf(tasks),
    timeInStatus: Object.fromEntries(spreads),
    firstPassRate: passes.length === 0 ? null : passes.filter(Boolean).length / passes.length,
    queueAge: waiting.length === 0 ? null : spreadOf(waiting),
  }
}

function countsOf(tasks: readonly MeasuredTask[]): Record<TaskStatus, number> {
  const counts = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<TaskStatus, number>
  for (const { status } of tasks) counts[status]++
  return counts
}

const spreadOf = (lengthsMs: readonly number[]): Spread => {
  const sorted = lengthsMs.toSorted((one, other) => one - other)
  return { count: sorted.length, p50Seconds: at(sorted, 0.5), p95Seconds: at(sorted, 0.95) }
}

/** The nearest rank: a length that there was, not one in between. */
const at = (sorted: readonly number[], part: number): number =>
  (sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0) / 1_000
