import type { Tx } from '#db/db.ts'
import { requestCancel } from '#db/runs.ts'
import { findTaskWork, putTaskWork, type TaskWorkRow } from '#db/task-work.ts'
import { holdTask, type TaskRow } from '#db/tasks.ts'
import { accountById, refuseDisabled } from '../../accounts/account.ts'
import type { Actor } from '../../actor.ts'
import type { ChannelName } from '../../chat/message.ts'
import { contextOf } from '../../context.ts'
import type { Core } from '../../core.ts'
import { AppError } from '../../errors.ts'
import { appendEvents } from '../../events/append.ts'
import { notify } from '../../notifications/notify.ts'
import { runKey } from '../../runs/card-key.ts'
import { prepareRun } from '../../runs/prepare.ts'
import type { RunRequest } from '../../runs/request.ts'
import { submitPrepared } from '../../runs/submit.ts'
import { requireContext } from '../../teams/standing.ts'
import { inStatus, movedTask, saveTask, taskEvent } from '../change.ts'
import type { TaskStatus } from '../moves.ts'
import { requestOf, taskKey } from './key.ts'

export type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'log' | 'settings' | 'outbound' | 'models'>

/** A task and how far its agent is, as they were read together. */
export interface AgentTask {
  row: TaskRow
  work: TaskWorkRow
}

/** When to look again: at once, at that moment, or when something wakes it (null). */
export type Next = 'again' | number | null

/** Who gave the task, with the rights they have at this moment. Refused when they may not spend there any more. */
export async function giverOf(core: Pick<Core, 'db'>, { row, work }: AgentTask, requestKey: string): Promise<Actor> {
  const account = await accountById(core.db, work.account_id)
  if (!account) throw new AppError('forbidden', 'The account of who gave the task does not exist any more.')
  refuseDisabled(account)
  const context = contextOf(row.context)
  await requireContext(core.db, { accountId: account.id }, context, 'run')
  return {
    accountId: account.id,
    handle: account.handle,
    // What works by itself has no powers over the instance.
    platformRole: 'user',
    channel: work.channel as ChannelName,
    context,
    requestKey,
  }
}

/**
 * A run for the task, and what begins with it, in one transaction: `write` makes the moves of that, in the row as it is now.
 * The name makes it the same run however often it is asked for. Nothing happens when the task was changed meanwhile.
 */
export async function runFor(
  core: Needs,
  task: AgentTask,
  {
    name,
    isShown = false,
    ...request
  }: { name: string; isShown?: boolean } & Pick<RunRequest, 'target' | 'inputs' | 'saved' | 'definition'>,
  write: (tx: Tx, runId: string) => Promise<void>,
): Promise<Next> {
  const { row, work } = task
  const actor = await giverOf(core, task, requestOf(row.id, name))
  const conversation = isShown ? (work.conversation ?? undefined) : undefined
  const prepared = await prepareRun(core, actor, { ...request, how: { follower: taskKey(row.id) } })
  return core.db.write(async function beginRunOfTask(tx) {
    if (!(await isAsRead(tx, task))) return 'again'
    const { runId } = await submitPrepared(core, tx, actor, prepared, conversation)
    await write(tx, runId)
    return null
  })
}

/** Whether the task and its work are still what they were when they were read; both are held from here on. */
export async function isAsRead(tx: Tx, { row, work }: AgentTask): Promise<boolean> {
  const now = await holdTask.first(tx, { id: row.id })
  if (now?.version !== row.version) return false
  const workNow = await findTaskWork.first(tx, { taskId: row.id })
  return workNow?.run_id === work.run_id && workNow.phase === work.phase && workNow.round === work.round
}

/** A move of the task by its agent, or by whoever decided, with its event. */
export async function moveIn(
  core: Pick<Core, 'clock'>,
  tx: Tx,
  row: TaskRow,
  to: TaskStatus,
  { by, reason }: { by: string; reason?: string | null },
): Promise<TaskRow> {
  const nowMs = core.clock.nowMs()
  const saved = await saveTask(tx, await movedTask(tx, row, { to, accountId: by, nowMs }))
  const details = { from: row.status, to, ...(reason ? { reason } : {}) }
  await appendEvents(tx, nowMs, [taskEvent(saved, 'moved', by, details)])
  return saved
}

export const keep = (tx: Tx, work: TaskWorkRow): Promise<number> => putTaskWork.run(tx, work)

/** It cannot go on: the task says so where its table has such a move, and whoever gave it hears of it. */
export function stopTask(core: Needs, task: AgentTask, reason: string, kind: 'blocked' | 'failed'): Promise<Next> {
  return core.db.write(async function stopTask(tx) {
    if (!(await isAsRead(tx, task))) return 'again'
    const nowMs = core.clock.nowMs()
    const { row, work } = task
    const to: TaskStatus =
      kind === 'blocked' && (row.status === 'claimed' || row.status === 'in_progress') ? 'blocked' : 'failed'
    const saved = await saveTask(tx, inStatus(row, to, nowMs))
    const details = { from: row.status, to, reason }
    await appendEvents(tx, nowMs, [taskEvent(saved, 'moved', work.agent_id, details)])
    await keep(tx, { ...work, run_id: null, error: reason })
    const again = { label: 'Try again', command: `/move ${row.id} in_progress` }
    await tellGiver(core, tx, task, 'agent_blocked', `${row.title}: ${reason}`, [again])
    return null
  })
}

/** Who gave it hears of it, with a button that shows the task. */
export function tellGiver(
  core: Needs,
  tx: Tx,
  { row, work }: AgentTask,
  type: 'agent_blocked' | 'task',
  words: string,
  buttons: { label: string; command: string }[] = [],
): Promise<void> {
  return notify(core, tx, {
    accountId: work.account_id,
    type,
    context: contextOf(row.context),
    cause: row.id,
    text: words,
    reply: {
      parts: [
        { type: 'text', text: words },
        { type: 'buttons', buttons: [...buttons, { label: 'Show', command: `/showtask ${row.id}` }] },
      ],
    },
  })
}

/** Nobody waits for a run of the task any more. */
export async function cancelItsRun(core: Needs, tx: Tx, { row, work }: AgentTask, reason: string): Promise<void> {
  if (work.run_id === null) return
  if ((await requestCancel.run(tx, { id: work.run_id, reason })) === 0) return
  const nowMs = core.clock.nowMs()
  await appendEvents(tx, nowMs, [
    { type: 'run.cancel_requested', actor: work.agent_id, context: row.context, subject: work.run_id },
  ])
  await core.queue.enqueue(tx, { kind: 'run', key: runKey(work.run_id), runAtMs: nowMs, fairGroup: row.context })
}
