import { Hono } from 'hono'
import type { Actor } from '#core/actor.ts'
import type { Core } from '#core/core.ts'
import { priceOf } from '#core/economy/prices.ts'
import { endpointOf } from '#core/endpoints/endpoint.ts'
import { readEndpoints } from '#core/endpoints/read.ts'
import { notFound } from '#core/errors.ts'
import { priceKey, REQUEST_TOOL } from '#core/jobs/price-key.ts'
import { formatUsd } from '#core/money.ts'
import { endpointTool } from '#core/tools/endpoint-tool.ts'
import type { Tool } from '#core/tools/tool.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { pageOf, pageQuery } from './pages.ts'
import { pathId } from './request.ts'
import { answerQuote, quoteBody, runBody, startRun } from './start-run.ts'

/** The tools of this instance, and calling one by itself: a run of one step. */
export function toolRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/tools',
    describe({
      summary: 'What jobs can be made of',
      group: 'tools',
      query: pageQuery,
      answers: { 200: { list: 'Tool' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const tools = [...core.tools.list().filter(isShown), ...(await endpointTools(core, actor))]
      const page = pageOf(tools, readQuery(c, pageQuery), ({ toolId }) => toolId)
      return c.json({ ...page, items: await Promise.all(page.items.map((tool) => toolView(core, tool))) })
    },
  )

  app.get('/tools/:id', describe({ summary: 'A tool', group: 'tools', answers: { 200: 'Tool' } }), async (c) => {
    const actor = await actorOf(core, c)
    const id = pathId(c, 'id', 'such tool')
    const stored = endpointOf(id) === undefined ? [] : await endpointTools(core, actor)
    const tool = endpointOf(id) === undefined ? core.tools.find(id) : stored.find(({ toolId }) => toolId === id)
    if (!tool || !isShown(tool)) throw notFound('such tool')
    return c.json(await toolView(core, tool))
  })

  app.post(
    '/tools/:id/run',
    describe({
      summary: 'Run a tool by itself',
      more: 'A job of one step.',
      group: 'tools',
      body: runBody,
      answers: { 202: 'RunAccepted' },
      refuses: [
        'bad_input',
        'bad_definition',
        'insufficient_funds',
        'limit_reached',
        'price_unknown',
        'confirmation_needed',
        'conflict',
      ],
      once: 'taken',
    }),
    (c) => startRun(core, c, () => ({ tool: pathId(c, 'id', 'such tool') })),
  )
  app.post(
    '/tools/:id/quote',
    describe({
      summary: 'What a tool would cost',
      group: 'tools',
      scope: 'read',
      body: quoteBody,
      answers: { 200: 'Quote' },
      refuses: ['bad_input', 'bad_definition', 'price_unknown'],
    }),
    (c) => answerQuote(core, c, () => ({ tool: pathId(c, 'id', 'such tool') })),
  )
  return app
}

/** The stored endpoints of the context, as the tools that they are there. */
async function endpointTools(core: Pick<Core, 'db' | 'clock' | 'tools' | 'settings'>, actor: Actor): Promise<Tool[]> {
  const request = core.tools.find(REQUEST_TOOL)
  const endpoints = await readEndpoints(core, actor)
  return endpoints.flatMap((endpoint) => endpointTool(request, endpoint.toolId, endpoint) ?? [])
}

const isShown = ({ visibility }: Tool): boolean => visibility !== 'internal'

/** With the price in force; null where there is none: then it cannot be run, or costs what its provider asks. */
async function toolView(core: Pick<Core, 'db' | 'clock'>, { execute: _, price: __, ...info }: Tool): Promise<object> {
  const price = await priceOf(core.db, priceKey(info.toolId), core.clock.nowMs())
  return {
    ...info,
    price: price
      ? { unit: price.unit, rateUsd: formatUsd(price.rateMicros), maxUsd: formatUsd(price.maxMicros) }
      : null,
  }
}
