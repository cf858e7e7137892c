import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { AppError, notFound } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { Json } from '../json.ts'
import { once } from '../once.ts'
import { passOn } from './by-agent/give.ts'
import { wakeIfAgents } from './by-agent/waiting.ts'
import { requireWorker, saveLinks, saveTask, taskEvent, taskToChange } from './change.ts'
import { LINKS_MOST, tooMany } from './create.ts'
import { changedFields, linksOf, type TaskFields, withFields } from './fields.ts'
import { hasTaskEnded, statusWords } from './moves.ts'
import { requireMatch, type TaskItem, type TaskView, taskView } from './task.ts'
import { tellAssigned } from './tell.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/**
 * Changes what is said of a task; lists are replaced as a whole. Refused: `precondition_required` without an ETag,
 * `precondition_failed` with the current one when somebody was faster, `conflict` once the task has ended.
 */
export async function editTask(
  core: Needs,
  actor: Actor,
  { id, fields, ifMatch }: { id: string; fields: TaskFields; ifMatch: string | undefined },
): Promise<TaskView> {
  const nowMs = core.clock.nowMs()
  const input = JSON.parse(JSON.stringify({ id, fields, ifMatch: ifMatch ?? null })) as Json
  return core.db.write(async function editTask(tx) {
    const row = await taskToChange(tx, actor, id)
    return once(tx, { actor, operation: 'task.edit', input, nowMs }, async () => {
      requireMatch(ifMatch, row)
      if (hasTaskEnded(row.status)) throw ended(row.status)
      const next = withFields(row, fields, { by: actor.accountId, nowMs })
      const details = changedFields(row, next)
      if ((details.fields as string[]).length === 0) return taskView(row)
      const links = linksOf(next)
      if (links.length > LINKS_MOST) throw tooMany()
      if (links.join() !== linksOf(row).join()) await saveLinks(tx, next)
      if (next.assignee !== row.assignee) await requireWorker(tx, next)
      const saved = await saveTask(tx, next)
      await appendEvents(tx, nowMs, [taskEvent(saved, 'changed', actor.accountId, details)])
      if (next.assignee !== row.assignee) await tellAssigned(core, tx, saved, actor)
      if (next.assignee !== row.assignee) return taskView(await passOn(core, tx, actor, saved, { before: row }))
      await wakeIfAgents(core, tx, saved)
      return taskView(saved)
    })
  })
}

/** Checks one item off, or opens it again. As it is already it stays, and nothing is written. */
export async function checkItem(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { id, itemId, checked }: { id: string; itemId: string; checked: boolean },
): Promise<TaskView> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function checkItem(tx) {
    const row = await taskToChange(tx, actor, id)
    if (hasTaskEnded(row.status)) throw ended(row.status)
    const check = (json: string): string =>
      JSON.stringify(
        (JSON.parse(json) as TaskItem[]).map((item) =>
          item.id === itemId && item.checked !== checked
            ? {
                ...item,
                checked,
                by: checked ? actor.accountId : null,
                at: checked ? new Date(nowMs).toISOString() : null,
              }
            : item,
        ),
      )
    if (![row.criteria_json, row.definition_json].some((json) => hasItem(json, itemId))) throw notFound('such item')
    const next = {
      ...row,
      criteria_json: check(row.criteria_json),
      definition_json: check(row.definition_json),
      updated_at_ms: nowMs,
    }
    if (next.criteria_json === row.criteria_json && next.definition_json === row.definition_json) return taskView(row)
    const saved = await saveTask(tx, next)
    await appendEvents(tx, nowMs, [taskEvent(saved, 'item_checked', actor.accountId, { itemId, checked })])
    return taskView(saved)
  })
}

const hasItem = (json: string, itemId: string): boolean =>
  (JSON.parse(json) as TaskItem[]).some(({ id }) => id === itemId)

const ended = (status: Parameters<typeof statusWords>[0]): AppError =>
  new AppError('conflict', `This task is ${statusWords(status)}; nothing of it is changed any more.`)
