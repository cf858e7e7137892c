import { Hono } from 'hono'
import { z } from 'zod'
import { changePassword, hasPassword } from '#core/accounts/passwords.ts'
import { endOtherSessions, endSessionById, type ListedSession, listSessions } from '#core/accounts/sessions.ts'
import { requireSession } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readBody, readQuery } from '../read-body.ts'
import { pageOf, pageQuery } from './pages.ts'
import { pathId } from './request.ts'

const password = z.string().min(1).max(1_000)
const changeBody = z.strictObject({ currentPassword: password.exactOptional(), password })

/** One's own ways in: the password, and where one is signed in. For people themselves: a key may not. */
export function authOwnRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/auth/password',
    describe({
      summary: 'Whether one has a password',
      group: 'auth',
      answers: { 200: 'PasswordState' },
    }),
    async (c) => {
      const { account } = requireSession(c)
      return c.json({ isSet: await hasPassword(core.db, account.id) })
    },
  )

  app.post(
    '/auth/password/change',
    describe({
      summary: 'Change the password, or set the first one',
      more: 'Who has one must know it. All other sessions end.',
      group: 'auth',
      body: changeBody,
      answers: { 200: 'PasswordChanged' },
      refuses: ['bad_input', 'conflict'],
    }),
    async (c) => {
      const { account, sessionId } = requireSession(c)
      await c.get('limits').countTry(c, `password:${account.id}`)
      await c.get('limits').countAccountTry(c, `password:${account.id}`)
      const body = await readBody(c, changeBody)
      return c.json(await changePassword(core, { accountId: account.id, sessionId }, body))
    },
  )

  app.get(
    '/auth/sessions',
    describe({
      summary: 'Where one is signed in',
      group: 'auth',
      query: pageQuery,
      answers: { 200: { list: 'SessionListed' } },
    }),
    async (c) => {
      const { account, sessionId } = requireSession(c)
      const all = await listSessions(core.db, account.id, core.clock.nowMs())
      const page = pageOf(all, readQuery(c, pageQuery), ({ id }) => id)
      return c.json({ ...page, items: page.items.map((session) => sessionView(session, sessionId)) })
    },
  )

  /** All but the one that asks. */
  app.delete(
    '/auth/sessions',
    describe({
      summary: 'End all sessions but the one that asks',
      group: 'auth',
      answers: { 200: 'SessionsEnded' },
    }),
    async (c) => {
      const { account, sessionId } = requireSession(c)
      return c.json({ ended: await endOtherSessions(core, account.id, sessionId) })
    },
  )

  app.delete(
    '/auth/sessions/:id',
    describe({
      summary: 'End a session',
      group: 'auth',
      answers: { 204: null },
    }),
    async (c) => {
      const { account } = requireSession(c)
      await endSessionById(core, account.id, pathId(c, 'id', 'such session'))
      return c.body(null, 204)
    },
  )
  return app
}

const sessionView = ({ createdAtMs, seenAtMs, expiresAtMs, ...session }: ListedSession, current: string): object => ({
  ...session,
  isCurrent: session.id === current,
  createdAt: new Date(createdAtMs).toISOString(),
  lastSeenAt: new Date(seenAtMs).toISOString(),
  expiresAt: new Date(expiresAtMs).toISOString(),
})
