import { z } from 'zod'
import type { Explanation } from '#core/schedules/explain.ts'
import type { FireView, ScheduleView } from '#core/schedules/view.ts'
import { context, failure, json, moment, shapeOf, usd } from './shape.ts'

const schedule = shapeOf<ScheduleView>()(
  z.object({
    id: z.string(),
    jobId: z.string(),
    inputs: json,
    context,
    ownerId: z.string().meta({ description: 'Whose rights its runs have' }),
    kind: z.enum(['cron', 'interval', 'once']),
    cron: z.string().nullable(),
    everyMs: z.int().nullable(),
    at: moment.nullable(),
    timezone: z.string(),
    description: z.string().meta({ description: 'When it runs, in words' }),
    missed: z.object({ policy: z.enum(['skip', 'once', 'all']), max: z.int().nullable() }),
    budgetUsd: usd.nullable(),
    usedUsd: usd.nullable(),
    expiresAt: moment.nullable(),
    maxRuns: z.int().nullable(),
    runs: z.int(),
    status: z.enum(['active', 'paused', 'ended']),
    reason: z.string().nullable(),
    pausedUntil: moment.nullable(),
    nextFires: z.array(moment),
    createdAt: moment,
  }),
)

const fire = shapeOf<FireView>()(
  z.object({
    dueAt: moment,
    status: z.enum(['started', 'skipped', 'missed']),
    runId: z.string().nullable(),
    runStatus: z.string().nullable(),
    costUsd: usd.nullable(),
    reason: failure.nullable(),
    byHand: z.boolean(),
    until: moment.nullable().meta({ description: 'It stands for all times up to here' }),
  }),
)

export const SCHEDULE_VIEWS = {
  Schedule: schedule,
  Fire: fire,
  ScheduleExplained: shapeOf<Explanation>()(
    z.object({ schedule, nextAt: moment.nullable(), why: z.array(z.string()), lastFires: z.array(fire) }),
  ),
  ScheduleRun: z.object({ scheduleId: z.string(), runId: z.string() }),
}
