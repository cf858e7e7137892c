import { Hono } from 'hono'
import { z } from 'zod'
import type { Actor } from '#core/actor.ts'
import { teamContext } from '#core/context.ts'
import { numberCursor } from '#core/cursor.ts'
import { AppError } from '#core/errors.ts'
import { cancelRun } from '#core/runs/cancel.ts'
import { findRunsOf } from '#core/runs/of-person.ts'
import { getRunPage } from '#core/runs/page.ts'
import { findRuns, type RunQuery, runEvents } from '#core/runs/read.ts'
import { retryRun } from '#core/runs/retry.ts'
import { RUN_MOVES } from '#core/runs/states.ts'
import { exportRun } from '#core/variants/export.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { cursor } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathAccount, pathId, pathTeam, readRequest } from './request.ts'
import { limit, moment, text } from './schemas.ts'
import { exportedView, exportFormat } from './variants.ts'

const STATUSES = Object.keys(RUN_MOVES)
const statusList = z
  .string()
  .transform((list) => list.split(',').map((status) => status.trim()))
  .pipe(z.array(z.enum(STATUSES, `must be a list of ${STATUSES.join(', ')}`)))

const listQuery = z.strictObject({
  jobId: text(100).exactOptional(),
  status: statusList.exactOptional(),
  /** Started by this schedule. */
  schedule: text(64).min(1).exactOptional(),
  /** Who started it. */
  account: text(64).exactOptional(),
  /** In the job's name or the inputs. */
  text: text(200).exactOptional(),
  from: moment.exactOptional(),
  /** Before, not at. */
  to: moment.exactOptional(),
  cursor,
  limit: limit(50, 200),
})
const personQuery = listQuery.omit({ account: true })
const eventsQuery = z.strictObject({ cursor, limit: limit(200, 500) })
const nothing = z.strictObject({})
const retryBody = z.strictObject({
  /** `start` makes another run, with the same inputs. */
  from: z.enum(['failed_step', 'start']).default('failed_step'),
  definition: z.enum(['pinned', 'newest']).default('pinned'),
})
const batchBody = z.strictObject({
  action: z.enum(['cancel', 'retry', 'export']),
  ids: z.array(text(64).min(1)).min(1).max(100),
  /** Of an export. */
  format: exportFormat.default('markdown'),
})
type BatchBody = z.infer<typeof batchBody>

/** Runs: what they did, and what may still be done about them. Those of other people and teams do not exist. */
export function runRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()
  const pathRun = (c: Parameters<typeof pathId>[0]): string => pathId(c, 'id', 'such run')

  app.get(
    '/runs',
    describe({
      summary: 'Runs of the context',
      group: 'runs',
      query: listQuery,
      answers: { 200: { list: 'RunListed' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await findRuns(core, actor, queryOf(readQuery(c, listQuery))))
    },
  )

  app.get(
    '/teams/:id/runs',
    describe({ summary: 'Runs of a team', group: 'runs', query: listQuery, answers: { 200: { list: 'RunListed' } } }),
    async (c) => {
      const actor = await actorOf(core, c)
      const context = teamContext(pathTeam(c))
      return c.json(await findRuns(core, actor, { ...queryOf(readQuery(c, listQuery)), context }))
    },
  )

  app.get(
    '/users/:accountId/runs',
    describe({
      summary: 'Runs that a person started',
      group: 'runs',
      query: personQuery,
      answers: { 200: { list: 'RunListed' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await findRunsOf(core, actor, pathAccount(c), queryOf(readQuery(c, personQuery))))
    },
  )

  app.post(
    '/runs/batch',
    describe({
      summary: 'Cancel, retry or export several runs',
      more: 'Each has its own result.',
      group: 'runs',
      body: batchBody,
      answers: { 200: 'BatchResult' },
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, batchBody)
      const results: object[] = []
      // One after the other: they are changes, and each is its own.
      for (const id of new Set(body.ids)) {
        // One key stands for the whole request, and each of its actions is to be known again.
        const own = actor.requestKey === undefined ? actor : { ...actor, requestKey: `${actor.requestKey}/${id}` }
        results.push(await resultOf(id, () => ACTIONS[body.action](own, id, body)))
      }
      return c.json({ results })
    },
  )

  app.get('/runs/:id', describe({ summary: 'A run', group: 'runs', answers: { 200: 'Run' } }), async (c) => {
    const actor = await actorOf(core, c)
    return c.json(await getRunPage(core, actor, pathRun(c)))
  })

  app.get(
    '/runs/:id/events',
    describe({
      summary: 'What happened in a run',
      group: 'runs',
      query: eventsQuery,
      answers: { 200: { list: 'RunEvent' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const { cursor, limit } = readQuery(c, eventsQuery)
      const page = cursor === undefined ? { limit } : { after: numberCursor(cursor), limit }
      return c.json(await runEvents(core, actor, pathRun(c), page))
    },
  )

  app.post(
    '/runs/:id/cancel',
    describe({
      summary: 'Cancel a run',
      more: '202 while a step is still working: it ends when that does.',
      group: 'runs',
      body: nothing,
      answers: { 200: 'Run', 202: 'Run' },
      refuses: ['conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor } = await readRequest(core, c, nothing)
      const id = pathRun(c)
      const { ended } = await cancelRun(core, actor, id)
      return c.json(await getRunPage(core, actor, id), ended ? 200 : 202)
    },
  )

  app.post(
    '/runs/:id/retry',
    describe({
      summary: 'Go on with a run that failed, or run it again',
      group: 'runs',
      body: retryBody,
      answers: { 200: 'Run', 202: 'Run' },
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
      const { actor, body } = await readRequest(core, c, retryBody)
      const id = pathRun(c)
      const { runId, how } = await doOnce(c, actor, (once) => retryRun(core, once, { runId: id, ...body }))
      const run = await getRunPage(core, actor, runId)
      return how === 'released' ? c.json(run) : c.json(run, 202, { Location: `/v1/runs/${runId}` })
    },
  )

  const ACTIONS = {
    cancel: (actor: Actor, id: string) => cancelRun(core, actor, id),
    retry: (actor: Actor, id: string) =>
      retryRun(core, actor, { runId: id, from: 'failed_step', definition: 'pinned' }),
    export: async (actor: Actor, id: string, { format }: BatchBody) =>
      exportedView(await exportRun(core, actor, { runId: id, format })),
  }
  return app
}

/** `{id, ok: true}` with what else there is to say, or why not; what is a bug fails the whole request. */
async function resultOf(id: string, act: () => Promise<object>): Promise<object> {
  try {
    const { files } = (await act()) as { files?: object[] }
    return { id, ok: true, ...(files ? { files } : {}) }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { id, ok: false, error: { code: error.code, message: error.message } }
  }
}

type ListQuery = z.infer<typeof personQuery> & { account?: string }

function queryOf({ account, schedule, status, to, jobId, text, from, cursor, limit }: ListQuery): RunQuery {
  return {
    limit,
    ...(account === undefined ? {} : { accountId: account }),
    ...(schedule === undefined ? {} : { scheduleId: schedule }),
    ...(status === undefined ? {} : { statuses: status }),
    ...(jobId === undefined ? {} : { jobId }),
    ...(text === undefined ? {} : { text }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { before: to }),
    ...(cursor === undefined ? {} : { cursor }),
  }
}
