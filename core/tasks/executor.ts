import { findBoardLease } from '#db/board-leases.ts'
import type { Tx } from '#db/db.ts'
import { nextTask, type TaskRow } from '#db/tasks.ts'
import type { Actor } from '../actor.ts'
import { type BoardLease, isHeld, leaseView } from '../board/lease-view.ts'
import { giveBack, type LeaseKey, takeResource } from '../board/leases.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents, type NewEvent } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import { once } from '../once.ts'
import { requireContext } from '../teams/standing.ts'
import { inStatus, saveTask, taskEvent, taskToChange } from './change.ts'
import { type TaskView, taskView } from './task.ts'
import { tellMoved } from './tell.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/** A task whose executor is a tool, and the lease under which a worker does it. */
export type TakenTask = { task: TaskView; lease: BoardLease }

const RESULT_MAX_BYTES = 1024 * 1024

/**
 * Takes the most urgent task that one of these tools does, with the lease on it: one that is queued, or one whose worker fell
 * silent. Null when there is none. Claim and lease are one transaction, so that no task is anybody's without a lease.
 */
export async function takeExecutable(
  core: Needs,
  actor: Actor,
  { tools, ttlSeconds }: { tools: readonly string[]; ttlSeconds: number },
): Promise<TakenTask | null> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function takeExecutable(tx) {
    await requireContext(tx, actor, actor.context, 'work')
    const input = { tools: [...tools], ttlSeconds }
    return once(tx, { actor, operation: 'task.take', input, nowMs }, async () => {
      const context = contextKey(actor.context)
      const row = await nextTask(tx, { context, executors: tools, assignee: actor.accountId, nowMs })
      if (!row) return null
      const wish = { resource: leaseResource(row.id), purpose: row.executor_tool ?? '', ttlSeconds, context, nowMs }
      const lease = await takeResource(core, tx, actor, wish)
      const next = row.status === 'queued' ? { ...inStatus(row, 'claimed', nowMs), doers_json: doer(row) } : row
      const saved = await saveTask(tx, { ...next, updated_at_ms: nowMs })
      await appendEvents(tx, nowMs, [
        ...(saved.status === row.status ? [] : [moved(row, saved, actor)]),
        step(saved, 'task_claimed', actor, { leaseId: lease.id, epoch: lease.epoch }),
      ])
      return { task: taskView(saved), lease: leaseView(lease) }
    })
  })
}

/** The work begins, for the first time or again. Refused (`conflict`) for a worker that has lost its lease. */
export function startExecutable(core: Needs, actor: Actor, request: { id: string } & LeaseKey): Promise<TaskView> {
  return underLease(core, actor, { ...request, what: 'start' }, async (tx, row, nowMs) => {
    const attempts = row.attempts + 1
    const next = row.status === 'in_progress' ? { ...row, updated_at_ms: nowMs } : inStatus(row, 'in_progress', nowMs)
    const saved = await saveTask(tx, { ...next, attempts })
    await appendEvents(tx, nowMs, [
      ...(saved.status === row.status ? [] : [moved(row, saved, actor)]),
      step(saved, 'executor_started', actor, { attempt: attempts }),
    ])
    return saved
  })
}

/**
 * The result goes to review, the lease is given back, and both are on record, all at once or not at all: whoever comes
 * late with another result is refused (`conflict`).
 */
export function handInExecutable(
  core: Needs,
  actor: Actor,
  { result, ...request }: { id: string; result: JsonObject } & LeaseKey,
): Promise<TaskView> {
  const resultJson = JSON.stringify(result)
  if (Buffer.byteLength(resultJson) > RESULT_MAX_BYTES) {
    throw new AppError('too_large', 'The result of a task may have 1 MiB at most.')
  }
  return underLease(core, actor, { ...request, what: 'hand_in' }, async (tx, row, nowMs) => {
    const saved = await saveTask(tx, { ...inStatus(row, 'review', nowMs), result_json: resultJson })
    await appendEvents(tx, nowMs, [
      moved(row, saved, actor),
      step(saved, 'executor_succeeded', actor, { attempt: row.attempts }),
    ])
    await endLease(tx, saved, actor, request, nowMs)
    await tellMoved(core, tx, saved, { actor })
    return saved
  })
}

/** A try has failed. The last one ends in `failed`, and gives the lease back; after another the worker tries again. */
export function failExecutable(
  core: Needs,
  actor: Actor,
  { error, isFinal, ...request }: { id: string; error: { code: string; message: string }; isFinal: boolean } & LeaseKey,
): Promise<TaskView> {
  return underLease(core, actor, { ...request, what: 'fail' }, async (tx, row, nowMs) => {
    const failed = step(row, 'executor_failed', actor, { attempt: row.attempts, error, willRetry: !isFinal })
    if (!isFinal) {
      await appendEvents(tx, nowMs, [failed])
      return row
    }
    const saved = await saveTask(tx, inStatus(row, 'failed', nowMs))
    await appendEvents(tx, nowMs, [failed, moved(row, saved, actor)])
    await endLease(tx, saved, actor, request, nowMs)
    return saved
  })
}

async function underLease(
  core: Needs,
  actor: Actor,
  { id, leaseId, epoch, what }: { id: string; what: string } & LeaseKey,
  work: (tx: Tx, row: TaskRow, nowMs: number) => Promise<TaskRow>,
): Promise<TaskView> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function workUnderLease(tx) {
    const row = await taskToChange(tx, actor, id)
    const input = { id, leaseId, epoch }
    return once(tx, { actor, operation: `task.${what}`, input, nowMs }, async () => {
      const lease = await findBoardLease.first(tx, { id: leaseId })
      const isTheirs =
        lease?.resource === leaseResource(id) &&
        lease.context === row.context &&
        lease.holder === actor.accountId &&
        lease.epoch === epoch &&
        isHeld(lease, nowMs)
      if (!isTheirs || row.executor_tool === null || !isInHand(row, what)) throw tooLate()
      return taskView(await work(tx, row, nowMs))
    })
  })
}

const isInHand = ({ status }: TaskRow, what: string): boolean =>
  status === 'in_progress' || (what === 'start' && status === 'claimed')

async function endLease(tx: Tx, row: TaskRow, actor: Actor, key: LeaseKey, nowMs: number): Promise<void> {
  // Its holder may lose it between our look and this; then all of it is undone.
  const { epoch } = await giveBack(tx, actor, key, nowMs)
  await appendEvents(tx, nowMs, [step(row, 'lease_released', actor, { leaseId: key.leaseId, epoch })])
}

/** The words that a worker's steps are known by. */
const step = (row: TaskRow, type: string, actor: Actor, details: JsonObject): NewEvent => ({
  type,
  actor: actor.accountId,
  context: row.context,
  subject: row.id,
  details: { title: row.title, tool: row.executor_tool, ...details },
})

const moved = (before: TaskRow, after: TaskRow, actor: Actor): NewEvent =>
  taskEvent(after, 'moved', actor.accountId, { from: before.status, to: after.status })

const doer = ({ executor_tool }: TaskRow): string => JSON.stringify([`tool:${executor_tool}`])

const leaseResource = (taskId: string): string => `task:${taskId}`

const tooLate = (): AppError =>
  new AppError('conflict', 'This worker has lost the task: its lease has ended, or somebody moved the task on.')
