import { Hono } from 'hono'
import { z } from 'zod'
import type { Json } from '#core/json.ts'
import type { ProviderDefinition } from '#core/providers/provider.ts'
import { readProvider, readProviders } from '#core/providers/read.ts'
import { changeProvider, createProvider, removeProvider } from '#core/providers/save.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { pageOf, pageQuery } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathId, readRequest } from './request.ts'
import { amountUsd, anyJson, contextBody, headersBody, text } from './schemas.ts'

const requestTemplate = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH']).default('POST'),
  url: text(4_000).min(1),
  headers: headersBody.default({}),
  query: z.record(text(100).min(1), text(4_000)).default({}),
  body: anyJson.default(null),
})
const path = text(200).min(1)
const values = z.array(text(100).min(1)).max(50)
const price = z.union([
  amountUsd.transform((rateUsd) => ({ unit: 'run' as const, rateUsd, maxUsd: rateUsd })),
  z
    .strictObject({ unit: z.literal('run').default('run'), rateUsd: amountUsd, maxUsd: amountUsd.exactOptional() })
    .transform(({ maxUsd, ...rest }) => ({ ...rest, maxUsd: maxUsd ?? rest.rateUsd })),
])

const providerBody = z.strictObject({
  name: text(48),
  description: text(500).default(''),
  connection: text(64).min(1).nullable().default(null),
  submit: requestTemplate,
  poll: requestTemplate
    .extend({ method: z.enum(['GET', 'POST']).default('GET') })
    .nullable()
    .default(null),
  runIdPath: path.default('id'),
  statusPath: path,
  successValues: values,
  failureValues: values.default([]),
  resultPath: path,
  errorPath: path.nullable().default(null),
  deadlineMs: z.number(),
  price: price.nullable().default(null),
  secret: text(200).nullable().default(null),
  context: contextBody.exactOptional(),
})

/** Who `http.job` gives its jobs to, each by its id or its name. */
export function providerRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.post(
    '/providers',
    describe({
      summary: 'Keep who `http.job` gives jobs to',
      group: 'tools',
      body: providerBody,
      answers: { 201: 'Provider' },
      refuses: ['bad_input', 'conflict', 'limit_reached'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, providerBody)
      const { id } = await doOnce(c, actor, (once) => createProvider(core, once, definitionIn(body)))
      return c.json(await readProvider(core, actor, id), 201, { Location: `/v1/providers/${id}` })
    },
  )

  app.get(
    '/providers',
    describe({
      summary: 'The providers of the context',
      group: 'tools',
      query: pageQuery,
      answers: { 200: { list: 'Provider' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(pageOf(await readProviders(core, actor), readQuery(c, pageQuery), ({ id }) => id))
    },
  )

  app.get(
    '/providers/:id',
    describe({ summary: 'One provider, by its id or its name', group: 'tools', answers: { 200: 'Provider' } }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await readProvider(core, actor, pathId(c, 'id', 'such provider')))
    },
  )

  app.put(
    '/providers/:id',
    describe({
      summary: 'Replace one provider',
      group: 'tools',
      body: providerBody,
      answers: { 200: 'Provider' },
      refuses: ['bad_input', 'conflict', 'limit_reached'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, providerBody)
      const idOrName = pathId(c, 'id', 'such provider')
      const { id } = await doOnce(c, actor, (once) => changeProvider(core, once, idOrName, definitionIn(body)))
      return c.json(await readProvider(core, actor, id))
    },
  )

  app.delete(
    '/providers/:id',
    describe({
      summary: 'Remove one provider',
      group: 'tools',
      answers: { 204: null },
      refuses: ['conflict'],
      once: 'taken',
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const idOrName = pathId(c, 'id', 'such provider')
      await doOnce(c, actor, (once) => removeProvider(core, once, idOrName))
      return c.body(null, 204)
    },
  )
  return app
}

function definitionIn({ context: _, ...provider }: z.infer<typeof providerBody>): ProviderDefinition {
  const withJson = <T extends { body: unknown }>(template: T) => ({ ...template, body: template.body as Json })
  return { ...provider, submit: withJson(provider.submit), poll: provider.poll && withJson(provider.poll) }
}
