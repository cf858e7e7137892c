import type { TaskWorkTable } from './schema.ts'
import { statement } from './statement.ts'

export type TaskWorkRow = TaskWorkTable

const columns = (p: TaskWorkRow) => ({
  agent_id: p.agent_id,
  account_id: p.account_id,
  channel: p.channel,
  conversation: p.conversation,
  phase: p.phase,
  round: p.round,
  run_id: p.run_id,
  comment: p.comment,
  verdicts_json: p.verdicts_json,
  effects_json: p.effects_json,
  cost_micros: p.cost_micros,
  error: p.error,
})

/** As it shall be, whether or not there was one. Written by whoever holds the task. */
export const putTaskWork = statement((q, p: TaskWorkRow) =>
  q
    .insertInto('task_work')
    .values({ task_id: p.task_id, ...columns(p) })
    .onConflict((conflict) => conflict.column('task_id').doUpdateSet(columns(p))),
)

export const findTaskWork = statement((q, p: { taskId: string }) =>
  q.selectFrom('task_work').selectAll().where('task_id', '=', p.taskId),
)

/** Tasks of agents that one task stands in the way of. */
export const listWaitingForTask = statement((q, p: { onId: string }) =>
  q
    .selectFrom('task_link')
    .innerJoin('task_work', 'task_work.task_id', 'task_link.task_id')
    .innerJoin('task', 'task.id', 'task_link.task_id')
    .select(['task.id', 'task.context'])
    .where('task_link.on_id', '=', p.onId)
    .where('task.status', 'not in', ['done', 'abandoned'])
    .orderBy('task.id'),
)

/** What an agent has, ended or not. */
export const listWorkOfAgent = statement((q, p: { agentId: string; limit: number }) =>
  q
    .selectFrom('task_work')
    .innerJoin('task', 'task.id', 'task_work.task_id')
    .select(['task.id', 'task.title', 'task.status', 'task_work.round', 'task_work.cost_micros', 'task_work.run_id'])
    .select(['task.created_at_ms', 'task.updated_at_ms'])
    .where('task_work.agent_id', '=', p.agentId)
    .orderBy('task.id', 'desc')
    .limit(p.limit),
)
