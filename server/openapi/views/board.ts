import { z } from 'zod'
import type { BoardLease } from '#core/board/lease-view.ts'
import type { EventView } from '#core/events/view.ts'
import type { TakenTask } from '#core/tasks/executor.ts'
import { TASK_STATUSES } from '#core/tasks/moves.ts'
import type { TaskLogEntry } from '#core/tasks/read.ts'
import type { TaskView } from '#core/tasks/task.ts'
import { context, json, moment, shapeOf } from './shape.ts'

const words = z.array(z.string())
const items = z.array(
  z.object({
    id: z.string(),
    text: z.string(),
    checked: z.boolean(),
    by: z.string().nullable(),
    at: moment.nullable(),
  }),
)

const task = shapeOf<TaskView>()(
  z.object({
    id: z.string(),
    context,
    title: z.string(),
    description: z.string(),
    status: z.enum(TASK_STATUSES),
    priority: z.int().meta({ description: '0 to 100; more is more urgent' }),
    labels: words,
    acceptanceCriteria: items,
    definitionOfDone: items,
    needs: words,
    dependencies: words,
    blockers: words,
    assignee: z.string().nullable(),
    executor: z.object({ tool: z.string(), inputs: json }).nullable(),
    result: json.nullable(),
    externalIds: z.record(z.string(), z.string()),
    doers: words,
    attempts: z.int(),
    createdBy: z.string(),
    createdAt: moment,
    updatedAt: moment,
    statusAt: moment,
    version: z.int(),
    etag: z.string(),
  }),
)

const lease = shapeOf<BoardLease>()(
  z.object({
    leaseId: z.string(),
    context,
    resource: z.string(),
    purpose: z.string(),
    holder: z.string(),
    epoch: z.int().meta({ description: 'Higher each time it is taken; who comes with a lower one is late' }),
    ttlSeconds: z.number(),
    acquiredAt: moment,
    heartbeatAt: moment,
    expiresAt: moment,
  }),
)

const event = shapeOf<EventView>()(
  z.object({
    seq: z.int(),
    ts: moment,
    type: z.string(),
    actor: z.string(),
    context: context.nullable(),
    subject: z.string(),
    details: json,
  }),
)

export const BOARD_VIEWS = {
  Task: task,
  TaskLog: shapeOf<TaskLogEntry>()(z.object({ seq: z.int(), at: moment, actor: z.string(), text: z.string() })),
  TaskLogged: z.object({ taskId: z.string(), text: z.string() }),
  TaskTaken: shapeOf<TakenTask>()(z.object({ task, lease })),
  Lease: lease,
  BoardState: z.object({ data: z.array(json), etag: z.string() }),
  Event: event,
}

/** A poll that ends without an event has an empty list, and says where the next one goes on. */
export const POLL_VIEWS = {
  EventPoll: z.object({ items: z.array(event), nextCursor: z.string() }),
}
