import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { claimInstance } from '#core/accounts/claim.ts'
import { signInWithLink } from '#core/accounts/console-link.ts'
import { isNameOf, type LoginName, logIn } from '#core/accounts/login.ts'
import { refreshSession } from '#core/accounts/refresh.ts'
import { register } from '#core/accounts/register.ts'
import { createSession, endSessionById } from '#core/accounts/sessions.ts'
import { AppError } from '#core/errors.ts'
import { joinWithNewAccount } from '#core/teams/newcomer.ts'
import { dropCookie, SESSION_COOKIE } from '../auth/cookies.ts'
import { knownBrowser } from '../auth/known-browser.ts'
import { answerSignedIn, entryOf, tokensView } from '../auth/signed-in.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readBody } from '../read-body.ts'
import { sendVerification } from './auth-mail.ts'

const secret = z.string().min(1).max(200)
/** A program gets an access token and a refresh token in the answer; a browser a cookie. */
const tokens = z.boolean().default(false)
/** How long it must be is said with the reason; this only keeps out what is none. */
const password = z.string().min(1).max(1_000)
const claimBody = z.strictObject({
  code: secret,
  handle: z.string().max(64),
  displayName: z.string().max(200).optional(),
})
/** With a password to come back by; without one there is the link from the chat. */
const joinBody = claimBody.extend({ password: password.exactOptional() })
const linkBody = z.strictObject({ code: secret, tokens })
const registerBody = z.strictObject({
  handle: z.string().max(64),
  displayName: z.string().max(200).exactOptional(),
  password,
  email: z.string().max(300).exactOptional(),
  invitation: secret.exactOptional(),
  tokens,
})
const loginBody = z
  .strictObject({
    handle: z.string().max(64).exactOptional(),
    email: z.string().max(300).exactOptional(),
    password,
    tokens,
  })
  .refine(({ handle, email }) => (handle === undefined) !== (email === undefined), 'takes a handle or an email')
const refreshBody = z.strictObject({ refreshToken: secret })

