import { Hono } from 'hono'
import { z } from 'zod'
import type { Actor } from '#core/actor.ts'
import { teamContext } from '#core/context.ts'
import { numberCursor } from '#core/cursor.ts'
import { cancelRun } from '#core/runs/cancel.ts'
import { findRunsOf } from '#core/runs/of-person.ts'
import { getRunPage } from '#core/runs/page.ts'
import { findRuns, runEvents } from '#core/runs/read.ts'
import { retryRun } from '#core/runs/retry.ts'
import { exportRun } from '#core/variants/export.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { inBatch } from './batch.ts'
import { cursor } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathAccount, pathId, pathTeam, readRequest } from './request.ts'
import { personQuery, runQuery, runQueryOf } from './run-query.ts'
import { limit, text } from './schemas.ts'
import { exportedView, exportFormat } from './variants.ts'

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
      query: runQuery,
      answers: { 200: { list: 'RunListed' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await findRuns(core, actor, runQueryOf(readQuery(c, runQuery))))
    },
  )

  app.get(
    '/teams/:id/runs',
    describe({ summary: 'Runs of a team', group: 'runs', query: runQuery, answers: { 200: { list: 'RunListed' } } }),
    async (c) => {
      const actor = await actorOf(core, c)
      const context = teamContext(pathTeam(c))
      return c.json(await findRuns(core, actor, { ...runQueryOf(readQuery(c, runQuery)), context }))
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
      return c.json(await findRunsOf(core, actor, pathAccount(c), runQueryOf(readQuery(c, personQuery))))
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
      const results = await inBatch(actor, body.ids, (own, id) => ACTIONS[body.action](own, id, body))
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
    async cancel(actor: Actor, id: string) {
      await cancelRun(core, actor, id)
      return {}
    },
    async retry(actor: Actor, id: string) {
      await retryRun(core, actor, { runId: id, from: 'failed_step', definition: 'pinned' })
      return {}
    },
    async export(actor: Actor, id: string, { format }: BatchBody) {
      const { files } = exportedView(await exportRun(core, actor, { runId: id, format }))
      return { files }
    },
  }
  return app
}
