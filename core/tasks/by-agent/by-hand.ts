import type { Tx } from '#db/db.ts'
import { findTaskWork, putTaskWork } from '#db/task-work.ts'
import type { TaskRow } from '#db/tasks.ts'
import type { Core } from '../../core.ts'
import { AppError } from '../../errors.ts'
import type { TaskStatus } from '../moves.ts'
import { isAgentId, wakeTask } from './key.ts'
import { effectsOf } from './run.ts'

/** What a task would do to the world is approved where all of it is shown: in its review. */
export async function requireByHand(tx: Tx, row: TaskRow, to: TaskStatus): Promise<void> {
  if (to !== 'approved' || !isAgentId(row.assignee)) return
  const work = await findTaskWork.first(tx, { taskId: row.id })
  if (!work || !effectsOf({ work }).some(({ status }) => status === 'open')) return
  const how =
    work.run_id === null
      ? 'Nobody is asked about it at the moment: move it to failed and then to in_progress, and it is shown anew.'
      : 'Decide its review, which shows what: /reviews.'
  throw new AppError('conflict', `This task does something once it is approved. ${how}`)
}

/** An agent's task was moved by hand, in the same transaction: the agent goes on from there. */
export async function tellAgent(
  core: Pick<Core, 'queue' | 'clock'>,
  tx: Tx,
  row: TaskRow,
  reason: string | null,
): Promise<void> {
  const work = isAgentId(row.assignee) ? await findTaskWork.first(tx, { taskId: row.id }) : undefined
  if (!work) return
  if (row.status === 'changes_requested') await putTaskWork.run(tx, { ...work, comment: reason, phase: 'work' })
  await wakeTask(core, tx, row, core.clock.nowMs())
}
