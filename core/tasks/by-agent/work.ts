import { DatabaseBusyError, DatabaseGoneError } from '#db/db.ts'
import { underClaim } from '#db/queue/claims.ts'
import { type Claim, LeaseLostError } from '#db/queue/queue.ts'
import { findTaskWork } from '#db/task-work.ts'
import { findTask } from '#db/tasks.ts'
import { AppError } from '../../errors.ts'
import { beginWork } from './begin.ts'
import { checkResult, followCheck, followWork } from './follow.ts'
import { taskOfKey } from './key.ts'
import { beginMerging, mergeNext } from './merge.ts'
import { askForReview, followReview } from './review.ts'
import { type AgentTask, cancelItsRun, isAsRead, keep, type Needs, type Next, stopTask } from './world.ts'

/**
 * Moves an agent's task on as far as it goes: each move is one transaction, with its events, under the claim on its key, and
 * with what the next one waits for. Whoever comes to it after a crash, or a second time, finds how far it is.
 */
export async function workOnTask(unfenced: Needs, claim: Claim, signal: AbortSignal): Promise<void> {
  const core = { ...unfenced, db: underClaim(unfenced.db, claim) }
  const id = taskOfKey(claim.key) ?? ''
  while (!signal.aborted) {
    const next = await moveOn(core, id)
    if (next === 'again') continue
    // Asked to look again meanwhile, the claim stays, and so does who holds it.
    if (await core.db.write((tx) => core.queue.release(tx, claim, next))) return
  }
  const nowMs = core.clock.nowMs()
  await core.db.write((tx) => core.queue.release(tx, claim, nowMs))
}

async function moveOn(core: Needs, id: string): Promise<Next> {
  const [row, work] = [await findTask.first(core.db, { id }), await findTaskWork.first(core.db, { taskId: id })]
  if (!row || !work) return null
  const task = { row, work }
  try {
    return await nextMove(core, task)
  } catch (error) {
    if (isPassing(error)) throw error
    return stopTask(core, task, reasonOf(core, error, id), 'blocked')
  }
}

function nextMove(core: Needs, task: AgentTask): Promise<Next> {
  const { row, work } = task
  if (row.assignee !== work.agent_id) return leave(core, task, 'The task was given to somebody else.')
  const isWaiting = work.run_id !== null
  switch (row.status) {
    case 'queued':
    case 'claimed':
      return isWaiting ? leave(core, task, 'The task was queued again.') : beginWork(core, task)
    case 'changes_requested':
      return isWaiting ? leave(core, task, 'Changes were asked for elsewhere.') : beginWork(core, task)
    case 'in_progress':
      return inProgress(core, task)
    case 'review':
      return isWaiting ? followReview(core, task) : Promise.resolve(null)
    case 'approved':
      return isWaiting ? leave(core, task, 'It was approved elsewhere.') : beginMerging(core, task)
    case 'merging':
      return mergeNext(core, task)
    default:
      return isWaiting ? leave(core, task, 'The task has ended.') : Promise.resolve(null)
  }
}

function inProgress(core: Needs, task: AgentTask): Promise<Next> {
  const { phase, run_id, round } = task.work
  if (phase === 'work') return run_id === null ? beginWork(core, task) : followWork(core, task)
  if (phase === 'check') return run_id === null ? checkResult(core, task) : followCheck(core, task)
  // Taken up again after what followed approval failed: the work is done, and what is left of it is asked about anew.
  return askForReview(core, task, { ...task.work, round: round + 1, run_id: null })
}

/** Somebody moved the task by hand: what is still at work for it is stopped, and it goes on from where it is. */
const leave = (core: Needs, task: AgentTask, reason: string): Promise<Next> =>
  core.db.write(async function leaveRun(tx): Promise<Next> {
    if (!(await isAsRead(tx, task))) return 'again'
    await cancelItsRun(core, tx, task, reason)
    await keep(tx, { ...task.work, run_id: null })
    return task.work.run_id === null ? null : 'again'
  })

/** Nothing is known to be wrong with the task: it is tried again, here or elsewhere. */
const isPassing = (error: unknown): boolean =>
  error instanceof DatabaseBusyError ||
  error instanceof DatabaseGoneError ||
  error instanceof LeaseLostError ||
  (error instanceof AppError && (error.code === 'busy' || error.code === 'precondition_failed'))

function reasonOf({ log }: Needs, error: unknown, taskId: string): string {
  if (error instanceof AppError) return error.message
  log.error({ err: error, taskId }, 'The task of an agent could not be moved on')
  return 'Something went wrong on our side; the log of the program says what.'
}
