import type { TaskStatus } from '#db/schema.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { requireByHand, tellAgent } from './by-agent/by-hand.ts'
import { wakeWaiting } from './by-agent/waiting.ts'
import { movedTask, saveTask, taskEvent, taskToChange } from './change.ts'
import { requireMatch, type TaskView, taskView } from './task.ts'
import { tellMoved } from './tell.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/**
 * Moves a task. Refused: `conflict` for a move that the table does not have (it names those that it has), for work that
 * waits for something, and for approval before every item is checked; `forbidden` for approving one's own work;
 * `precondition_failed` when an ETag is given and is not that of the task.
 */
export async function moveTask(
  core: Needs,
  actor: Actor,
  { id, to, reason, ifMatch }: { id: string; to: TaskStatus; reason?: string; ifMatch?: string },
): Promise<TaskView> {
  const nowMs = core.clock.nowMs()
  const input = { id, to, reason: reason ?? null }
  return core.db.write(async function moveTask(tx) {
    const row = await taskToChange(tx, actor, id)
    return once(tx, { actor, operation: 'task.move', input, nowMs }, async () => {
      if (ifMatch !== undefined) requireMatch(ifMatch, row)
      const next = await movedTask(tx, row, { to, accountId: actor.accountId, nowMs })
      await requireByHand(tx, row, to)
      const saved = await saveTask(tx, next)
      const details = { from: row.status, to, ...(reason ? { reason } : {}) }
      await appendEvents(tx, nowMs, [taskEvent(saved, 'moved', actor.accountId, details)])
      await tellMoved(core, tx, saved, { actor, ...(reason ? { reason } : {}) })
      await tellAgent(core, tx, saved, reason ?? null)
      await wakeWaiting(core, tx, saved)
      return taskView(saved)
    })
  })
}
