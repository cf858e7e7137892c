import type { TaskTemplateTable } from './schema.ts'
import { statement } from './statement.ts'

export type TaskTemplateRow = TaskTemplateTable

export const listTaskTemplateRows = statement((q, p: { context: string }) =>
  q.selectFrom('task_template').selectAll().where('context', '=', p.context).orderBy('name'),
)

export const findTaskTemplate = statement((q, p: { context: string; name: string }) =>
  q.selectFrom('task_template').selectAll().where('context', '=', p.context).where('name', '=', p.name),
)

/** Under its name there is this one from now on, whatever there was. */
export const putTaskTemplate = statement((q, p: TaskTemplateRow) =>
  q
    .insertInto('task_template')
    .values({
      context: p.context,
      name: p.name,
      fields_json: p.fields_json,
      saved_by: p.saved_by,
      saved_at_ms: p.saved_at_ms,
    })
    .onConflict((conflict) =>
      conflict.columns(['context', 'name']).doUpdateSet({
        fields_json: p.fields_json,
        saved_by: p.saved_by,
        saved_at_ms: p.saved_at_ms,
      }),
    ),
)

export const deleteTaskTemplate = statement((q, p: { context: string; name: string }) =>
  q.deleteFrom('task_template').where('context', '=', p.context).where('name', '=', p.name),
)
