import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { AppError } from '#core/errors.ts'
import type { Check } from '#core/tasks/judge.ts'
import { matchTask } from '#core/tasks/match/match.ts'
import { taskMetrics } from '#core/tasks/metrics.ts'
import { createFromTemplate, deleteTaskTemplate, listTaskTemplates, saveTaskTemplate } from '#core/tasks/templates.ts'
import { validateTask } from '#core/tasks/validate.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { pageOf, pageQuery } from './pages.ts'
import { doOnce } from './replay.ts'
import { readRequest } from './request.ts'
import { anyJson, contextBody, limit, text } from './schemas.ts'
import { patchBody } from './task-bodies.ts'
import { answer, pathTask } from './tasks.ts'

const metricsQuery = z.strictObject({
  /** How far back what has ended counts. */
  days: limit(30, 366),
})
const checked = { itemId: text(20), path: text(200).min(1) }
const check = z.union([
  z.strictObject({ ...checked, equals: anyJson.refine((value) => value !== undefined, 'is needed') }),
  z.strictObject({ ...checked, contains: text(1_000).min(1) }),
  z.strictObject({ ...checked, atLeast: z.number() }),
  z.strictObject({ ...checked, atMost: z.number() }),
  z.strictObject({ ...checked, isPresent: z.boolean() }),
])
const validateBody = z.strictObject({ checks: z.array(check).max(200) })
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/

/** How a board does, tasks to be made again, and what of a task is so. Under both names, and before what takes an id: no task is called so. */
export function taskExtraRoutes(deps: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()
  for (const base of ['/tasks', '/collab/tasks']) {
    addMetrics(app, base, deps)
    addTemplates(app, base, deps)
    addValidation(app, base, deps)
    addMatch(app, base, deps)
  }
  return app
}

function addMetrics(app: Hono<Env>, base: string, { core }: ServerDeps): void {
  app.get(
    `${base}/metrics`,
    describe({ summary: 'How the board does', group: 'tasks', query: metricsQuery, answers: { 200: 'TaskMetrics' } }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await taskMetrics(core, actor, readQuery(c, metricsQuery)))
    },
  )
}

const matchBody = z.strictObject({ context: contextBody.exactOptional() })

function addMatch(app: Hono<Env>, base: string, { core }: ServerDeps): void {
  app.post(
    `${base}/:id/match`,
    describe({
      summary: 'Give a task to the agent that fits it best',
      more: 'Where rules are not sure a model is asked, in the run that is named; what comes of it stands with the task.',
      group: 'tasks',
      body: matchBody,
      answers: { 200: 'TaskMatch' },
      refuses: ['conflict', 'insufficient_funds'],
      once: 'taken',
    }),
    async (c) => {
      const { actor } = await readRequest(core, c, matchBody)
      return c.json(await doOnce(c, actor, (once) => matchTask(core, once, { id: pathTask(c) })))
    },
  )
}

function addTemplates(app: Hono<Env>, base: string, { core }: ServerDeps): void {
  app.get(
    `${base}/templates`,
    describe({
      summary: 'Templates of the board',
      group: 'tasks',
      query: pageQuery,
      answers: { 200: { list: 'TaskTemplate' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(pageOf(await listTaskTemplates(core, actor), readQuery(c, pageQuery), ({ name }) => name))
    },
  )

  app.put(
    `${base}/templates/:name`,
    describe({
      summary: 'Save a template',
      group: 'tasks',
      body: patchBody,
      answers: { 200: 'TaskTemplate' },
      refuses: ['bad_input', 'conflict'],
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, patchBody)
      return c.json(await saveTaskTemplate(core, actor, { name: nameOf(c), fields: body }))
    },
  )

  app.delete(
    `${base}/templates/:name`,
    describe({ summary: 'Delete a template', group: 'tasks', answers: { 204: null } }),
    async (c) => {
      const actor = await actorOf(core, c)
      await deleteTaskTemplate(core, actor, nameOf(c))
      return c.body(null, 204)
    },
  )

  app.post(
    `${base}/templates/:name/tasks`,
    describe({
      summary: 'Put a task on the board as a template has it',
      group: 'tasks',
      body: patchBody,
      answers: { 201: 'Task' },
      refuses: ['bad_input', 'conflict'],
      etag: 'answered',
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, patchBody)
      const wish = { name: nameOf(c), fields: body }
      const task = await doOnce(c, actor, (once) => createFromTemplate(core, once, wish))
      c.header('Location', `/v1${base}/${task.id}`)
      return answer(c, task, 201)
    },
  )
}

function addValidation(app: Hono<Env>, base: string, { core }: ServerDeps): void {
  app.post(
    `${base}/:id/validate`,
    describe({
      summary: 'Hold a task against checks of its items',
      group: 'tasks',
      body: validateBody,
      answers: { 200: 'TaskValidation' },
      refuses: ['bad_input'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, validateBody)
      const request = { id: pathTask(c), checks: body.checks as Check[] }
      return c.json(await doOnce(c, actor, (once) => validateTask(core, once, request)))
    },
  )
}

function nameOf(c: Context<Env>): string {
  const name = c.req.param('name') ?? ''
  if (NAME.test(name)) return name
  throw new AppError('bad_request', 'A template is called with 1 to 63 small letters, digits and hyphens.')
}
