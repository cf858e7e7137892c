import type { Tx } from '#db/db.ts'
import { insertTask } from '#db/tasks.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { Json } from '../json.ts'
import { once } from '../once.ts'
import { requireContext } from '../teams/standing.ts'
import { passOn } from './by-agent/give.ts'
import { requireWorker, saveLinks, taskEvent } from './change.ts'
import { blankTask, linksOf, type TaskFields, withFields } from './fields.ts'
import { type TaskView, taskView } from './task.ts'
import { tellAssigned } from './tell.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/**
 * Puts a task on the board of the actor's context, queued. The same request key again gives the same task. With an agent as its
 * assignee it is given to that: `conversation` is where its work is shown.
 */
export async function createTask(
  core: Needs,
  actor: Actor,
  fields: TaskFields & { title: string },
  { conversation }: { conversation?: string } = {},
): Promise<TaskView> {
  const nowMs = core.clock.nowMs()
  const input = JSON.parse(JSON.stringify(fields)) as Json
  return core.db.write(async function createTask(tx) {
    await requireContext(tx, actor, actor.context, 'work')
    return once(tx, { actor, operation: 'task.create', input, nowMs }, () =>
      putTask(core, tx, actor, fields, nowMs, conversation),
    )
  })
}

/** The step of it. */
export async function putTask(
  core: Needs,
  tx: Tx,
  actor: Actor,
  fields: TaskFields,
  nowMs: number,
  conversation?: string,
): Promise<TaskView> {
  const blank = blankTask(core.ids.newId('task'), contextKey(actor.context), actor.accountId, nowMs)
  const row = withFields(blank, fields, { by: actor.accountId, nowMs })
  const links = linksOf(row)
  if (links.length > LINKS_MOST) throw tooMany()
  await requireWorker(tx, row)
  await insertTask.run(tx, row)
  if (links.length > 0) await saveLinks(tx, row)
  await appendEvents(tx, nowMs, [taskEvent(row, 'created', actor.accountId, { priority: row.priority })])
  await tellAssigned(core, tx, row, actor)
  return taskView(await passOn(core, tx, actor, row, { conversation }))
}

export const LINKS_MOST = 50

export const tooMany = (): AppError => new AppError('bad_input', `A task may wait for ${LINKS_MOST} others at most.`)
