import {
  deleteTaskTemplate as deleteRow,
  findTaskTemplate,
  listTaskTemplateRows,
  putTaskTemplate,
  type TaskTemplateRow,
} from '#db/task-templates.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError, notFound } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { Json, JsonObject } from '../json.ts'
import { once } from '../once.ts'
import { requireReader } from '../runs/reader.ts'
import { requireContext } from '../teams/standing.ts'
import { putTask } from './create.ts'
import { blankTask, type TaskFields, withFields } from './fields.ts'
import type { TaskView } from './task.ts'

/** A task that is made again and again: what is said of it beforehand. */
export type TaskTemplate = { name: string; fields: JsonObject; savedBy: string; savedAt: string }

/** Those of one board are shown in one go. */
const MOST = 200

const viewOf = ({ name, fields_json, saved_by, saved_at_ms }: TaskTemplateRow): TaskTemplate => ({
  name,
  fields: JSON.parse(fields_json),
  savedBy: saved_by,
  savedAt: new Date(saved_at_ms).toISOString(),
})

/** By name. */
export async function listTaskTemplates(core: Pick<Core, 'db'>, actor: Actor): Promise<TaskTemplate[]> {
  await requireReader(core.db, actor, actor.context, 'such context')
  return (await listTaskTemplateRows.all(core.db, { context: contextKey(actor.context) })).map(viewOf)
}

/**
 * Keeps a template for whoever works on the board; what had its name before is gone. Refused (`bad_input`) with everything
 * that no task could be made with, but for people and tasks: those are looked at when one is made.
 */
export async function saveTaskTemplate(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { name, fields }: { name: string; fields: TaskFields },
): Promise<TaskTemplate> {
  const nowMs = core.clock.nowMs()
  const context = contextKey(actor.context)
  withFields(blankTask('', context, actor.accountId, nowMs), fields, { by: actor.accountId, nowMs })
  return core.db.write(async function saveTaskTemplate(tx) {
    await requireContext(tx, actor, actor.context, 'manage_board')
    const before = await listTaskTemplateRows.all(tx, { context })
    if (before.length >= MOST && !before.some((one) => one.name === name)) throw tooMany()
    const row = { context, name, fields_json: JSON.stringify(fields), saved_by: actor.accountId, saved_at_ms: nowMs }
    await putTaskTemplate.run(tx, row)
    await appendEvents(tx, nowMs, [templateEvent(actor, name, 'saved')])
    return viewOf(row)
  })
}

/** `not_found` the second time. */
export async function deleteTaskTemplate(core: Pick<Core, 'db' | 'clock'>, actor: Actor, name: string): Promise<void> {
  await core.db.write(async function deleteTaskTemplate(tx) {
    await requireContext(tx, actor, actor.context, 'manage_board')
    const deleted = await deleteRow.run(tx, { context: contextKey(actor.context), name })
    if (deleted === 0) throw notFound('such template')
    await appendEvents(tx, core.clock.nowMs(), [templateEvent(actor, name, 'deleted')])
  })
}

/** Puts a task on the board as a template has it; what is said beside stands before it. The same request key again gives the same task. */
export async function createFromTemplate(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>,
  actor: Actor,
  { name, fields }: { name: string; fields: TaskFields },
): Promise<TaskView> {
  const nowMs = core.clock.nowMs()
  const input = JSON.parse(JSON.stringify({ name, fields })) as Json
  return core.db.write(async function createFromTemplate(tx) {
    await requireContext(tx, actor, actor.context, 'work')
    return once(tx, { actor, operation: 'task.create_from', input, nowMs }, async () => {
      const template = await findTaskTemplate.first(tx, { context: contextKey(actor.context), name })
      if (!template) throw notFound('such template')
      const all = { ...(JSON.parse(template.fields_json) as TaskFields), ...fields }
      if (all.title === undefined) throw untitled(name)
      return putTask(core, tx, actor, all, nowMs)
    })
  })
}

const templateEvent = ({ accountId, context }: Actor, name: string, what: string) => ({
  type: `task.template_${what}`,
  actor: accountId,
  context: contextKey(context),
  subject: `template:${name}`,
})

const tooMany = (): AppError => new AppError('conflict', `A board has ${MOST} templates at most. Delete one first.`)

function untitled(name: string): AppError {
  const message = `is needed: the template ${name} has none`
  return new AppError('bad_input', `title ${message}.`, { problems: [{ path: 'title', message }] })
}
