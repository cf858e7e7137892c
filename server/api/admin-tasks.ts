import { Hono } from 'hono'
import { completeTask, reassignTask, resubmitTask } from '#core/tasks/admin.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { doOnce } from './replay.ts'
import { readRequest } from './request.ts'
import { reasonBody, reassignBody } from './task-bodies.ts'
import { answer, pathTask } from './tasks.ts'

/** What an admin decides about a task against its usual moves; each with a reason that stands in its log. */
export function adminTaskRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.post(
    '/admin/tasks/:id/resubmit',
    describe({
      summary: 'Put a task back into the line',
      group: 'admin',
      body: reasonBody,
      answers: { 200: 'Task' },
      refuses: ['bad_input', 'conflict'],
      etag: 'answered',
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, reasonBody)
      return answer(c, await doOnce(c, actor, (once) => resubmitTask(core, once, { id: pathTask(c), ...body })))
    },
  )

  app.post(
    '/admin/tasks/:id/complete',
    describe({
      summary: 'Declare a task done',
      group: 'admin',
      body: reasonBody,
      answers: { 200: 'Task' },
      refuses: ['bad_input', 'conflict'],
      etag: 'answered',
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, reasonBody)
      return answer(c, await doOnce(c, actor, (once) => completeTask(core, once, { id: pathTask(c), ...body })))
    },
  )

  app.post(
    '/admin/tasks/:id/reassign',
    describe({
      summary: 'Give a task to somebody else',
      group: 'admin',
      body: reassignBody,
      answers: { 200: 'Task' },
      refuses: ['bad_input', 'conflict'],
      etag: 'answered',
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, reassignBody)
      return answer(c, await doOnce(c, actor, (once) => reassignTask(core, once, { id: pathTask(c), ...body })))
    },
  )
  return app
}
