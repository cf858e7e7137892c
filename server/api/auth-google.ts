import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { beginOpenId, finishOpenId, OPENID_LIFETIME_MS } from '#core/accounts/openid.ts'
import type { OpenIdClient } from '#core/accounts/openid-provider.ts'
import { AppError } from '#core/errors.ts'
import { dropCookie, giveCookie, SESSION_COOKIE, takeCookie } from '../auth/cookies.ts'
import { rememberBrowser } from '../auth/known-browser.ts'
import { requireSession } from '../auth/principal.ts'
import { entryOf } from '../auth/signed-in.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'

const startQuery = z.strictObject({
  invitation: z.string().max(200).exactOptional(),
  link: z.literal('1').exactOptional(),
})
// The provider may add what it likes.
const callbackQuery = z.object({
  state: z.string().max(200).optional(),
  code: z.string().max(4_000).optional(),
  error: z.string().optional(),
})

/** Holds the state in the browser that set out: an answer that was got elsewhere signs nobody in here. */
const STATE_COOKIE = 'muster-google'

/** Signing in with Google, for browsers: they go there and come back. */
export function authGoogleRoutes({ core, config }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/auth/google',
    describe({
      summary: 'Go to Google to sign in',
      more: 'For browsers. With `link=1` it becomes another way in to the account that is signed in.',
      group: 'auth',
      asks: 'nobody',
      query: startQuery,
      answers: { 302: null },
      refuses: ['not_found', 'unauthorized', 'forbidden'],
    }),
    async (c) => {
      const client = requireClient()
      const { link, invitation } = readQuery(c, startQuery)
      const accountId = link === undefined ? undefined : linkedTo(c)
      const { url, state } = await beginOpenId(core, client, {
        ...(accountId === undefined ? {} : { accountId }),
        ...(invitation === undefined ? {} : { invitation }),
      })
      giveCookie(c, config, STATE_COOKIE, state, core.clock.nowMs() + OPENID_LIFETIME_MS)
      return c.redirect(url)
    },
  )

  app.get(
    '/auth/google/callback',
    describe({
      summary: 'Come back from Google',
      more: 'For browsers. Leads on to the console.',
      group: 'auth',
      asks: 'nobody',
      query: callbackQuery,
      answers: { 302: null },
      refuses: ['not_found', 'unauthorized'],
    }),
    async (c) => {
      const client = requireClient()
      const { state, code } = readQuery(c, callbackQuery)
      const expected = takeCookie(c, config, STATE_COOKIE)
      dropCookie(c, config, STATE_COOKIE)
      if (!state || !code || state !== expected) return c.redirect('/login?google=cancelled')
      try {
        const session = await finishOpenId(core, client, { state, code }, entryOf(c, false))
        giveCookie(c, config, SESSION_COOKIE, session.token, session.expiresAtMs)
        rememberBrowser(c, { core, config }, session.account.id)
        return c.redirect('/')
      } catch (error) {
        // Somebody looks at this in a browser: the page says it in words.
        if (error instanceof AppError) return c.redirect(`/login?google=${error.code}`)
        throw error
      }
    },
  )

  function requireClient(): OpenIdClient {
    const { google, publicUrl } = config
    if (!google) throw new AppError('not_found', 'Signing in with Google is not set up here.')
    return { ...google, redirectUri: `${publicUrl}/v1/auth/google/callback` }
  }
  return app
}

/** Another site may send a browser here, but not to tie something to an account. */
function linkedTo(c: Context<Env>): string {
  const site = c.req.header('sec-fetch-site')
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new AppError('forbidden', 'This request did not come from the console.')
  }
  return requireSession(c).account.id
}
