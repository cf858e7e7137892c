import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { AppError } from '#core/errors.ts'
import { PLANNED } from '#core/plans/request.ts'
import { pauseSchedule, removeSchedule, resumeSchedule, runScheduleNow } from '#core/schedules/change.ts'
import { createSchedule } from '#core/schedules/create.ts'
import { explainSchedule } from '#core/schedules/explain.ts'
import { findFires, findSchedules, getSchedule } from '#core/schedules/read.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { cursor } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathId, readRequest } from './request.ts'
import { amountUsd, contextBody, jsonObject, limit, text } from './schemas.ts'

const apply = z.enum(['auto', 'ask', 'never']).exactOptional()
/** Of kind planned, where everyMs is how often it comes when nobody says otherwise. */
const plannedBody = {
  /** What it is after, in words. */
  goal: text(2_000).exactOptional(),
  /** Stored endpoints that it may call. */
  endpoints: z.array(text(60)).max(20).exactOptional(),
  /** Published jobs that it may run. */
  jobs: z.array(text(100)).max(20).exactOptional(),
  minMs: z.number().int().exactOptional(),
  maxMs: z.number().int().exactOptional(),
  /** Between two calls of one endpoint or job. */
  cooldownMs: z.number().int().exactOptional(),
  /** Model tokens of one cycle, and of a UTC day; used up, it goes on without a model. */
  tokensPerCycle: z.number().int().exactOptional(),
  tokensPerDay: z.number().int().exactOptional(),
  /** Keep what is right of a plan that is wrong in places; yes when left out. */
  lenient: z.boolean().exactOptional(),
  fallback: z.enum(['interval', 'adaptive']).exactOptional(),
  model: text(200).exactOptional(),
  /** What a model recommends is done by itself, asked before, or never done. */
  apply: z
    .strictObject({
      pause: apply,
      resume: apply,
      change_interval: apply,
      disable_endpoint: apply,
      notify: apply,
      ask_person: apply,
    })
    .exactOptional(),
}
const createBody = z.strictObject({
  /** A job, or one tool by its id. With kind planned it may be left out, and is one of the jobs otherwise. */
  jobId: text(100).min(1).exactOptional(),
  inputs: jsonObject.default({}),
  kind: z.enum(['cron', 'interval', 'once', 'planned']),
  /** Five fields, or six with seconds in front. */
  cron: text(200).exactOptional(),
  everyMs: z.number().int().exactOptional(),
  /** ISO 8601, or words in the zone: `tomorrow 9am`. Of an interval its first time. */
  at: text(100).exactOptional(),
  /** An IANA name; left out, that of the account. */
  timezone: text(64).exactOptional(),
  missed: z
    .strictObject({ policy: z.enum(['skip', 'once', 'all']), max: z.number().int().exactOptional() })
    .exactOptional(),
  budgetUsd: amountUsd.exactOptional(),
  expiresAt: text(100).exactOptional(),
  maxRuns: z.number().int().min(1).max(1_000_000_000).exactOptional(),
  context: contextBody.exactOptional(),
  ...plannedBody,
})
const listQuery = z.strictObject({
  jobId: text(100).exactOptional(),
  /** Without those that have ended. */
  live: z.stringbool().default(false),
  cursor,
  limit: limit(50, 200),
})
const firesQuery = z.strictObject({ cursor, limit: limit(50, 200) })
const pauseBody = z.strictObject({ until: text(100).exactOptional() })
const nothing = z.strictObject({})

/** Only what is planned each time can do without a name. */
function unnamed(kind: z.infer<typeof createBody>['kind']): string {
  if (kind === 'planned') return PLANNED
  const problem = { path: 'jobId', message: 'is required' }
  throw new AppError('bad_request', 'jobId is required: what is to run.', { problems: [problem] })
}

const pathSchedule = (c: Context<Env>): string => pathId(c, 'id', 'such schedule')

/** What starts runs by itself. Those of other people and teams do not exist. */
export function scheduleRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/schedules',
    describe({
      summary: 'What starts runs by itself',
      group: 'schedules',
      query: listQuery,
      answers: { 200: { list: 'Schedule' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const { live, ...query } = readQuery(c, listQuery)
      return c.json(await findSchedules(core, actor, { ...query, isLive: live }))
    },
  )

  app.post(
    '/schedules',
    describe({
      summary: 'Run a job again and again, or later',
      group: 'schedules',
      body: createBody,
      answers: { 201: 'Schedule' },
      refuses: ['bad_input', 'bad_definition', 'limit_reached', 'price_unknown', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, createBody)
      const { context: _, jobId, ...rest } = body
      const request = { ...rest, jobId: jobId ?? unnamed(body.kind) }
      const { id } = await doOnce(c, actor, (once) => createSchedule(core, once, request))
      return c.json(await getSchedule(core, actor, id), 201, { Location: `/v1/schedules/${id}` })
    },
  )

  app.get(
    '/schedules/:id',
    describe({ summary: 'A schedule', group: 'schedules', answers: { 200: 'Schedule' } }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await getSchedule(core, actor, pathSchedule(c)))
    },
  )

  app.delete(
    '/schedules/:id',
    describe({ summary: 'Remove a schedule', group: 'schedules', answers: { 204: null }, refuses: ['conflict'] }),
    async (c) => {
      const actor = await actorOf(core, c)
      await removeSchedule(core, actor, { id: pathSchedule(c) })
      return c.body(null, 204)
    },
  )

  app.post(
    '/schedules/:id/pause',
    describe({
      summary: 'Pause a schedule',
      group: 'schedules',
      body: pauseBody,
      answers: { 200: 'Schedule' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, pauseBody)
      const id = pathSchedule(c)
      await doOnce(c, actor, (once) => pauseSchedule(core, once, { id, ...body }))
      return c.json(await getSchedule(core, actor, id))
    },
  )

  app.post(
    '/schedules/:id/resume',
    describe({
      summary: 'Resume a schedule',
      group: 'schedules',
      body: nothing,
      answers: { 200: 'Schedule' },
      refuses: ['conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor } = await readRequest(core, c, nothing)
      const id = pathSchedule(c)
      await doOnce(c, actor, (once) => resumeSchedule(core, once, { id }))
      return c.json(await getSchedule(core, actor, id))
    },
  )

  app.post(
    '/schedules/:id/run-now',
    describe({
      summary: 'Run it now, beside its times',
      group: 'schedules',
      body: nothing,
      answers: { 202: 'ScheduleRun' },
      refuses: [
        'bad_input',
        'bad_definition',
        'insufficient_funds',
        'limit_reached',
        'price_unknown',
        'confirmation_needed',
        'conflict',
      ],
      once: 'taken',
    }),
    async (c) => {
      const { actor } = await readRequest(core, c, nothing)
      const id = pathSchedule(c)
      const { runId } = await doOnce(c, actor, (once) => runScheduleNow(core, once, { id }))
      return c.json({ scheduleId: id, runId }, 202, { Location: `/v1/runs/${runId}` })
    },
  )

  app.get(
    '/schedules/:id/fires',
    describe({
      summary: 'What became of its times',
      group: 'schedules',
      query: firesQuery,
      answers: { 200: { list: 'Fire' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await findFires(core, actor, { id: pathSchedule(c), ...readQuery(c, firesQuery) }))
    },
  )

  app.get(
    '/schedules/:id/explain',
    describe({
      summary: 'Why it comes when it comes, or does not',
      group: 'schedules',
      answers: { 200: 'ScheduleExplained' },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await explainSchedule(core, actor, pathSchedule(c)))
    },
  )
  return app
}
