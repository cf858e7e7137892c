import { Hono } from 'hono'
import { z } from 'zod'
import { createApiKey, type ListedKey, listApiKeys, revokeApiKey } from '#core/accounts/api-keys.ts'
import { getMe } from '#core/accounts/me.ts'
import { checkScopes } from '#core/accounts/scopes.ts'
import type { ChannelName } from '#core/chat/message.ts'
import { actorFor } from '#core/contexts/actor-for.ts'
import { contextFromRequest } from '#core/contexts/explicit.ts'
import type { Core } from '#core/core.ts'
import { actorOf, isBrowser, requirePrincipal } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { pageOf, pageQuery } from './pages.ts'
import { pathId, readRequest } from './request.ts'
import { text } from './schemas.ts'

const keyBody = z.strictObject({
  name: text(200),
  scopes: z.array(text(64)).max(10).default([]),
  /** Null is for as long as it is not revoked. */
  expiresAt: z.iso.datetime({ offset: true }).nullable().exactOptional(),
})

/** The account behind the request, and its API keys. */
export function meRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/me',
    describe({ summary: 'Who one is, and for whom one acts', group: 'auth', answers: { 200: 'Me' } }),
    async (c) => {
      const { account, by } = requirePrincipal(c)
      const explicit = contextFromRequest(c.req.header('x-execution-context'))
      return c.json(await meView(core, account.id, isBrowser(by) ? 'web' : 'api', explicit))
    },
  )

  app.get(
    '/api-keys',
    describe({ summary: 'One’s API keys', group: 'auth', query: pageQuery, answers: { 200: { list: 'ApiKey' } } }),
    async (c) => {
      const { accountId } = await actorOf(core, c)
      const page = pageOf(await listApiKeys(core.db, accountId), readQuery(c, pageQuery), ({ id }) => id)
      return c.json({ ...page, items: page.items.map(keyView) })
    },
  )

  app.post(
    '/api-keys',
    describe({
      summary: 'Make an API key',
      more: 'The key itself is in this answer and never again.',
      group: 'auth',
      scope: 'admin',
      body: keyBody,
      answers: { 201: 'ApiKeyMade' },
      refuses: ['bad_input', 'limit_reached', 'conflict'],
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, keyBody, 'admin')
      const { name, scopes, expiresAt } = body
      const { accountId } = actor
      const expiresAtMs = expiresAt ? Date.parse(expiresAt) : null
      const created = await createApiKey(core, accountId, {
        name,
        scopes: checkScopes(scopes),
        expiresAtMs,
      })
      return c.json(created, 201)
    },
  )

  app.delete(
    '/api-keys/:id',
    describe({ summary: 'Revoke an API key', group: 'auth', scope: 'admin', answers: { 204: null } }),
    async (c) => {
      const { accountId } = await actorOf(core, c, { scope: 'admin' })
      await revokeApiKey(core, accountId, pathId(c, 'id', 'such key'))
      return c.body(null, 204)
    },
  )
  return app
}

const keyView = ({ createdAtMs, expiresAtMs, revokedAtMs, lastUsedAtMs, ...key }: ListedKey): object => ({
  ...key,
  createdAt: iso(createdAtMs),
  expiresAt: iso(expiresAtMs),
  revokedAt: iso(revokedAtMs),
  lastUsedAt: iso(lastUsedAtMs),
})

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

/** Who one is, and the context in which one acts: the one that is named, or would be taken now. */
export async function meView(core: Core, accountId: string, channel: ChannelName, explicit?: string): Promise<object> {
  const { account, teams, identities } = await getMe(core, { accountId })
  const named = explicit === undefined ? {} : { explicit }
  const { resolved } = await actorFor(core, { accountId, channel, ...named, isSilent: true })
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
