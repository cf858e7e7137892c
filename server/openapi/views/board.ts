import { z } from 'zod'
import type { BoardLease } from '#core/board/lease-view.ts'
import type { EventView } from '#core/events/view.ts'
import type { TakenTask } from '#core/tasks/executor.ts'
import type { MatchAnswer } from '#core/tasks/match/match.ts'
import type { TaskMetrics } from '#core/tasks/measure.ts'
import { TASK_STATUSES, type TaskStatus } from '#core/tasks/moves.ts'
import type { TaskLogEntry } from '#core/tasks/read.ts'
import type { TaskView } from '#core/tasks/task.ts'
import type { TaskTemplate } from '#core/tasks/templates.ts'
import type { Validation } from '#core/tasks/validate.ts'
import { context, json, moment, shapeOf } from './shape.ts'

const fromStatuses = <T extends z.ZodType>(schema: T): Record<TaskStatus, T> =>
  Object.fromEntries(TASK_STATUSES.map((status) => [status, schema])) as Record<TaskStatus, T>

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

const spread = z.object({ count: z.int(), p50Seconds: z.number(), p95Seconds: z.number() })

const metrics = shapeOf<TaskMetrics>()(
  z.object({
    since: moment,
    counts: z.object(fromStatuses(z.int())),
    timeInStatus: z.object(fromStatuses(spread.exactOptional())),
    firstPassRate: z.number().min(0).max(1).nullable(),
    queueAge: spread.nullable(),
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
  TaskMatch: z.object({
    task,
    match: z
      .object({
        agentId: z.string(),
        name: z.string(),
        confidence: z.number(),
        reason: z.string(),
        by: z.enum(['rules', 'model']),
      })
      .nullable(),
    runId: z.string().nullable(),
  }) satisfies z.ZodType<MatchAnswer>,
  TaskTaken: shapeOf<TakenTask>()(z.object({ task, lease })),
  TaskTemplate: shapeOf<TaskTemplate>()(
    z.object({ name: z.string(), fields: json, savedBy: z.string(), savedAt: moment }),
  ),
  TaskMetrics: metrics,
  TaskValidation: shapeOf<Validation>()(
    z.object({
      taskId: z.string(),
      version: z.int(),
      isPassed: z.boolean(),
      verdicts: z.array(
        z.object({
          itemId: z.string(),
          text: z.string(),
          verdict: z.enum(['passed', 'failed', 'unknown']),
          evidence: z.string(),
        }),
      ),
    }),
  ),
  Lease: lease,
  BoardState: z.object({ data: z.array(json), etag: z.string() }),
  Event: event,
}

/** A poll that ends without an event has an empty list, and says where the next one goes on. */
export const POLL_VIEWS = {
  EventPoll: z.object({ items: z.array(event), nextCursor: z.string() }),
}
