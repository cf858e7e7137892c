import type { Tx } from '#db/db.ts'
import { nextTask, type TaskRow } from '#db/tasks.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { requireContext } from '../teams/standing.ts'
import { movedTask, saveTask, someoneElses, taskEvent, taskToChange } from './change.ts'
import { type TaskView, taskView } from './task.ts'

type Needs = Pick<Core, 'db' | 'clock'>

/**
 * Takes a task for the actor: the one that is named, or the most urgent that can be begun, the oldest of those. It stays
 * theirs until they move it on or somebody assigns it anew: a claim does not end by itself. What they have claimed already
 * is theirs still. Refused: `conflict` when another has it or it waits for something, `not_found` when nothing can be begun.
 */
export async function claimTask(
  core: Needs,
  actor: Actor,
  { id, label }: { id?: string; label?: string } = {},
): Promise<TaskView> {
  const nowMs = core.clock.nowMs()
  const input = { id: id ?? null, label: label ?? null }
  return core.db.write(async function claimTask(tx) {
    if (id === undefined) await requireContext(tx, actor, actor.context, 'work')
    return once(tx, { actor, operation: 'task.claim', input, nowMs }, async () => {
      const row = id === undefined ? await firstInLine(tx, actor, label, nowMs) : await taskToChange(tx, actor, id)
      if (row.status === 'claimed' && row.assignee === actor.accountId) return taskView(row)
      if (row.status === 'claimed' && row.assignee !== null) throw await someoneElses(tx, row)
      const saved = await saveTask(tx, await movedTask(tx, row, { to: 'claimed', accountId: actor.accountId, nowMs }))
      await appendEvents(tx, nowMs, [taskEvent(saved, 'moved', actor.accountId, { from: row.status, to: 'claimed' })])
      return taskView(saved)
    })
  })
}

async function firstInLine(tx: Tx, actor: Actor, label: string | undefined, nowMs: number): Promise<TaskRow> {
  const context = contextKey(actor.context)
  const row = await nextTask(tx, {
    context,
    assignee: actor.accountId,
    nowMs,
    ...(label === undefined ? {} : { label }),
  })
  if (row) return row
  const why = 'it is empty, or what is on it is taken, waits, or is done by a tool.'
  throw new AppError('not_found', `Nothing on this board can be begun: ${why}`)
}
