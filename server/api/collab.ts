import { Hono } from 'hono'
import { z } from 'zod'
import { acquireBoardLease, findBoardLeases, keepBoardLease, releaseBoardLease } from '#core/board/leases.ts'
import { boardState, STATE_KINDS } from '#core/board/state.ts'
import { notFound } from '#core/errors.ts'
import { failExecutable, handInExecutable, startExecutable, takeExecutable } from '#core/tasks/executor.ts'
import { EXECUTOR_TOOLS } from '#core/tasks/fields.ts'
import { namesEtag } from '#core/tasks/task.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { cursor } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathId, readRequest } from './request.ts'
import { contextBody, jsonObject, limit, text } from './schemas.ts'
import { answer, pathTask } from './tasks.ts'

/** A second is for tests and the impatient; a day is as long as anybody is silent and still at work. */
export const ttlSeconds = z.number().int().min(1).max(86_400).default(900)
const acquireBody = z.strictObject({
  resource: text(200).min(1),
  purpose: text(500).default(''),
  ttlSeconds,
  context: contextBody.exactOptional(),
})
const epochBody = z.strictObject({ epoch: z.number().int().min(1) })
const listQuery = z.strictObject({ cursor, limit: limit(100, 500) })
const nothing = z.strictObject({})
const takeBody = z.strictObject({
  tools: z
    .array(z.enum(EXECUTOR_TOOLS))
    .min(1)
    .default([...EXECUTOR_TOOLS]),
  ttlSeconds: ttlSeconds.default(60),
  context: contextBody.exactOptional(),
})
const lease = { leaseId: text(100), epoch: z.number().int().min(1) }
const startBody = z.strictObject(lease)
const resultBody = z.strictObject({ ...lease, result: jsonObject })
const failBody = z.strictObject({
  ...lease,
  error: z.strictObject({ code: text(100), message: text(2_000) }),
  /** No further try is made: the task has failed. */
  isFinal: z.boolean(),
})

/** The board as it is, leases on whatever only one may do at a time, and what workers say of the tasks they do. */
export function collabRoutes(deps: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()
  addState(app, deps)
  addLeases(app, deps)
  addExecutors(app, deps)
  return app
}

function addState(app: Hono<Env>, { core }: ServerDeps): void {
  app.get(
    '/collab/state/:kind',
    describe({
      summary: 'The board at this moment',
      more: '`tasks`, `leases` or `agents`.',
      group: 'tasks',
      query: nothing,
      etag: 'taken',
      answers: { 200: 'BoardState', 304: null },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      readQuery(c, nothing)
      const kind = STATE_KINDS.find((one) => one === c.req.param('kind'))
      if (!kind) throw notFound('such state')
      const state = await boardState(core, actor, kind)
      const known = c.req.header('if-none-match')
      c.header('ETag', state.etag)
      return known !== undefined && namesEtag(known, state.etag) ? c.body(null, 304) : c.json(state)
    },
  )
}

function addLeases(app: Hono<Env>, { core }: ServerDeps): void {
  app.get(
    '/collab/leases',
    describe({ summary: 'What is held', group: 'tasks', query: listQuery, answers: { 200: { list: 'Lease' } } }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await findBoardLeases(core, actor, readQuery(c, listQuery)))
    },
  )

  app.post(
    '/collab/leases/acquire',
    describe({
      summary: 'Hold what only one may do at a time',
      group: 'tasks',
      body: acquireBody,
      answers: { 200: 'Lease' },
      refuses: ['conflict', 'bad_input', 'limit_reached'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, acquireBody)
      const { context: _, ...wish } = body
      return c.json(await doOnce(c, actor, (once) => acquireBoardLease(core, once, wish)))
    },
  )

  app.post(
    '/collab/leases/:id/heartbeat',
    describe({
      summary: 'Give a sign of life',
      more: 'Who comes with an old epoch is late: 409.',
      group: 'tasks',
      body: epochBody,
      answers: { 200: 'Lease' },
      refuses: ['conflict'],
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, epochBody)
      return c.json(await keepBoardLease(core, actor, { leaseId: pathId(c, 'id', 'such lease'), ...body }))
    },
  )

  app.post(
    '/collab/leases/:id/release',
    describe({
      summary: 'Give it back',
      group: 'tasks',
      body: epochBody,
      answers: { 200: 'Lease' },
      refuses: ['conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, epochBody)
      const key = { leaseId: pathId(c, 'id', 'such lease'), ...body }
      return c.json(await doOnce(c, actor, (once) => releaseBoardLease(core, once, key)))
    },
  )
}

function addExecutors(app: Hono<Env>, { core }: ServerDeps): void {
  app.post(
    '/collab/executor/take',
    describe({
      summary: 'Take a task that a tool can do',
      group: 'tasks',
      body: takeBody,
      answers: { 200: 'TaskTaken', 204: null },
      refuses: ['conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, takeBody)
      const { context: _, ...wish } = body
      const taken = await doOnce(c, actor, (once) => takeExecutable(core, once, wish))
      return taken === null ? c.body(null, 204) : c.json(taken)
    },
  )

  app.post(
    '/collab/executor/:id/start',
    describe({
      summary: 'Say that the work has begun',
      group: 'tasks',
      body: startBody,
      answers: { 200: 'Task' },
      refuses: ['conflict'],
      etag: 'answered',
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, startBody)
      return answer(c, await doOnce(c, actor, (once) => startExecutable(core, once, { id: pathTask(c), ...body })))
    },
  )

  app.post(
    '/collab/executor/:id/result',
    describe({
      summary: 'Hand the result in',
      group: 'tasks',
      body: resultBody,
      answers: { 200: 'Task' },
      refuses: ['conflict', 'bad_input'],
      etag: 'answered',
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, resultBody)
      return answer(c, await doOnce(c, actor, (once) => handInExecutable(core, once, { id: pathTask(c), ...body })))
    },
  )

  app.post(
    '/collab/executor/:id/failure',
    describe({
      summary: 'Say that it did not work',
      group: 'tasks',
      body: failBody,
      answers: { 200: 'Task' },
      refuses: ['conflict', 'bad_input'],
      etag: 'answered',
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, failBody)
      return answer(c, await doOnce(c, actor, (once) => failExecutable(core, once, { id: pathTask(c), ...body })))
    },
  )
}