/** Getting in and out. Codes are used up by POST only: a link that something merely opens changes nothing. */
export function authRoutes(deps: ServerDeps): Hono<Env> {
  const { core, config, mailer } = deps
  const app = new Hono<Env>()

  /** What there is to sign in with, for the page on which one does. */
  app.get(
    '/auth/methods',
    describe({
      summary: 'What there is to sign in with',
      group: 'auth',
      asks: 'nobody',
      answers: { 200: 'SignInMethods' },
    }),
    (c) =>
      c.json({
        password: true,
        mail: mailer !== undefined,
        google: config.google !== undefined,
        access: config.access,
      }),
  )

  app.post(
    '/auth/claim',
    describe({
      summary: 'Become the admin of a new instance',
      more: 'With the code that its first start has printed. Sets the cookie of the console.',
      group: 'auth',
      asks: 'nobody',
      body: claimBody,
      answers: { 200: 'Me' },
      refuses: ['not_found', 'expired', 'conflict', 'bad_input', 'unauthorized', 'forbidden'],
    }),
    async (c) => {
      await c.get('limits').countTry(c, 'claim')
      const { code, handle, displayName } = await readBody(c, claimBody)
      const { id } = await claimInstance(core, { code, handle, displayName: displayName || handle })
      const session = await createSession(core, id, { ...entryOf(c, false), by: 'claim' })
      return answerSignedIn(c, deps, { accountId: id, session, wantsTokens: false })
    },
  )

  app.post(
    '/auth/join',
    describe({
      summary: 'Make an account with an invitation',
      more: 'Sets the cookie of the console.',
      group: 'auth',
      asks: 'nobody',
      body: joinBody,
      answers: { 200: 'Me' },
      refuses: ['not_found', 'expired', 'conflict', 'bad_input', 'unauthorized', 'forbidden', 'limit_reached'],
    }),
    async (c) => {
      await c.get('limits').countTry(c, 'join')
      const { code, handle, displayName, password } = await readBody(c, joinBody)
      if (password !== undefined) {
        const wanted = { handle, displayName: displayName || handle, password, invitation: code }
        const session = await register(core, wanted, entryOf(c, false))
        return answerSignedIn(c, deps, { accountId: session.account.id, session, wantsTokens: false })
      }
      const { account } = await joinWithNewAccount(core, { code, handle, displayName: displayName || handle })
      const session = await createSession(core, account.id, { ...entryOf(c, false), by: 'join' })
      return answerSignedIn(c, deps, { accountId: account.id, session, wantsTokens: false })
    },
  )

  app.post(
    '/auth/register',
    describe({
      summary: 'Make an account with a password',
      more: 'Where access is open, or with an invitation. An address opens nothing before it is confirmed by the mail that goes there.',
      group: 'auth',
      asks: 'nobody',
      body: registerBody,
      answers: { 201: 'SignedIn' },
      refuses: ['not_found', 'expired', 'conflict', 'bad_input', 'unauthorized', 'forbidden', 'limit_reached'],
    }),
    async (c) => {
      await c.get('limits').countTry(c, 'register')
      const { tokens, ...wanted } = await readBody(c, registerBody)
      if (wanted.email !== undefined) await c.get('limits').countMail(c, wanted.email.trim().toLowerCase())
      const { account, email, ...session } = await register(core, wanted, entryOf(c, tokens))
      if (email !== undefined) sendVerification(deps, { accountId: account.id, handle: account.handle, address: email })
      c.status(201)
      return answerSignedIn(c, deps, { accountId: account.id, session, wantsTokens: tokens })
    },
  )

  app.post(
    '/auth/login',
    describe({
      summary: 'Sign in with a password',
      more: 'With a handle, or with an address that was confirmed. Five tries a minute.',
      group: 'auth',
      asks: 'nobody',
      body: loginBody,
      answers: { 200: 'SignedIn' },
      refuses: ['unauthorized', 'forbidden'],
    }),
    async (c) => {
      const { tokens, password, handle, email } = await readBody(c, loginBody)
      const name = handle === undefined ? { email: email ?? '' } : { handle }
      await countLogin(c, deps, name)
      const session = await logIn(core, { ...name, password }, entryOf(c, tokens))
      return answerSignedIn(c, deps, { accountId: session.accountId, session, wantsTokens: tokens })
    },
  )

  app.post(
    '/auth/link',
    describe({
      summary: 'Sign in with a one-time link',
      more: 'With the code of the link that `/console` gives in chat.',
      group: 'auth',
      asks: 'nobody',
      body: linkBody,
      answers: { 200: 'SignedIn' },
      refuses: ['not_found', 'expired', 'conflict', 'unauthorized', 'forbidden'],
    }),
    async (c) => {
      await c.get('limits').countTry(c, 'link')
      const { code, tokens } = await readBody(c, linkBody)
      const { account, ...session } = await signInWithLink(core, code, entryOf(c, tokens))
      return answerSignedIn(c, deps, { accountId: account.id, session, wantsTokens: tokens })
    },
  )

  app.post(
    '/auth/refresh',
    describe({
      summary: 'Get the next pair of tokens',
      more: 'The token that was sent is used up; within ten seconds it gives the same pair again. Sent later, or an older one: the session ends.',
      group: 'auth',
      asks: 'nobody',
      body: refreshBody,
      answers: { 200: 'Tokens' },
      refuses: ['unauthorized', 'forbidden'],
    }),
    async (c) => {
      const { refreshToken } = await readBody(c, refreshBody)
      return c.json(await tokensView(deps, await refreshSession(core, refreshToken)))
    },
  )

  app.post(
    '/auth/logout',
    describe({
      summary: 'End the session that asks',
      group: 'auth',
      asks: 'nobody',
      answers: { 204: null },
      refuses: ['unauthorized', 'forbidden'],
    }),
    async (c) => {
      const principal = c.get('principal')
      if (principal?.by.type === 'key') throw new AppError('bad_request', 'An API key is revoked, not signed out.')
      if (principal) await endSessionById(core, principal.account.id, principal.by.id).catch(isOver)
      dropCookie(c, config, SESSION_COOKIE)
      return c.body(null, 204)
    },
  )
  return app
}

/**
 * Counted by what was typed, not by whose it is: who has no account is counted just so. From all addresses together, so that
 * who has many gains nothing by it. A browser that was signed in to the account before is counted by itself: whoever tries
 * elsewhere does not keep its owner out.
 */
async function countLogin(c: Context<Env>, deps: ServerDeps, name: LoginName): Promise<void> {
  const limits = c.get('limits')
  const typed = 'handle' in name ? name.handle : name.email
  const plain = typed.trim().normalize('NFKC').replace(/^@/, '').toLowerCase()
  const known = knownBrowser(c, deps)
  if (known && (await isNameOf(deps.core, name, known.accountId))) {
    return limits.countAccountTry(c, `browser:${known.id}`)
  }
  await limits.countTry(c, `login:${plain}`)
  await limits.countAccountTry(c, `login:${plain}`)
}

/** Two tabs that sign out at once: the second finds nothing to end. */
function isOver(error: unknown): void {
  if (!(error instanceof AppError && error.code === 'not_found')) throw error
}
