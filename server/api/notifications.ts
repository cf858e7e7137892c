import { Hono } from 'hono'
import { z } from 'zod'
import { findNotifications, readAllNotifications, readNotification } from '#core/notifications/read.ts'
import { NOTIFICATION_TYPES } from '#core/notifications/types.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { cursor } from './pages.ts'
import { pathId, readRequest } from './request.ts'
import { limit, text } from './schemas.ts'

const listQuery = z.strictObject({
  /** Those that are not read yet, and no others. */
  unread: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .exactOptional(),
  type: z.enum(NOTIFICATION_TYPES).exactOptional(),
  cursor,
  limit: limit(50, 200),
})
const nothing = z.strictObject({})
const readBody = z.strictObject({
  /** Up to and including this one; all, when it is left out. */
  upToId: text(64).min(1).exactOptional(),
})

/** What one was told. Nobody sees or changes another's. */
export function notificationRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/notifications',
    describe({
      summary: 'What one was told',
      group: 'settings',
      query: listQuery,
      answers: { 200: 'NotificationPage' },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await findNotifications(core, actor, readQuery(c, listQuery)))
    },
  )

  app.post(
    '/notifications/read',
    describe({
      summary: 'Mark notifications as read',
      group: 'settings',
      body: readBody,
      answers: { 200: 'NotificationsRead' },
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, readBody)
      return c.json(await readAllNotifications(core, actor, body))
    },
  )

  app.post(
    '/notifications/:id/read',
    describe({
      summary: 'Mark one notification as read',
      group: 'settings',
      body: nothing,
      answers: { 200: 'Notification' },
    }),
    async (c) => {
      const { actor } = await readRequest(core, c, nothing)
      return c.json(await readNotification(core, actor, pathId(c, 'id', 'such notification')))
    },
  )
  return app
}
