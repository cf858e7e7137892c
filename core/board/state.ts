import { listBoardLeases } from '#db/board-leases.ts'
import { listLive } from '#db/tasks.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import type { Json } from '../json.ts'
import { requireReader } from '../runs/reader.ts'
import { strongEtag, taskView } from '../tasks/task.ts'
import { leaseView } from './lease-view.ts'

export const STATE_KINDS = ['tasks', 'leases', 'agents'] as const
export type StateKind = (typeof STATE_KINDS)[number]

/** What a screen shows of it; more than that nobody looks at in one go. */
const MOST = 1_000

/**
 * A board as it is at this moment: the tasks that have not ended, the most urgent first; the leases that are held; or who works
 * there, with what they have in hand. The ETag changes with any of it.
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
  const data = kind === 'agents' ? workersOf(all) : (all[kind] as Json[])
  return { data, etag: strongEtag(data, version) }
}

/** Everybody who has a task or a lease in hand, in the order of their ids. */
function workersOf({
  tasks,
  leases,
}: {
  tasks: ReturnType<typeof taskView>[]
  leases: ReturnType<typeof leaseView>[]
}): Json[] {
  const ids = new Set([...tasks.flatMap(({ assignee }) => assignee ?? []), ...leases.map(({ holder }) => holder)])
  return [...ids].toSorted().map((id) => {
    const held = leases.filter(({ holder }) => holder === id)
    const heard = held.map(({ heartbeatAt }) => heartbeatAt).toSorted()
    return {
      id,
      tasks: tasks.filter(({ assignee }) => assignee === id).map(({ id, status }) => ({ id, status })),
      leases: held.map(({ leaseId, resource }) => ({ leaseId, resource })),
      lastSeenAt: heard.at(-1) ?? null,
    }
  })
}
