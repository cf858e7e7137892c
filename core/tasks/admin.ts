import type { Tx } from '#db/db.ts'
import { holdTask, type TaskRow } from '#db/tasks.ts'
import { mayOnPlatform } from '../access.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { AppError, notFound } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import { once } from '../once.ts'
import { passOn } from './by-agent/give.ts'
import { wakeWaiting } from './by-agent/waiting.ts'
import { inStatus, requireWorker, saveTask, taskEvent, taskToChange } from './change.ts'
import { hasTaskEnded, statusWords } from './moves.ts'
import { type TaskView, taskView } from './task.ts'
import { tellAssigned } from './tell.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

interface Overruling {
  id: string
  /** Stands in the record for good. */
  reason: string
}

/**
 * Puts a task back into the queue as if nobody had begun: of nobody, without result, its items open again. For platform
 * admins, and for those who manage the team; `conflict` for one that is queued or done.
 */
export function resubmitTask(core: Needs, actor: Actor, request: Overruling): Promise<TaskView> {
  return overrule(core, actor, { ...request, what: 'resubmitted' }, async (_, row, nowMs) => {
    if (row.status === 'queued' || row.status === 'done') throw isAlready(row)
    return {
      ...inStatus(row, 'queued', nowMs),
      assignee: null,
      doers_json: '[]',
      result_json: null,
      attempts: 0,
      criteria_json: unchecked(row.criteria_json),
      definition_json: unchecked(row.definition_json),
    }
  })
}

/** Ends a task as done, whatever stands in the way. */
export function completeTask(core: Needs, actor: Actor, request: Overruling): Promise<TaskView> {
  return overrule(core, actor, { ...request, what: 'completed' }, async (_, row, nowMs) => {
    if (hasTaskEnded(row.status)) throw isAlready(row)
    return inStatus(row, 'done', nowMs)
  })
}

/** Gives a task to somebody else, or to nobody, whoever has it. */
export function reassignTask(
  core: Needs,
  actor: Actor,
  { assignee, ...request }: Overruling & { assignee: string | null },
): Promise<TaskView> {
  return overrule(core, actor, { ...request, what: 'reassigned', more: { assignee } }, async (tx, row, nowMs) => {
    if (hasTaskEnded(row.status)) throw isAlready(row)
    // What was claimed is nobody's when it is taken away from them: the next one claims it.
    const isFree = assignee === null && row.status === 'claimed'
    const next = { ...(isFree ? inStatus(row, 'queued', nowMs) : row), assignee, updated_at_ms: nowMs }
    await requireWorker(tx, next)
    return { ...next, nudged_at_ms: null }
  })
}

async function overrule(
  core: Needs,
  actor: Actor,
  { id, reason, what, more = {} }: Overruling & { what: string; more?: JsonObject },
  change: (tx: Tx, row: TaskRow, nowMs: number) => Promise<TaskRow>,
): Promise<TaskView> {
  const nowMs = core.clock.nowMs()
  if (reason.trim() === '') throw new AppError('bad_input', 'Say why; it stands in the record.')
  return core.db.write(async function overruleTask(tx) {
    const row = await taskToOverrule(tx, actor, id)
    return once(tx, { actor, operation: `task.${what}`, input: { id, reason, ...more }, nowMs }, async () => {
      const saved = await saveTask(tx, await change(tx, row, nowMs))
      const details = { from: row.status, to: saved.status, reason, ...more }
      await appendEvents(tx, nowMs, [taskEvent(saved, what, actor.accountId, details)])
      if (saved.assignee !== row.assignee) await tellAssigned(core, tx, saved, actor)
      await wakeWaiting(core, tx, saved)
      return taskView(await passOn(core, tx, actor, saved, { before: row }))
    })
  })
}

/** Platform admins see to every board of the instance; others to those that they manage. */
async function taskToOverrule(tx: Tx, actor: Actor, id: string): Promise<TaskRow> {
  if (!mayOnPlatform(actor.platformRole, 'manage_board')) return taskToChange(tx, actor, id, 'manage_board')
  const row = await holdTask.first(tx, { id })
  if (!row) throw notFound('such task')
  return row
}

const isAlready = ({ status }: TaskRow): AppError =>
  new AppError('conflict', `This task is ${statusWords(status)} already.`)

const unchecked = (json: string): string =>
  JSON.stringify((JSON.parse(json) as object[]).map((item) => ({ ...item, checked: false, by: null, at: null })))
