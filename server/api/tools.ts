import { Hono } from 'hono'
import type { Core } from '#core/core.ts'
import { priceOf } from '#core/economy/prices.ts'
import { notFound } from '#core/errors.ts'
import { formatUsd } from '#core/money.ts'
import type { Tool } from '#core/tools/tool.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { readQuery } from '../read-body.ts'
import { pageOf, pageQuery } from './pages.ts'
import { pathId } from './request.ts'
import { answerQuote, startRun } from './start-run.ts'

/** The tools of this instance, and calling one by itself: a run of one step. */
export function toolRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get('/tools', async (c) => {
    await actorOf(core, c)
    const tools = core.tools.list().filter(isShown)
    const page = pageOf(tools, readQuery(c, pageQuery), ({ toolId }) => toolId)
    return c.json({ ...page, items: await Promise.all(page.items.map((tool) => toolView(core, tool))) })
  })

  app.get('/tools/:id', async (c) => {
    await actorOf(core, c)
    const tool = core.tools.find(pathId(c, 'id', 'such tool'))
    if (!tool || !isShown(tool)) throw notFound('such tool')
    return c.json(await toolView(core, tool))
  })

  app.post('/tools/:id/run', (c) => startRun(core, c, () => ({ tool: pathId(c, 'id', 'such tool') })))
  app.post('/tools/:id/quote', (c) => answerQuote(core, c, () => ({ tool: pathId(c, 'id', 'such tool') })))
  return app
}

const isShown = ({ visibility }: Tool): boolean => visibility !== 'internal'

/** With the price in force; null where there is none, and then it cannot be run. */
async function toolView(core: Pick<Core, 'db' | 'clock'>, { execute: _, price: __, ...info }: Tool): Promise<object> {
  const price = await priceOf(core.db, info.toolId, core.clock.nowMs())
  return {
    ...info,
    price: price
      ? { unit: price.unit, rateUsd: formatUsd(price.rateMicros), maxUsd: formatUsd(price.maxMicros) }
      : null,
  }
}
