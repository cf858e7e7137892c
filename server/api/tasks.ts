import { type Context, Hono } from 'hono'
import { AppError } from '#core/errors.ts'
import { claimTask } from '#core/tasks/claim.ts'
import { createTask } from '#core/tasks/create.ts'
import { checkItem, editTask } from '#core/tasks/edit.ts'
import { findTasks, getTask, logOnTask, taskLog } from '#core/tasks/read.ts'
import { namesEtag, type TaskView } from '#core/tasks/task.ts'
import { moveTask } from '#core/tasks/transition.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { inBatch } from './batch.ts'
import { doOnce } from './replay.ts'
import { pathId, readRequest } from './request.ts'
import {
  batchBody,
  checkBody,
  claimBody,
  createBody,
  listQuery,
  logBody,
  logQuery,
  moveBody,
  nothing,
  patchBody,
} from './task-bodies.ts'

export const pathTask = (c: Context<Env>): string => pathId(c, 'id', 'such task')

/** What is to be done on a board: the same routes under `/tasks` and `/collab/tasks`. */
export function taskRoutes(deps: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()
  for (const base of ['/tasks', '/collab/tasks']) addTasks(app, base, deps)
  return app
}

function addTasks(app: Hono<Env>, base: string, { core }: ServerDeps): void {
  app.get(
    base,
    describe({ summary: 'Tasks of the board', group: 'tasks', query: listQuery, answers: { 200: { list: 'Task' } } }),
    async (c) => {
      const actor = await actorOf(core, c)
      const { assignee, ...query } = readQuery(c, listQuery)
      const whose = assignee === 'me' ? actor.accountId : assignee === 'none' ? null : assignee
      return c.json(await findTasks(core, actor, { ...query, ...(whose === undefined ? {} : { assignee: whose }) }))
    },
  )

  app.post(
    base,
    describe({
      summary: 'Put a task on the board',
      group: 'tasks',
      body: createBody,
      answers: { 201: 'Task' },
      refuses: ['bad_input', 'conflict', 'limit_reached'],
      etag: 'answered',
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, createBody)
      const { context: _, ...asked } = body
      const task = await doOnce(c, actor, (once) => createTask(core, once, asked))
      c.header('Location', `/v1${base}/${task.id}`)
      return answer(c, task, 201)
    },
  )

  app.post(
    `${base}/batch`,
    describe({
      summary: 'Move or change several tasks',
      more: 'Each has its own result. `edit` changes each as it is by then.',
      group: 'tasks',
      body: batchBody,
      answers: { 200: 'BatchResult' },
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, batchBody)
      const results = await inBatch(actor, body.ids, async (own, id) => {
        if (body.action === 'transition') await moveTask(core, own, { id, to: body.to, ...reasonOf(body) })
        else await editTask(core, own, { id, fields: body.fields, ifMatch: '*' })
        return {}
      })
      return c.json({ results })
    },
  )

  // Before what takes an id: no task is called claim.
  app.post(
    `${base}/claim`,
    describe({
      summary: 'Take the task that is first in line',
      group: 'tasks',
      body: claimBody,
      answers: { 200: 'Task' },
      refuses: ['conflict'],
      etag: 'answered',
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, claimBody)
      const { context: _, ...wish } = body
      return answer(c, await doOnce(c, actor, (once) => claimTask(core, once, wish)))
    },
  )

  app.get(
    `${base}/:id`,
    describe({ summary: 'A task', group: 'tasks', etag: 'taken', answers: { 200: 'Task', 304: null } }),
    async (c) => {
      const actor = await actorOf(core, c)
      const task = await getTask(core, actor, pathTask(c))
      const known = c.req.header('if-none-match')
      c.header('ETag', task.etag)
      return known !== undefined && namesEtag(known, task.etag) ? c.body(null, 304) : c.json(task)
    },
  )

  app.patch(
    `${base}/:id`,
    describe({
      summary: 'Change a task',
      group: 'tasks',
      etag: 'needed',
      body: patchBody,
      answers: { 200: 'Task' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, patchBody)
      const request = { id: pathTask(c), fields: body, ifMatch: c.req.header('if-match') }
      return answer(c, await doOnce(c, actor, (once) => editTask(core, once, request)).catch(tellEtag(c)))
    },
  )

  app.post(
    `${base}/:id/transition`,
    describe({
      summary: 'Move a task on',
      group: 'tasks',
      etag: 'taken',
      body: moveBody,
      answers: { 200: 'Task' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, moveBody)
      const ifMatch = c.req.header('if-match')
      const move = { id: pathTask(c), ...body, ...(ifMatch === undefined ? {} : { ifMatch }) }
      return answer(c, await doOnce(c, actor, (once) => moveTask(core, once, move)).catch(tellEtag(c)))
    },
  )

  app.post(
    `${base}/:id/claim`,
    describe({
      summary: 'Take a task',
      group: 'tasks',
      body: nothing,
      answers: { 200: 'Task' },
      refuses: ['conflict'],
      etag: 'answered',
      once: 'taken',
    }),
    async (c) => {
      const { actor } = await readRequest(core, c, nothing)
      return answer(c, await doOnce(c, actor, (once) => claimTask(core, once, { id: pathTask(c) })))
    },
  )

  app.post(
    `${base}/:id/check`,
    describe({
      summary: 'Tick an item of a task off',
      group: 'tasks',
      body: checkBody,
      answers: { 200: 'Task' },
      refuses: ['conflict', 'bad_input'],
      etag: 'answered',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, checkBody)
      return answer(c, await checkItem(core, actor, { id: pathTask(c), ...body }))
    },
  )

  app.get(
    `${base}/:id/logs`,
    describe({
      summary: 'What happened to a task',
      group: 'tasks',
      query: logQuery,
      answers: { 200: { list: 'TaskLog' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await taskLog(core, actor, { id: pathTask(c), ...readQuery(c, logQuery) }))
    },
  )

  app.post(
    `${base}/:id/logs`,
    describe({
      summary: 'Note something on a task',
      group: 'tasks',
      body: logBody,
      answers: { 201: 'TaskLogged' },
      refuses: ['bad_input'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, logBody)
      await doOnce(c, actor, (once) => logOnTask(core, once, { id: pathTask(c), ...body }))
      return c.json({ taskId: pathTask(c), ...body }, 201)
    },
  )
}

export function answer(c: Context<Env>, task: TaskView, status: 200 | 201 = 200): Response {
  c.header('ETag', task.etag)
  return c.json(task, status)
}

const reasonOf = ({ reason }: { reason?: string }) => (reason === undefined ? {} : { reason })

/** Who was too slow learns what is there now. */
const tellEtag =
  (c: Context<Env>) =>
  (error: unknown): never => {
    if (error instanceof AppError && error.details.facts?.etag) c.header('ETag', String(error.details.facts.etag))
    throw error
  }
