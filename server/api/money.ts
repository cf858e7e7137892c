import { Hono, type Context as HttpContext } from 'hono'
import { z } from 'zod'
import { mayOnPlatform } from '#core/access.ts'
import type { Actor } from '#core/actor.ts'
import { type Context, personal, teamContext } from '#core/context.ts'
import { setCreditLine } from '#core/economy/credit-line.ts'
import { debit } from '#core/economy/debit.ts'
import { fund, type Payment, repay } from '#core/economy/fund.ts'
import { grant } from '#core/economy/grant.ts'
import { transferOwn } from '#core/economy/transfer-own.ts'
import { usageView } from '#core/economy/usage.ts'
import { usageCsv } from '#core/economy/usage-csv.ts'
import { walletView } from '#core/economy/wallet.ts'
import { actorOf, requireIdempotencyKey, requirePrincipal } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { entryRoutes } from './entries.ts'
import { CSV } from './piecewise.ts'
import { doOnce } from './replay.ts'
import { pathAccount, pathTeam, readRequest } from './request.ts'
import { amountUsd, contextBody, text } from './schemas.ts'

const creditBody = z.strictObject({ amountUsd, reason: text(1_000) })
const usageQuery = z.strictObject({ format: z.enum(['json', 'csv']).default('json') })
const repayBody = z.strictObject({ amountUsd, reason: text(1_000).exactOptional() })
const debitBody = z.strictObject({ amountUsd, description: text(1_000), teamId: text(64).exactOptional() })
const lineBody = z.strictObject({ limitUsd: amountUsd.nullable().default(null), enabled: z.boolean() })
const transferBody = z.strictObject({ from: contextBody, to: contextBody, amountUsd })

/** What all that moves money has in common. */
const PAYMENT = {
  group: 'money',
  answers: { 200: 'Payment' },
  refuses: ['bad_input', 'insufficient_funds', 'limit_reached', 'conflict'],
  once: 'needed',
} as const

/** Wallets and what moves between them. */
export function moneyRoutes(deps: ServerDeps): Hono<Env> {
  const { core } = deps
  const app = new Hono<Env>()
  app.route('/', entryRoutes(deps))

  app.get(
    '/wallet',
    describe({
      summary: 'The wallet of the context, and the limits one meets in it',
      group: 'money',
      answers: { 200: 'Wallet' },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await walletView(core, actor, actor.context))
    },
  )

  app.get(
    '/usage',
    describe({
      summary: 'What is spent this month, by whom, and on which models',
      more: 'Of the context’s team; of a person in all contexts. With `format=csv` as CSV.',
      group: 'money',
      query: usageQuery,
      answers: { 200: ['Usage', { media: 'text/csv', says: 'A line for each member and each model' }] },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const { format } = readQuery(c, usageQuery)
      const usage = await usageView(core, actor)
      if (format === 'json') return c.json(usage)
      const headers = { 'Content-Type': CSV, 'Content-Disposition': 'attachment; filename="usage.csv"' }
      return c.body(usageCsv(usage), 200, headers)
    },
  )

  app.get(
    '/teams/:id/wallet',
    describe({ summary: 'The wallet of a team', group: 'money', answers: { 200: 'Wallet' } }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await walletView(core, actor, teamContext(pathTeam(c))))
    },
  )

  app.post(
    '/teams/:id/economy/credit',
    describe({
      summary: 'Put money into a team’s wallet',
      more: 'From platform admins it comes from the platform, from everybody else out of their own wallet.',
      body: creditBody,
      ...PAYMENT,
    }),
    async (c) => {
      const { actor, body } = await readPayment(c, creditBody)
      const context = teamContext(pathTeam(c))
      return paid(c, context, await doOnce(c, actor, (once) => credit(once, context, body)))
    },
  )

  app.post(
    '/teams/:id/economy/repay',
    describe({
      summary: 'Pay back what a team owes',
      body: repayBody,
      ...PAYMENT,
    }),
    async (c) => {
      const { actor, body } = await readPayment(c, repayBody)
      const context = teamContext(pathTeam(c))
      return paid(c, context, await doOnce(c, actor, (once) => repay(core, once, { context, ...body })))
    },
  )

  app.put(
    '/teams/:id/economy/line-of-credit',
    describe({
      summary: 'Approve how far a team may go below zero',
      more: 'For platform admins.',
      group: 'money',
      body: lineBody,
      answers: { 200: 'CreditLine' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, lineBody)
      const context = teamContext(pathTeam(c))
      const line = { teamId: context.id, ...body }
      return c.json({ context, ...(await doOnce(c, actor, (once) => setCreditLine(core, once, line))) })
    },
  )

  app.post(
    '/users/:accountId/economy/credit',
    describe({
      summary: 'Give a person money from the platform',
      more: 'For platform admins.',
      body: creditBody,
      ...PAYMENT,
    }),
    async (c) => {
      const { actor, body } = await readPayment(c, creditBody)
      const context = personal(pathAccount(c))
      return paid(c, context, await doOnce(c, actor, (once) => credit(once, context, body)))
    },
  )

  app.post(
    '/users/:accountId/economy/debit',
    describe({
      summary: 'Charge what was no run',
      body: debitBody,
      ...PAYMENT,
    }),
    async (c) => {
      const { actor, body } = await readPayment(c, debitBody)
      const accountId = pathAccount(c)
      const context = body.teamId === undefined ? personal(accountId) : teamContext(body.teamId)
      return paid(c, context, await doOnce(c, actor, (once) => debit(core, once, { accountId, ...body })))
    },
  )

  app.post(
    '/wallet/transfers',
    describe({
      summary: 'Move money between wallets of one’s own',
      body: transferBody,
      ...PAYMENT,
    }),
    async (c) => {
      const { actor, body } = await readPayment(c, transferBody)
      return paid(c, body.from, await doOnce(c, actor, (once) => transferOwn(core, once, body)))
    },
  )

  /** Platform admins give from the platform, also where they are no members; others put in what is their own. */
  function credit(actor: Actor, context: Context, body: z.infer<typeof creditBody>): Promise<Payment> {
    if (mayOnPlatform(actor.platformRole, 'grant')) return grant(core, actor, { to: context.id, ...body })
    return fund(core, actor, { context, ...body })
  }

  async function readPayment<T extends z.ZodType<object>>(c: HttpContext<Env>, schema: T) {
    requirePrincipal(c)
    requireIdempotencyKey(c)
    return readRequest(core, c, schema)
  }
  return app
}

/** What was moved, and the wallet it was moved in or out of as it stands after. */
const paid = (c: HttpContext<Env>, context: Context, payment: Payment): Response => c.json({ context, ...payment })
