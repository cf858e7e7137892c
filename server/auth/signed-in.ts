import type { Context } from 'hono'
import { signAccessToken } from '#core/accounts/access-token.ts'
import type { Entry, Session } from '#core/accounts/sessions.ts'
import { meView } from '../api/me.ts'
import type { Env, ServerDeps } from '../env.ts'
import { giveCookie, SESSION_COOKIE } from './cookies.ts'
import { rememberBrowser } from './known-browser.ts'

/** What the session that begins with this request will be known by. */
export const entryOf = (c: Context<Env>, wantsTokens: boolean): Omit<Entry, 'by'> => ({
  agent: c.req.header('user-agent') ?? '',
  holds: wantsTokens ? 'tokens' : 'cookie',
})

/** A browser gets a cookie and hears who it is now; a program that asked for tokens gets those, and no cookie. */
export async function answerSignedIn(
  c: Context<Env>,
  { core, config }: ServerDeps,
  { accountId, session, wantsTokens }: { accountId: string; session: Session; wantsTokens: boolean },
): Promise<Response> {
  const account = await meView(core, accountId, wantsTokens ? 'api' : 'web')
  if (!wantsTokens) {
    giveCookie(c, config, SESSION_COOKIE, session.token, session.expiresAtMs)
    rememberBrowser(c, { core, config }, accountId)
    return c.json(account)
  }
  const tokens = { accountId, sessionId: session.id, refreshToken: session.token, expiresAtMs: session.expiresAtMs }
  return c.json({ ...(await tokensView({ core }, tokens)), account })
}

/** An access token with the refresh token that follows it. */
export async function tokensView(
  { core }: Pick<ServerDeps, 'core'>,
  {
    accountId,
    sessionId,
    refreshToken,
    expiresAtMs,
  }: { accountId: string; sessionId: string; refreshToken: string; expiresAtMs: number },
): Promise<object> {
  const access = await signAccessToken(core, { accountId, sessionId })
  return {
    tokenType: 'Bearer',
    accessToken: access.token,
    expiresIn: Math.max(0, Math.round((access.expiresAtMs - core.clock.nowMs()) / 1000)),
    expiresAt: new Date(access.expiresAtMs).toISOString(),
    refreshToken,
    sessionId,
    sessionExpiresAt: new Date(expiresAtMs).toISOString(),
  }
}
