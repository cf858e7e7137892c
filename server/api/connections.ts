import { Hono } from 'hono'
import { z } from 'zod'
import { PROVIDER_KINDS } from '#core/connections/connection.ts'
import { readConnection, readConnections } from '#core/connections/read.ts'
import { createConnection, removeConnection, rotateConnection } from '#core/connections/save.ts'
import { testConnection } from '#core/connections/test.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { pageOf, pageQuery } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathId, readRequest } from './request.ts'
import { contextBody, text } from './schemas.ts'

const secret = text(10_000)
const auth = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('bearer') }),
  z.strictObject({ type: z.literal('basic'), user: text(200) }),
  z.strictObject({ type: z.literal('header'), name: text(100).min(1) }),
  z.strictObject({ type: z.literal('query'), name: text(100).min(1) }),
])

const connectionBody = z.strictObject({
  name: text(48),
  provider: z.enum(PROVIDER_KINDS),
  secret,
  baseUrl: text(2_000).min(1).exactOptional(),
  auth: auth.exactOptional(),
  testPath: text(500).nullable().exactOptional(),
  /** `instance` is for platform admins. */
  owner: z.enum(['context', 'instance']).default('context'),
  context: contextBody.exactOptional(),
})

const context = contextBody.exactOptional()
const rotateBody = z.strictObject({ secret, context })
const testBody = z.strictObject({ model: text(200).min(1).exactOptional(), context })

/** Credentials of a context, each by its id or its name. No answer has a secret in it. */
export function connectionRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.post(
    '/connections',
    describe({
      summary: 'Keep a credential',
      more: 'The secret is stored encrypted and is in no answer.',
      group: 'settings',
      body: connectionBody,
      answers: { 201: 'Connection' },
      refuses: ['bad_input', 'conflict', 'limit_reached'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, connectionBody)
      const { context: _, owner, ...rest } = body
      const connection = { ...rest, isInstance: owner === 'instance' }
      const { id } = await doOnce(c, actor, (once) => createConnection(core, once, connection))
      return c.json(await readConnection(core, actor, id), 201, { Location: `/v1/connections/${id}` })
    },
  )

  app.get(
    '/connections',
    describe({
      summary: 'Credentials of the context',
      group: 'settings',
      query: pageQuery,
      answers: { 200: { list: 'Connection' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(pageOf(await readConnections(core, actor), readQuery(c, pageQuery), ({ id }) => id))
    },
  )

  app.get(
    '/connections/:id',
    describe({ summary: 'A connection, by its id or its name', group: 'settings', answers: { 200: 'Connection' } }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await readConnection(core, actor, pathId(c, 'id', 'such connection')))
    },
  )

  app.post(
    '/connections/:id/test',
    describe({
      summary: 'Ask the provider whether the secret works',
      group: 'settings',
      body: testBody,
      answers: { 200: 'ConnectionTest' },
      refuses: ['conflict', 'bad_input'],
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, testBody)
      const id = pathId(c, 'id', 'such connection')
      return c.json(await testConnection(core, actor, { id, model: body.model }))
    },
  )

  app.post(
    '/connections/:id/rotate',
    describe({
      summary: 'Put another secret in',
      group: 'settings',
      body: rotateBody,
      answers: { 200: 'Connection' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, rotateBody)
      const idOrName = pathId(c, 'id', 'such connection')
      const change = { id: idOrName, secret: body.secret }
      const { id } = await doOnce(c, actor, (once) => rotateConnection(core, once, change))
      return c.json(await readConnection(core, actor, id))
    },
  )

  app.delete(
    '/connections/:id',
    describe({
      summary: 'Forget a credential',
      group: 'settings',
      answers: { 204: null },
      refuses: ['conflict'],
      once: 'taken',
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const id = pathId(c, 'id', 'such connection')
      await doOnce(c, actor, (once) => removeConnection(core, once, id))
      return c.body(null, 204)
    },
  )
  return app
}
