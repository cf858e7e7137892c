import { Hono } from 'hono'
import { z } from 'zod'
import { MODEL_PROVIDERS } from '#core/models/model.ts'
import { readPrices, setPrice } from '#core/models/prices.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { pageOf, pageQuery } from './pages.ts'
import { doOnce } from './replay.ts'
import { readRequest } from './request.ts'
import { amountUsd, moment, text } from './schemas.ts'

const tokens = z.int().min(1).max(100_000_000).exactOptional()
const effectiveAt = moment.exactOptional()
const priceBody = z.union([
  z.strictObject({
    provider: z.enum(MODEL_PROVIDERS),
    model: text(200).min(1),
    connection: text(64).min(1).exactOptional(),
    inputUsd: amountUsd,
    outputUsd: amountUsd,
    cachedInputUsd: amountUsd.exactOptional(),
    contextTokens: tokens,
    outputTokensMax: tokens,
    effectiveAt,
  }),
  z.strictObject({
    toolId: text(64).min(1),
    unit: z.enum(['run', 'second', 'token', 'request', 'kilobyte']),
    rateUsd: amountUsd,
    maxUsd: amountUsd,
    effectiveAt,
  }),
])

/** What tools and models cost. */
export function priceRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/prices',
    describe({
      summary: 'What tools and models cost, cost before and will cost',
      more: 'Of models for a million tokens.',
      group: 'settings',
      query: pageQuery,
      answers: { 200: { list: 'Price' } },
    }),
    async (c) => {
      await actorOf(core, c)
      const keyed = (await readPrices(core)).map((price) => ({ price, key: keyOf(price) }))
      const page = pageOf(keyed, readQuery(c, pageQuery), ({ key }) => key)
      return c.json({ ...page, items: page.items.map(({ price }) => price) })
    },
  )

  app.put(
    '/prices',
    describe({
      summary: 'Set what a tool or a model costs from now or a later time on',
      more: 'For platform admins. Runs that were submitted keep the price that was in force then.',
      group: 'settings',
      body: priceBody,
      answers: { 200: 'PriceSet' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, priceBody)
      const { effectiveAt: at, ...price } = body
      const given = at === undefined ? price : { ...price, effectiveAtMs: at }
      const { effectiveAtMs } = await doOnce(c, actor, (once) => setPrice(core, once, given))
      return c.json({ effectiveAt: new Date(effectiveAtMs).toISOString() })
    },
  )

  return app
}

type Listed = Awaited<ReturnType<typeof readPrices>>[number]

const keyOf = (price: Listed): string =>
  price.kind === 'tool'
    ? `${price.toolId}@${price.effectiveAt}`
    : `${price.provider}/${price.connection ?? ''}/${price.model}@${price.effectiveAt}`
