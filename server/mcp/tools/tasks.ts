import { z } from 'zod'
import { claimTask } from '#core/tasks/claim.ts'
import { createTask } from '#core/tasks/create.ts'
import { editTask } from '#core/tasks/edit.ts'
import { TASK_STATUSES } from '#core/tasks/moves.ts'
import { findTasks, getTask } from '#core/tasks/read.ts'
import { moveTask } from '#core/tasks/transition.ts'
import { text } from '../../api/schemas.ts'
import { createBody, patchBody } from '../../api/task-bodies.ts'
import { defineTool, READING, type Tool, WRITING } from '../tool.ts'

const taskId = text(64).min(1).describe('The id of a task: task_…')

export const TASK_TOOLS: Tool[] = [
  defineTool({
    name: 'tasks.list',
    title: 'List tasks',
    description: 'Tasks of the board, the newest first.',
    args: z.strictObject({
      status: z.array(z.enum(TASK_STATUSES)).min(1).exactOptional(),
      assignee: text(100).exactOptional().describe('An account id, me, or none for those that nobody has.'),
      label: text(500).exactOptional(),
      priority: z.number().int().min(0).max(100).exactOptional(),
      cursor: text(200).exactOptional(),
      limit: z.number().int().min(1).max(100).default(20),
      ...READING,
    }),
    hints: { readOnly: true },
    run(core, actor, { context: _, assignee, ...query }) {
      const whose = assignee === 'me' ? actor.accountId : assignee === 'none' ? null : assignee
      return findTasks(core, actor, { ...query, ...(whose === undefined ? {} : { assignee: whose }) })
    },
  }),
  defineTool({
    name: 'tasks.get',
    title: 'Look at a task',
    description: 'One task, with the etag that tasks.update asks for.',
    args: z.strictObject({ taskId, ...READING }),
    hints: { readOnly: true },
    run: (core, actor, { taskId }) => getTask(core, actor, taskId),
  }),
  defineTool({
    name: 'tasks.create',
    title: 'Put a task on the board',
    description: 'A new task of the context. Criteria and the definition of done are checked off one by one.',
    args: createBody.extend(WRITING),
    hints: { readOnly: false, destructive: false, idempotent: false },
    run: (core, actor, { context: _, idempotencyKey: __, ...fields }) => createTask(core, actor, fields),
  }),
  defineTool({
    name: 'tasks.claim',
    title: 'Claim a task',
    description: 'Takes the task that is named, or else the most urgent one that can be begun.',
    args: z.strictObject({ taskId: taskId.exactOptional(), label: text(500).exactOptional(), ...WRITING }),
    hints: { readOnly: false, destructive: false, idempotent: false },
    run: (core, actor, { taskId, label }) =>
      claimTask(core, actor, {
        ...(taskId === undefined ? {} : { id: taskId }),
        ...(label === undefined ? {} : { label }),
      }),
  }),
  defineTool({
    name: 'tasks.transition',
    title: 'Move a task',
    description: 'Moves a task to another status. A move that there is not is refused with those that there are.',
    args: z.strictObject({
      taskId,
      to: z.enum(TASK_STATUSES),
      reason: text(2_000).exactOptional(),
      etag: text(200).exactOptional().describe('Refuses the move when the task is not as it was read.'),
      ...WRITING,
    }),
    hints: { readOnly: false, destructive: false, idempotent: false },
    run: (core, actor, { taskId, to, reason, etag }) =>
      moveTask(core, actor, {
        id: taskId,
        to,
        ...(reason === undefined ? {} : { reason }),
        ...(etag === undefined ? {} : { ifMatch: etag }),
      }),
  }),
  defineTool({
    name: 'tasks.update',
    title: 'Change a task',
    description:
      'Changes what is said of a task; lists are replaced as a whole. etag is that of the task as it was read.',
    args: patchBody.extend({ taskId, etag: text(200).describe('The etag of tasks.get.'), ...WRITING }),
    hints: { readOnly: false, destructive: true, idempotent: true },
    run: (core, actor, { context: _, idempotencyKey: __, taskId, etag, ...fields }) =>
      editTask(core, actor, { id: taskId, fields, ifMatch: etag }),
  }),
]
