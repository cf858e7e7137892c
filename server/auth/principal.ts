import type { Context, MiddlewareHandler } from 'hono'
import { readAccessToken } from '#core/accounts/access-token.ts'
import { authenticateKey } from '#core/accounts/api-keys.ts'
import { type ApiScope, scopesAllow } from '#core/accounts/scopes.ts'
import { findSession, noteSeen, sessionById } from '#core/accounts/sessions.ts'
import type { Actor } from '#core/actor.ts'
import { actorFor } from '#core/contexts/actor-for.ts'
import { contextFromRequest } from '#core/contexts/explicit.ts'
import type { Core } from '#core/core.ts'
import { AppError } from '#core/errors.ts'
import type { Config } from '../config.ts'
import type { Env, Principal } from '../env.ts'
import { SESSION_COOKIE, takeCookie } from './cookies.ts'
import type { RequestLimits } from './request-limits.ts'
import { isSafe, refuseForgery } from './same-site.ts'

/**
 * Finds out who asks, and counts it. A wrong key or an ended session is refused at once; none at all goes on as nobody. Only
 * who is nobody is counted by address: whoever guesses there does not keep those out who have a key.
 */
export function authenticate(core: Core, config: Config, limits: RequestLimits): MiddlewareHandler<Env> {
  return async function authenticate(c, next) {
    const found = await principalOf(core, config, c).catch((error) => {
      if (error instanceof AppError) return error
      throw error
    })
    const isRefused = found instanceof AppError
    await limits.count(c, isRefused ? undefined : found)
    if (isRefused && !(found.code === 'unauthorized' && isDoor(c.req.path))) throw found
    c.set('limits', limits)
    if (found && !isRefused) c.set('principal', found)
    await next()
  }
}

/** Who signs in or refreshes may have something with them that is over: that is why they come. */
const isDoor = (path: string): boolean => path.startsWith('/v1/auth/')

/** Who a request comes from, as it stands at this moment. */
export async function principalOf(core: Core, config: Config, c: Context<Env>): Promise<Principal | undefined> {
  refuseKeyInAddress(c)
  const authorization = c.req.header('authorization')
  if (authorization !== undefined) return bearerOf(core, authorization)
  const token = takeCookie(c, config, SESSION_COOKIE)
  refuseForgery(c, config, token !== undefined)
  if (!token) return undefined
  const session = await findSession(core.db, token, core.clock.nowMs())
  if (!session) return undefined
  await noteSeen(core, session)
  return { account: session.account, by: { type: 'session', id: session.id, via: 'cookie' } }
}

/** An API key, or an access token: of a token only the name of its session counts, everything else is looked up. */
async function bearerOf(core: Core, authorization: string): Promise<Principal> {
  const [, sent = ''] = /^Bearer (\S+)$/i.exec(authorization) ?? []
  if (sent.includes('.')) {
    const claims = await readAccessToken(core, sent)
    const { accountId, sessionId: id } = claims ?? {}
    const session = accountId && id ? await sessionById(core.db, { id, accountId }, core.clock.nowMs()) : undefined
    if (session) return { account: session.account, by: { type: 'session', id: session.id, via: 'token' } }
    throw new AppError('unauthorized', 'This access token does not work: refresh it, or sign in again.')
  }
  const holder = sent && (await authenticateKey(core, sent))
  if (!holder) throw new AppError('unauthorized', 'This API key does not work: it is mistyped, expired or revoked.')
  return { account: holder.account, by: { type: 'key', id: holder.keyId, scopes: holder.scopes } }
}

/** Addresses stand in logs, histories and referrers: whoever puts a key there is told so, and it opens nothing. */
function refuseKeyInAddress(c: Context<Env>): void {
  const isSecret = (value: string): boolean => /^(Bearer )?(mst_\w|eyJ[\w-]+\.)/i.test(value)
  if (!Object.values(c.req.queries()).flat().some(isSecret)) return
  throw new AppError(
    'bad_request',
    'A key does not belong in an address. Send it as Authorization: Bearer …, and make a new one.',
  )
}

/** Whoever asks must be somebody, and their key must reach that far. */
export function requirePrincipal(c: Context<Env>, scope?: ApiScope): Principal {
  const principal = c.get('principal')
  if (!principal) throw new AppError('unauthorized', 'Send an API key: Authorization: Bearer mst_…')
  const needed = scope ?? (isSafe(c.req.method) ? 'read' : 'write')
  if (principal.by.type === 'key' && !scopesAllow(principal.by.scopes, needed)) {
    throw new AppError('forbidden', `This API key may not do that; it needs the scope ${needed}.`)
  }
  return principal
}

/**
 * Who chats. Everything that a person may do can be said in chat, up to `/console`, which signs in: a key that may only do
 * some of it would be no limit there, and neither would one that reads the answers along.
 */
export function requireSpeaker(c: Context<Env>): Principal {
  const principal = requirePrincipal(c, 'read')
  if (principal.by.type === 'session' || scopesAllow(principal.by.scopes, 'admin')) return principal
  const message = 'In chat a person can do everything, so it takes a key without scopes, or with the scope admin.'
  throw new AppError('forbidden', message)
}

/** The actor of a request, in the context that header or body name, else in the one remembered. */
export async function actorOf(
  core: Core,
  c: Context<Env>,
  {
    body,
    scope,
    explicit,
  }: { body?: { type: string; id: string } | undefined; scope?: ApiScope; explicit?: string } = {},
): Promise<Actor> {
  const { account, by } = requirePrincipal(c, scope)
  const named = explicit ?? contextFromRequest(c.req.header('x-execution-context'), body)
  const requestKey = requestKeyOf(c)
  const { actor } = await actorFor(core, {
    accountId: account.id,
    channel: isBrowser(by) ? 'web' : 'api',
    ...(named === undefined ? {} : { explicit: named }),
    ...(requestKey === undefined ? {} : { requestKey: `api:${requestKey}` }),
    isSilent: true,
  })
  if (actor.context.type === 'team') await c.get('limits').countTeam(c, actor.context.id)
  // A key without the admin scope acts as an ordinary person.
  if (by.type === 'key' && !scopesAllow(by.scopes, 'admin')) return { ...actor, platformRole: 'user' }
  return actor
}

/** The console, and not a program that somebody has signed in with. */
export const isBrowser = (by: Principal['by']): boolean => by.type === 'session' && by.via === 'cookie'

/** Who asks, signed in themselves: a key must not be able to make its own end impossible. */
export function requireSession(c: Context<Env>): { account: Principal['account']; sessionId: string } {
  const { account, by } = requirePrincipal(c)
  if (by.type === 'session') return { account, sessionId: by.id }
  throw new AppError('forbidden', 'For this one signs in; an API key is not enough.')
}

/** The Idempotency-Key of a request, if it has one. */
export function requestKeyOf(c: Context<Env>): string | undefined {
  const key = c.req.header('idempotency-key')
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key
  throw new AppError('bad_request', 'An Idempotency-Key has 1 to 255 visible ASCII characters.')
}

/** Money moves only under a key, so that a lost answer can be asked for again. */
export function requireIdempotencyKey(c: Context<Env>): void {
  if (c.req.header('idempotency-key') !== undefined) return
  throw new AppError('idempotency_key_missing', 'This route moves money and needs an Idempotency-Key header.')
}
