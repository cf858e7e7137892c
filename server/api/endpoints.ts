import { Hono } from 'hono'
import { z } from 'zod'
import {
  type EndpointDefinition,
  METHODS,
  REQUEST_BYTES,
  RESPONSE_BYTES,
  TIMEOUT_MS,
} from '#core/endpoints/endpoint.ts'
import { readEndpoint, readEndpoints } from '#core/endpoints/read.ts'
import { changeEndpoint, createEndpoint, removeEndpoint } from '#core/endpoints/save.ts'
import type { JsonSchema } from '#core/schema.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { pageOf, pageQuery } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathId, readRequest } from './request.ts'
import { contextBody, headersBody, jsonObject, text } from './schemas.ts'

const endpointBody = z.strictObject({
  name: text(48),
  description: text(500).default(''),
  method: z.enum(METHODS),
  url: text(4_000).min(1),
  headers: headersBody.default({}),
  connection: text(64).min(1).nullable().default(null),
  bodySchema: jsonObject.nullable().default(null),
  timeoutMs: z.number().default(TIMEOUT_MS.usual),
  maxRequestBytes: z.number().default(REQUEST_BYTES.usual),
  maxResponseBytes: z.number().default(RESPONSE_BYTES.usual),
  fireAndForget: z.boolean().default(false),
  response: z.record(text(64).min(1), text(200).min(1)).nullable().default(null),
  context: contextBody.exactOptional(),
})

/** Stored HTTP calls of a context, each by its id or its name. */
export function endpointRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.post(
    '/endpoints',
    describe({
      summary: 'Keep a stored HTTP call',
      group: 'tools',
      body: endpointBody,
      answers: { 201: 'Endpoint' },
      refuses: ['bad_input', 'conflict', 'limit_reached'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, endpointBody)
      const { id } = await doOnce(c, actor, (once) => createEndpoint(core, once, definitionIn(body)))
      return c.json(await readEndpoint(core, actor, id), 201, { Location: `/v1/endpoints/${id}` })
    },
  )

  app.get(
    '/endpoints',
    describe({
      summary: 'The endpoints of the context',
      group: 'tools',
      query: pageQuery,
      answers: { 200: { list: 'Endpoint' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(pageOf(await readEndpoints(core, actor), readQuery(c, pageQuery), ({ id }) => id))
    },
  )

  app.get(
    '/endpoints/:id',
    describe({ summary: 'One endpoint, by its id or its name', group: 'tools', answers: { 200: 'Endpoint' } }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await readEndpoint(core, actor, pathId(c, 'id', 'such endpoint')))
    },
  )

  app.put(
    '/endpoints/:id',
    describe({
      summary: 'Replace one endpoint',
      group: 'tools',
      body: endpointBody,
      answers: { 200: 'Endpoint' },
      refuses: ['bad_input', 'conflict', 'limit_reached'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, endpointBody)
      const idOrName = pathId(c, 'id', 'such endpoint')
      const { id } = await doOnce(c, actor, (once) => changeEndpoint(core, once, idOrName, definitionIn(body)))
      return c.json(await readEndpoint(core, actor, id))
    },
  )

  app.delete(
    '/endpoints/:id',
    describe({
      summary: 'Remove one endpoint',
      group: 'tools',
      answers: { 204: null },
      refuses: ['conflict'],
      once: 'taken',
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const idOrName = pathId(c, 'id', 'such endpoint')
      await doOnce(c, actor, (once) => removeEndpoint(core, once, idOrName))
      return c.body(null, 204)
    },
  )
  return app
}

/** Whether it is a schema that we can hold is checked where it is stored. */
function definitionIn({ context: _, bodySchema, ...endpoint }: z.infer<typeof endpointBody>): EndpointDefinition {
  return { ...endpoint, bodySchema: bodySchema as JsonSchema | null }
}
