import { z } from 'zod'
import type { CycleExplained } from '#core/plans/explain.ts'
import type { PlanView } from '#core/plans/view.ts'
import type { Explanation } from '#core/schedules/explain.ts'
import type { FireView, ScheduleView } from '#core/schedules/view.ts'
import { context, failure, json, moment, shapeOf, usd } from './shape.ts'

const apply = z.enum(['auto', 'ask', 'never'])
const sourceState = z.enum(['ok', 'warned', 'disabled'])

const plan = shapeOf<PlanView>()(
  z.object({
    goal: z.string(),
    endpoints: z.array(z.string()),
    jobs: z.array(z.string()),
    minMs: z.int(),
    maxMs: z.int(),
    cooldownMs: z.int(),
    tokensPerCycle: z.int().nullable(),
    tokensPerDay: z.int().nullable(),
    lenient: z.boolean(),
    fallback: z.enum(['interval', 'adaptive']),
    model: z.string().nullable(),
    apply: z.object({
      pause: apply,
      resume: apply,
      change_interval: apply,
      disable_endpoint: apply,
      notify: apply,
      ask_person: apply,
    }),
    sources: z.array(
      z.object({
        name: z.string().meta({ description: 'An endpoint by name, or job:<name>' }),
        state: sourceState,
        health: z.string(),
        restsUntil: moment.nullable(),
      }),
    ),
    hints: z.array(
      z.object({
        id: z.string(),
        saidBy: z.enum(['person', 'model']),
        everyMs: z.int().nullable(),
        at: moment.nullable(),
        note: z.string().nullable(),
        until: moment,
      }),
    ),
    asked: z
      .array(
        z.object({
          id: z.string(),
          action: z.string(),
          description: z.string(),
          reason: z.string(),
          status: z.enum(['applied', 'asked', 'declined', 'dropped']),
          at: moment,
        }),
      )
      .meta({ description: 'Recommendations of a model that wait for an answer' }),
  }),
)

const cycle = shapeOf<CycleExplained>()(
  z.object({
    id: z.string(),
    dueAt: moment,
    status: z.enum(['planning', 'repairing', 'running', 'scheduling', 'done', 'failed']),
    byHand: z.boolean(),
    known: z.array(z.string()),
    plan: z
      .object({
        by: z.enum(['model', 'repaired', 'salvaged', 'without_model', 'none']),
        strategy: z.string(),
        reasoning: z.string(),
        confidence: z.number(),
        calls: z.array(z.object({ endpoint: z.string(), status: z.string(), error: z.string().nullable() })),
      })
      .nullable(),
    changed: z.array(z.string()).meta({ description: 'What was repaired, dropped, or done instead' }),
    went: z.array(z.string()),
    recommended: z.array(z.string()),
    next: z
      .object({
        at: moment,
        by: z.enum(['person', 'model', 'model_hint', 'adaptive', 'interval']),
        because: z.array(z.string()),
      })
      .nullable(),
    error: failure.nullable(),
    tokens: z.int(),
    costUsd: usd,
    mock: z.boolean(),
    story: z.string().meta({ description: 'All of it in sentences' }),
  }),
)

const schedule = shapeOf<ScheduleView>()(
  z.object({
    id: z.string(),
    jobId: z.string(),
    inputs: json,
    context,
    ownerId: z.string().meta({ description: 'Whose rights its runs have' }),
    kind: z.enum(['cron', 'interval', 'once', 'planned']),
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
    plan: plan.nullable().meta({ description: 'Of kind planned: what it is after, and how it stands' }),
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
    z.object({
      schedule,
      nextAt: moment.nullable(),
      why: z.array(z.string()),
      lastFires: z.array(fire),
      cycles: z.array(cycle).meta({ description: 'Of kind planned: its last cycles, the newest first' }),
    }),
  ),
  ScheduleRun: z.object({ scheduleId: z.string(), runId: z.string() }),
}
