import { Hono } from 'hono'
import { z } from 'zod'
import { getSigning, rotateSigning } from '#core/signing/secrets.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { doOnce } from './replay.ts'
import { readRequest } from './request.ts'
import { contextBody } from './schemas.ts'

const rotateBody = z.strictObject({ context: contextBody.exactOptional() })

/** The secret that a context's outbound requests are signed with. A key that only reads does not see it. */
export function signingRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get('/signing-secret', async (c) => {
    const actor = await actorOf(core, c, { scope: 'write' })
    return c.json(await getSigning(core, actor))
  })

  app.post('/signing-secret/rotate', async (c) => {
    const { actor } = await readRequest(core, c, rotateBody)
    return c.json(await doOnce(c, actor, (once) => rotateSigning(core, once)))
  })
  return app
}
