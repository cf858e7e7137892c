import { Hono } from 'hono'
import { z } from 'zod'
import { createApiKey, listApiKeys, revokeApiKey } from '#core/accounts/api-keys.ts'
import { getMe } from '#core/accounts/me.ts'
import { checkScopes } from '#core/accounts/scopes.ts'
import type { ChannelName } from '#core/chat/message.ts'
import { actorFor } from '#core/contexts/actor-for.ts'
import type { Core } from '#core/core.ts'
import { actorOf, requirePrincipal } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { readBody } from '../read-body.ts'

const keyBody = z.strictObject({
  name: z.string().min(1).max(80),
  scopes: z.array(z.string()).default([]),
  expiresAt: z.iso.datetime({ offset: true }).optional(),
})

/** The account behind the request, and its API keys. */
export function meRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get('/me', async (c) => {
    const { account, by } = requirePrincipal(c)
    return c.json(await meView(core, account.id, by.type === 'session' ? 'web' : 'api'))
  })

  app.get('/api-keys', async (c) => {
    const { accountId } = await actorOf(core, c)
    return c.json({ items: await listApiKeys(core.db, accountId), nextCursor: null })
  })

  app.post('/api-keys', async (c) => {
    const { name, scopes, expiresAt } = await readBody(c, keyBody)
    const { accountId } = await actorOf(core, c, { scope: 'admin' })
    const expiresAtMs = expiresAt === undefined ? null : Date.parse(expiresAt)
    const created = await createApiKey(core, accountId, {
      name,
      scopes: checkScopes(scopes),
      expiresAtMs,
    })
    return c.json(created, 201)
  })

  app.delete('/api-keys/:id', async (c) => {
    const { accountId } = await actorOf(core, c, { scope: 'admin' })
    await revokeApiKey(core, accountId, c.req.param('id'))
    return c.body(null, 204)
  })
  return app
}

/** Who one is, and the context in which one would act now. */
export async function meView(core: Core, accountId: string, channel: ChannelName): Promise<object> {
  const { account, teams, identities } = await getMe(core, { accountId })
  const { resolved } = await actorFor(core, { accountId, channel })
  return {
    accountId: account.id,
    handle: account.handle,
    displayName: account.displayName,
    platformRole: account.platformRole,
    timeZone: account.timeZone,
    context: { ...resolved.context, name: resolved.name },
    teams,
    identities,
  }
}
