import { type Context, Hono } from 'hono'
import { deleteCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import { claimInstance } from '#core/accounts/claim.ts'
import { signInWithLink } from '#core/accounts/console-link.ts'
import { createSession, endSession, type Session } from '#core/accounts/sessions.ts'
import { AppError } from '#core/errors.ts'
import { joinWithNewAccount } from '#core/teams/newcomer.ts'
import { sessionCookie } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readBody } from '../read-body.ts'
import { meView } from './me.ts'

const claimBody = z.strictObject({
  code: z.string().min(1).max(200),
  handle: z.string().max(64),
  displayName: z.string().max(200).optional(),
})
const linkBody = z.strictObject({ code: z.string().min(1).max(200) })

/** Signing in to the console. Codes are used up by POST only: a link that something merely opens changes nothing. */
export function authRoutes({ core, config }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.post(
    '/auth/claim',
    describe({
      summary: 'Become the admin of a new instance',
      more: 'With the code that its first start has printed. Sets the cookie of the console.',
      group: 'auth',
      asks: 'nobody',
      body: claimBody,
      answers: { 200: 'Me' },
      refuses: ['not_found', 'expired', 'conflict', 'bad_input', 'forbidden'],
    }),
    async (c) => {
      await c.get('limits').countTry(c, 'claim')
      const { code, handle, displayName } = await readBody(c, claimBody)
      const account = await claimInstance(core, { code, handle, displayName: displayName || handle })
      return signedIn(c, account.id, await createSession(core, account.id, 'claim'))
    },
  )

  app.post(
    '/auth/join',
    describe({
      summary: 'Make an account with an invitation',
      more: 'Sets the cookie of the console.',
      group: 'auth',
      asks: 'nobody',
      body: claimBody,
      answers: { 200: 'Me' },
      refuses: ['not_found', 'expired', 'conflict', 'bad_input', 'forbidden', 'limit_reached'],
    }),
    async (c) => {
      await c.get('limits').countTry(c, 'join')
      const { code, handle, displayName } = await readBody(c, claimBody)
      const { account } = await joinWithNewAccount(core, { code, handle, displayName: displayName || handle })
      return signedIn(c, account.id, await createSession(core, account.id, 'join'))
    },
  )

  app.post(
    '/auth/link',
    describe({
      summary: 'Sign in with a one-time link',
      more: 'With the code of the link that `/console` gives in chat. Sets the cookie of the console.',
      group: 'auth',
      asks: 'nobody',
      body: linkBody,
      answers: { 200: 'Me' },
      refuses: ['not_found', 'expired', 'unauthorized', 'forbidden'],
    }),
    async (c) => {
      await c.get('limits').countTry(c, 'link')
      const { code } = await readBody(c, linkBody)
      const session = await signInWithLink(core, code)
      return signedIn(c, session.account.id, session)
    },
  )

  app.post(
    '/auth/logout',
    describe({
      summary: 'End the session of the console',
      group: 'auth',
      asks: 'nobody',
      answers: { 204: null },
      refuses: ['unauthorized', 'forbidden'],
    }),
    async (c) => {
      const principal = c.get('principal')
      if (principal?.by.type === 'key') throw new AppError('bad_request', 'An API key is revoked, not signed out.')
      if (principal?.by.type === 'session') await endSession(core, principal.by.token)
      deleteCookie(c, sessionCookie(config), { path: '/' })
      return c.body(null, 204)
    },
  )

  async function signedIn(c: Context<Env>, accountId: string, { token, expiresAtMs }: Session): Promise<Response> {
    setCookie(c, sessionCookie(config), token, {
      path: '/',
      httpOnly: true,
      sameSite: 'Lax',
      secure: config.publicUrl.startsWith('https:'),
      expires: new Date(expiresAtMs),
    })
    return c.json(await meView(core, accountId, 'web'))
  }
  return app
}
