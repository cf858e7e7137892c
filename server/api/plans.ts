import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { decideAction, switchPlanSource } from '#core/plans/decide.ts'
import { hintSchedule } from '#core/plans/say.ts'
import { getSchedule } from '#core/schedules/read.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { doOnce } from './replay.ts'
import { pathId, readRequest } from './request.ts'
import { text } from './schemas.ts'

/** Exactly one of everyMs, at and note. */
const hintBody = z.strictObject({
  /** How often to come for a while. */
  everyMs: z.number().int().exactOptional(),
  /** When to come next: ISO 8601, or words in the zone of the schedule. */
  at: text(100).exactOptional(),
  /** Something it is to know when it plans. */
  note: text(1_000).exactOptional(),
  /** Until when that holds; a day, and a month for notes, when left out. */
  until: text(100).exactOptional(),
})
const sourceBody = z.strictObject({
  /** An endpoint by name, or job:<name>. */
  name: text(120).min(1),
  to: z.enum(['on', 'off']),
})
const actionBody = z.strictObject({ actionId: text(60).min(1), decision: z.enum(['yes', 'no']) })

const pathSchedule = (c: Context<Env>): string => pathId(c, 'id', 'such schedule')

/** What people say to schedules that are planned anew each time. */
export function planRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.post(
    '/schedules/:id/hints',
    describe({
      summary: 'Tell a planned schedule something that holds for a while',
      group: 'schedules',
      body: hintBody,
      answers: { 200: 'Schedule' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, hintBody)
      const id = pathSchedule(c)
      await doOnce(c, actor, (once) => hintSchedule(core, once, { id, ...body }))
      return c.json(await getSchedule(core, actor, id))
    },
  )

  app.post(
    '/schedules/:id/sources',
    describe({
      summary: 'Turn an endpoint or job of a planned schedule on or off for it',
      group: 'schedules',
      body: sourceBody,
      answers: { 200: 'Schedule' },
      refuses: ['conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, sourceBody)
      const id = pathSchedule(c)
      await doOnce(c, actor, (once) => switchPlanSource(core, once, { id, ...body }))
      return c.json(await getSchedule(core, actor, id))
    },
  )

  app.post(
    '/schedules/:id/actions',
    describe({
      summary: 'Answer what the model of a planned schedule has recommended',
      group: 'schedules',
      body: actionBody,
      answers: { 200: 'Schedule' },
      refuses: ['conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, actionBody)
      const id = pathSchedule(c)
      const { actionId, decision } = body
      await doOnce(c, actor, (once) => decideAction(core, once, { id: actionId, scheduleId: id, decision }))
      return c.json(await getSchedule(core, actor, id))
    },
  )
  return app
}
