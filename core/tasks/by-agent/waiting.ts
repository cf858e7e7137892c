import type { Tx } from '#db/db.ts'
import { listWaitingForTask } from '#db/task-work.ts'
import type { TaskRow } from '#db/tasks.ts'
import type { Core } from '../../core.ts'
import { isAgentId, wakeTask } from './key.ts'

type Needs = Pick<Core, 'queue' | 'clock'>

/** A task is done, in the same transaction: agents whose tasks waited for it look whether they can begin. */
export async function wakeWaiting(core: Needs, tx: Tx, { id, status }: TaskRow): Promise<void> {
  if (status !== 'done') return
  const nowMs = core.clock.nowMs()
  for (const waiting of await listWaitingForTask.all(tx, { onId: id })) await wakeTask(core, tx, waiting, nowMs)
}

/** What stood in the way of an agent's task may be gone, in the same transaction. */
export async function wakeIfAgents(core: Needs, tx: Tx, row: TaskRow): Promise<void> {
  if (isAgentId(row.assignee)) await wakeTask(core, tx, row, core.clock.nowMs())
}
