import { Hono } from 'hono'
import { z } from 'zod'
import { getSigning, rotateSigning } from '#core/signing/secrets.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { doOnce } from './replay.ts'
import { readRequest } from './request.ts'
import { contextBody } from './schemas.ts'

const rotateBody = z.strictObject({ context: contextBody.exactOptional() })

/** The secret that a context's outbound requests are signed with. A key that only reads does not see it. */
export function signingRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/signing-secret',
    describe({
      summary: 'The secret that outbound requests are signed with',
      group: 'settings',
      scope: 'write',
      answers: { 200: 'SigningSecret' },
    }),
    async (c) => {
      const actor = await actorOf(core, c, { scope: 'write' })
      return c.json(await getSigning(core, actor))
    },
  )

  app.post(
    '/signing-secret/rotate',
    describe({
      summary: 'Sign with another secret from now on',
      more: 'The one before is valid for another day.',
      group: 'settings',
      body: rotateBody,
      answers: { 200: 'SigningSecret' },
      refuses: ['conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor } = await readRequest(core, c, rotateBody)
      return c.json(await doOnce(c, actor, (once) => rotateSigning(core, once)))
    },
  )
  return app
}
