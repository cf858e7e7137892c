import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { resetPassword, signInByMail, verifyAddress } from '#core/accounts/by-mail.ts'
import { checkAddress } from '#core/accounts/email-address.ts'
import { resetLinkFor, signInLinkFor, verifyLinkFor } from '#core/accounts/mail-links.ts'
import { AppError } from '#core/errors.ts'
import type { Mail, Mailer } from '#core/outbound/mail.ts'
import { requireSession } from '../auth/principal.ts'
import { answerSignedIn, entryOf } from '../auth/signed-in.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readBody } from '../read-body.ts'

const code = z.string().min(1).max(200)
const addressBody = z.strictObject({ email: z.string().max(300) })
const redeemBody = z.strictObject({ code, tokens: z.boolean().default(false) })
const resetBody = redeemBody.extend({ password: z.string().min(1).max(1_000) })
const verifyBody = z.strictObject({ code })

const NO_MAIL =
  'This instance sends no mail. Sign in with your password, or with the link that /console gives you in the chat; an admin can set a new password.'

/** What is said of a route on which a stranger asks for a mail. */
const ASKED = {
  more: 'Answers the same whether the address is anybody’s.',
  group: 'auth',
  asks: 'nobody',
  body: addressBody,
  answers: { 202: 'MailAsked' },
  refuses: ['bad_input', 'unauthorized', 'forbidden'],
} as const

/**
 * What goes by mail: links that sign in, new passwords, and whether an address is somebody's. Asking for mail is counted; the
 * codes in it are too long to be guessed.
 */
export function authMailRoutes(deps: ServerDeps): Hono<Env> {
  const { core } = deps
  const app = new Hono<Env>()

  app.post(
    '/auth/magic-link',
    describe({
      summary: 'Have a link sent that signs in',
      ...ASKED,
    }),
    async (c) => {
      const address = await readAddress(c)
      sendLater(deps, () => signInLinkFor(core, address))
      return c.json({ sentTo: address }, 202)
    },
  )

  app.post(
    '/auth/magic-link/redeem',
    describe({
      summary: 'Sign in with the link of a mail',
      more: 'Its code works once, for ten minutes.',
      group: 'auth',
      asks: 'nobody',
      body: redeemBody,
      answers: { 200: 'SignedIn' },
      refuses: ['not_found', 'expired', 'conflict', 'unauthorized', 'forbidden'],
    }),
    async (c) => {
      const { code, tokens } = await readBody(c, redeemBody)
      const { account, ...session } = await signInByMail(core, code, entryOf(c, tokens))
      return answerSignedIn(c, deps, { accountId: account.id, session, wantsTokens: tokens })
    },
  )

  app.post(
    '/auth/password/forgot',
    describe({
      summary: 'Have a link sent to a new password',
      ...ASKED,
    }),
    async (c) => {
      const address = await readAddress(c)
      sendLater(deps, () => resetLinkFor(core, address))
      return c.json({ sentTo: address }, 202)
    },
  )

  app.post(
    '/auth/password/reset',
    describe({
      summary: 'Choose a new password with the link of a mail',
      more: 'All other sessions end.',
      group: 'auth',
      asks: 'nobody',
      body: resetBody,
      answers: { 200: 'SignedIn' },
      refuses: ['not_found', 'expired', 'conflict', 'bad_input', 'unauthorized', 'forbidden'],
    }),
    async (c) => {
      const { code, password, tokens } = await readBody(c, resetBody)
      const { account, ...session } = await resetPassword(core, { code, password }, entryOf(c, tokens))
      return answerSignedIn(c, deps, { accountId: account.id, session, wantsTokens: tokens })
    },
  )

  app.post(
    '/auth/email',
    describe({
      summary: 'Add an address',
      more: 'It is one’s own when the link that is sent there was opened, signed in to this account.',
      group: 'auth',
      body: addressBody,
      answers: { 202: 'MailAsked' },
      refuses: ['bad_input'],
    }),
    async (c) => {
      const { account } = requireSession(c)
      const address = await readAddress(c)
      requireMailer(deps)
      sendVerification(deps, { accountId: account.id, handle: account.handle, address })
      return c.json({ sentTo: address }, 202)
    },
  )

  app.post(
    '/auth/email/verify',
    describe({
      summary: 'Confirm an address with the link of a mail',
      group: 'auth',
      body: verifyBody,
      answers: { 200: 'Address' },
      refuses: ['expired', 'conflict'],
    }),
    async (c) => {
      const { account } = requireSession(c)
      const { code } = await readBody(c, verifyBody)
      return c.json(await verifyAddress(core, { accountId: account.id, code }))
    },
  )
  return app
}

/** The address that a mail is asked for, counted. */
async function readAddress(c: Context<Env>): Promise<string> {
  const { email } = await readBody(c, addressBody)
  const address = checkAddress(email)
  await c.get('limits').countTry(c, `mail:${address}`)
  await c.get('limits').countMail(c, address)
  return address
}

/** Asks whether an address is theirs. Where there is no mail it stays a claim, which opens nothing. */
export function sendVerification(
  deps: ServerDeps,
  claim: { accountId: string; handle: string; address: string },
): void {
  if (deps.mailer) sendLater(deps, () => verifyLinkFor(deps.core, claim))
}

function requireMailer({ mailer }: ServerDeps): Mailer {
  if (!mailer) throw new AppError('bad_request', NO_MAIL)
  return mailer
}

/**
 * Everything that differs between an address that is known and one that is not happens after the answer: neither its words nor
 * its time tell. A mail that is lost is asked for again; its code stands nowhere but in it.
 */
function sendLater(deps: ServerDeps, make: () => Promise<Mail | undefined>): void {
  const mailer = requireMailer(deps)
  const send = async (): Promise<void> => {
    const mail = await make()
    if (mail) await mailer.send(mail)
  }
  send().catch((err: unknown) => deps.log.error({ err }, 'A mail could not be sent'))
}
