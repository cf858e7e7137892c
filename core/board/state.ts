import { listBoardLeases } from '#db/board-leases.ts'
import type { Reader } from '#db/db.ts'
import { listTasksSince } from '#db/task-metrics.ts'
import { listLive } from '#db/tasks.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import type { Json } from '../json.ts'
import { requireReader } from '../runs/reader.ts'
import { strongEtag, type TaskView, taskView } from '../tasks/task.ts'
import { leaseView } from './lease-view.ts'

export const STATE_KINDS = ['tasks', 'leases', 'agents'] as const
export type StateKind = (typeof STATE_KINDS)[number]

/** What a screen shows of it; more than that nobody looks at in one go. */
const MOST = 1_000

/** Whoever worked within this time is there, also with nothing in hand. */
const LATELY_MS = 24 * 60 * 60 * 1000

/**
 * A board as it is at this moment: the tasks that have not ended, the most urgent first; the leases that are held; or who works
 * there: who has something in hand, or did lately. The ETag changes with any of it. What a tool was given and gave stands in the
 * task alone.
 */
export async function boardState(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  kind: StateKind,
): Promise<{ data: Json[]; etag: string }> {
  await requireReader(core.db, actor, actor.context, 'such context')
  const context = contextKey(actor.context)
  const nowMs = core.clock.nowMs()
  const tasks = kind === 'leases' ? [] : await listLive.all(core.db, { context, limit: MOST })
  const leases = kind === 'tasks' ? [] : await listBoardLeases.all(core.db, { context, nowMs, after: '', limit: MOST })
  const version = [...tasks, ...leases].reduce((sum, row) => sum + ('version' in row ? row.version : row.epoch), 0)
  const all = { tasks: tasks.map(taskView), leases: leases.map(leaseView) }
  const lately = kind === 'agents' ? await workedSince(core.db, context, nowMs - LATELY_MS) : new Map<string, string>()
  const data = kind === 'agents' ? workersOf(all, lately) : kind === 'tasks' ? all.tasks.map(inShort) : all.leases
  return { data, etag: strongEtag(data, version) }
}

const inShort = ({ result, executor, ...task }: TaskView): Json => ({
  ...task,
  executor: executor && { tool: executor.tool },
  hasResult: result !== null,
})

/** Who worked on tasks that have moved since then, people and tools, and when the last of those moved. */
async function workedSince(on: Reader, context: string, sinceMs: number): Promise<Map<string, string>> {
  const rows = await listTasksSince.all(on, { context, sinceMs, limit: MOST })
  const lately = new Map<string, string>()
  for (const { doers_json, status_at_ms } of rows) {
    if (status_at_ms < sinceMs) continue
    const at = new Date(status_at_ms).toISOString()
    for (const id of JSON.parse(doers_json) as string[]) if (at > (lately.get(id) ?? '')) lately.set(id, at)
  }
  return lately
}

/** Everybody who has a task or a lease in hand or worked lately, in the order of their ids. */
function workersOf(
  { tasks, leases }: { tasks: TaskView[]; leases: ReturnType<typeof leaseView>[] },
  lately: ReadonlyMap<string, string>,
): Json[] {
  const assigned = tasks.flatMap(({ assignee }) => assignee ?? [])
  const ids = new Set([...assigned, ...leases.map(({ holder }) => holder), ...lately.keys()])
  return [...ids].toSorted().map((id) => {
    const held = leases.filter(({ holder }) => holder === id)
    const heard = held.map(({ heartbeatAt }) => heartbeatAt).toSorted()
    return {
      id,
      tasks: tasks.filter(({ assignee }) => assignee === id).map(({ id, status }) => ({ id, status })),
      leases: held.map(({ leaseId, resource }) => ({ leaseId, resource })),
      lastTaskAt: lately.get(id) ?? null,
      lastSeenAt: heard.at(-1) ?? null,
    }
  })
}
