import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { makeRule, rewordRule } from '#commands/remote.ts'
import { pauseRule, removeRule, resumeRule } from '#core/rules/change.ts'
import { findRuleFires, findRules, getRule } from '#core/rules/read.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { cursor } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathId, readRequest } from './request.ts'
import { anyJson, contextBody, limit, text } from './schemas.ts'

/** Which events: one type or several, whole or by their beginning (`run.*`). */
export const eventFilter = z
  .strictObject({
    type: text(100).exactOptional(),
    types: z.array(text(100)).max(50).exactOptional(),
    subject: text(200).min(1).exactOptional(),
    actor: text(200).min(1).exactOptional(),
    details: z
      .record(
        text(500).min(1),
        anyJson.transform((value) => value as never),
      )
      .exactOptional(),
  })
  .transform(({ type, types = [], ...rest }) => ({ ...rest, types: type === undefined ? types : [type, ...types] }))

const terms = {
  command: text(8_000),
  on: eventFilter.exactOptional(),
  /** ISO 8601, or words in the zone: `tomorrow 9am`, `every weekday at 9`. */
  at: text(200).exactOptional(),
  timezone: text(64).exactOptional(),
  name: text(200).exactOptional(),
  ratePerHour: z.number().int().exactOptional(),
}
const createBody = z.strictObject({ ...terms, context: contextBody.exactOptional() })
const changeBody = z.strictObject(terms)
const nothing = z.strictObject({})
const listQuery = z.strictObject({ cursor, limit: limit(50, 200) })

const pathRule = (c: Context<Env>): string => pathId(c, 'id', 'such rule')

/** Commands that are said by themselves. Those of other people and teams do not exist. */
export function ruleRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/rules',
    describe({
      summary: 'Commands that are said by themselves',
      group: 'schedules',
      query: listQuery,
      answers: { 200: { list: 'Rule' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await findRules(core, actor, readQuery(c, listQuery)))
    },
  )

  app.post(
    '/rules',
    describe({
      summary: 'Have a command said when something happens, or at a time',
      group: 'schedules',
      body: createBody,
      answers: { 201: 'Rule' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, createBody)
      const { context: _, ...rule } = body
      const { id } = await doOnce(c, actor, (once) => makeRule(core, once, rule))
      return c.json(await getRule(core, actor, id), 201, { Location: `/v1/rules/${id}` })
    },
  )

  app.get('/rules/:id', describe({ summary: 'A rule', group: 'schedules', answers: { 200: 'Rule' } }), async (c) => {
    const actor = await actorOf(core, c)
    return c.json(await getRule(core, actor, pathRule(c)))
  })

  app.put(
    '/rules/:id',
    describe({
      summary: 'Put another rule in its place',
      more: 'Whoever changes it says its command from then on.',
      group: 'schedules',
      body: changeBody,
      answers: { 200: 'Rule' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, changeBody)
      const id = pathRule(c)
      const { context } = await getRule(core, actor, id)
      await doOnce(c, actor, (once) => rewordRule(core, { ...once, context }, { id, terms: body }))
      return c.json(await getRule(core, actor, id))
    },
  )

  app.delete(
    '/rules/:id',
    describe({ summary: 'Remove a rule', group: 'schedules', answers: { 204: null } }),
    async (c) => {
      const actor = await actorOf(core, c)
      await removeRule(core, actor, { id: pathRule(c) })
      return c.body(null, 204)
    },
  )

  app.post(
    '/rules/:id/pause',
    describe({
      summary: 'Have it say nothing for a while',
      group: 'schedules',
      body: nothing,
      answers: { 200: 'Rule' },
      refuses: ['conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor } = await readRequest(core, c, nothing)
      const id = pathRule(c)
      await doOnce(c, actor, (once) => pauseRule(core, once, { id }))
      return c.json(await getRule(core, actor, id))
    },
  )

  app.post(
    '/rules/:id/resume',
    describe({
      summary: 'Have it speak again',
      group: 'schedules',
      body: nothing,
      answers: { 200: 'Rule' },
      refuses: ['conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor } = await readRequest(core, c, nothing)
      const id = pathRule(c)
      await doOnce(c, actor, (once) => resumeRule(core, once, { id }))
      return c.json(await getRule(core, actor, id))
    },
  )

  app.get(
    '/rules/:id/fires',
    describe({
      summary: 'What it has said, and why it was silent',
      group: 'schedules',
      query: listQuery,
      answers: { 200: { list: 'RuleFire' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await findRuleFires(core, actor, { id: pathRule(c), ...readQuery(c, listQuery) }))
    },
  )
  return app
}
