import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { askForBudget } from '#core/budgets/ask.ts'
import { declineBudget, grantBudget } from '#core/budgets/decide.ts'
import { findBudgetRequests, getBudgetRequest } from '#core/budgets/read.ts'
import { actorOf, requireIdempotencyKey, requirePrincipal } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { cursor } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathId, readRequest } from './request.ts'
import { amountUsd, contextBody, limit, moment, text } from './schemas.ts'

const LIMITS = ['available', 'member_monthly_cap', 'team_monthly_cap', 'team_monthly_runs'] as const
const runs = z.number().int().min(1).max(1_000_000)

const askBody = z.strictObject({
  runId: text(64).min(1).exactOptional(),
  limit: z.enum(LIMITS).exactOptional(),
  amountUsd: amountUsd.exactOptional(),
  /** Instead of an amount, for a limit of runs. */
  runs: runs.exactOptional(),
  until: moment.exactOptional(),
  reason: text(1_000).exactOptional(),
  context: contextBody.exactOptional(),
})
const grantBody = z.strictObject({
  amountUsd: amountUsd.exactOptional(),
  runs: runs.exactOptional(),
  until: moment.exactOptional(),
})
const declineBody = z.strictObject({ reason: text(1_000).exactOptional() })
const listQuery = z.strictObject({
  status: z.enum(['open', 'granted', 'declined', 'expired']).exactOptional(),
  cursor,
  limit: limit(50, 200),
})

/** Asking for more money or more room under a limit, and the answers. */
export function budgetRequestRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()
  const pathRequest = (c: Context<Env>): string => pathId(c, 'id', 'such request')

  app.get(
    '/budget-requests',
    describe({
      summary: 'Who asked for more, and what came of it',
      group: 'money',
      query: listQuery,
      answers: { 200: { list: 'BudgetRequest' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await findBudgetRequests(core, actor, readQuery(c, listQuery)))
    },
  )

  app.get(
    '/budget-requests/:id',
    describe({ summary: 'A request for more', group: 'money', answers: { 200: 'BudgetRequest' } }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await getBudgetRequest(core, actor, pathRequest(c)))
    },
  )

  app.post(
    '/budget-requests',
    describe({
      summary: 'Ask for more money, or more room under a limit',
      group: 'money',
      body: askBody,
      answers: { 201: 'BudgetRequest' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, askBody)
      const { runId, limit, reason } = body
      const request = {
        ...(runId === undefined ? {} : { runId }),
        ...(limit === undefined ? {} : { limit }),
        ...(reason === undefined ? {} : { reason }),
        ...sizeOf(body),
      }
      const asked = await doOnce(c, actor, (once) => askForBudget(core, once, request))
      return c.json(asked, 201, { Location: `/v1/budget-requests/${asked.id}` })
    },
  )

  app.post(
    '/budget-requests/:id/grant',
    describe({
      summary: 'Grant what was asked for',
      more: 'The first decision wins.',
      group: 'money',
      body: grantBody,
      answers: { 200: 'BudgetGranted' },
      refuses: ['bad_input', 'conflict', 'expired', 'insufficient_funds'],
      once: 'needed',
    }),
    async (c) => {
      requirePrincipal(c)
      requireIdempotencyKey(c)
      const { actor, body } = await readRequest(core, c, grantBody)
      const grant = { requestId: pathRequest(c), ...sizeOf(body) }
      return c.json(await doOnce(c, actor, (once) => grantBudget(core, once, grant)))
    },
  )

  app.post(
    '/budget-requests/:id/decline',
    describe({
      summary: 'Decline what was asked for',
      group: 'money',
      body: declineBody,
      answers: { 200: 'BudgetRequest' },
      refuses: ['bad_input', 'conflict', 'expired'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, declineBody)
      const decline = { requestId: pathRequest(c), ...body }
      return c.json(await doOnce(c, actor, (once) => declineBudget(core, once, decline)))
    },
  )
  return app
}

type Sized = z.infer<typeof grantBody>

function sizeOf({ amountUsd, runs, until }: Sized): { amount?: string; untilMs?: number } {
  const amount = amountUsd ?? (runs === undefined ? undefined : String(runs))
  return { ...(amount === undefined ? {} : { amount }), ...(until === undefined ? {} : { untilMs: until }) }
}
