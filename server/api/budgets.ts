import { Hono } from 'hono'
import { z } from 'zod'
import { readBudget, readBudgets } from '#core/policy/budgets/read.ts'
import { createBudget, removeBudget, updateBudget } from '#core/policy/budgets/save.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { pageOf, pageQuery } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathId, readRequest } from './request.ts'
import { amountUsd, contextBody, text } from './schemas.ts'

const warnPercent = z.int().min(1).max(100).exactOptional()
const stop = z.boolean().exactOptional()
const context = contextBody.exactOptional()

const budgetBody = z.strictObject({
  of: text(220).min(1),
  period: z.enum(['run', 'day', 'month']),
  limitUsd: amountUsd,
  warnPercent,
  stop,
  context,
})
const changeBody = z.strictObject({
  limitUsd: amountUsd.exactOptional(),
  warnPercent,
  stop,
  /** As it was read; left out, whatever it is now is changed. */
  version: z.int().min(1).exactOptional(),
  context,
})

/** How much may be spent on what, and how much of it is. */
export function budgetRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/budgets',
    describe({
      summary: 'Budgets of the context, and how they stand',
      group: 'money',
      query: pageQuery,
      answers: { 200: { list: 'Budget' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(pageOf(await readBudgets(core, actor), readQuery(c, pageQuery), ({ id }) => id))
    },
  )

  app.post(
    '/budgets',
    describe({
      summary: 'Set a budget',
      more: 'Of team, run, job:<name>, agent:<id>, schedule:<id>, provider:<name> or person:<account>; per run, UTC day or UTC month.',
      group: 'money',
      body: budgetBody,
      answers: { 201: 'Budget' },
      refuses: ['bad_input', 'conflict', 'not_found'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, budgetBody)
      const { context: _, ...budget } = body
      const { id } = await doOnce(c, actor, (once) => createBudget(core, once, budget))
      return c.json(await readBudget(core, actor, id), 201, { Location: `/v1/budgets/${id}` })
    },
  )

  app.get(
    '/budgets/:id',
    describe({ summary: 'A budget, and how it stands', group: 'money', answers: { 200: 'Budget' } }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await readBudget(core, actor, pathId(c, 'id', 'such budget')))
    },
  )

  app.patch(
    '/budgets/:id',
    describe({
      summary: 'Change a budget',
      more: 'What it has counted stays counted.',
      group: 'money',
      body: changeBody,
      answers: { 200: 'Budget' },
      refuses: ['bad_input', 'precondition_failed'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, changeBody)
      const id = pathId(c, 'id', 'such budget')
      const { context: _, version, ...change } = body
      await doOnce(c, actor, (once) => updateBudget(core, once, { id, version, change }))
      return c.json(await readBudget(core, actor, id))
    },
  )

  app.delete(
    '/budgets/:id',
    describe({ summary: 'End a budget', group: 'money', answers: { 204: null }, once: 'taken' }),
    async (c) => {
      const actor = await actorOf(core, c)
      const id = pathId(c, 'id', 'such budget')
      await doOnce(c, actor, (once) => removeBudget(core, once, id))
      return c.body(null, 204)
    },
  )
  return app
}
