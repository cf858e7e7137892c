import { z } from 'zod'
import type { ListedKey } from '#core/accounts/api-keys.ts'
import type { ListedIdentity } from '#core/accounts/identities.ts'
import type { Preferences } from '#core/accounts/preferences.ts'
import { API_SCOPES } from '#core/accounts/scopes.ts'
import type { NotificationView } from '#core/notifications/read.ts'
import type { NotificationSettings } from '#core/notifications/settings.ts'
import { NOTIFICATION_TYPES } from '#core/notifications/types.ts'
import { context, json, moment, object, shapeOf, teamRole, usd } from './shape.ts'

const identity = shapeOf<ListedIdentity>()(
  z.object({
    channel: z.string(),
    externalId: z.string(),
    name: z.string(),
    privateConversation: z.string().exactOptional(),
    attachedAtMs: z.int(),
  }),
)

type Times = 'createdAtMs' | 'expiresAtMs' | 'revokedAtMs' | 'lastUsedAtMs'

/** Who one is, what one is told, and how one wants to be treated. */
export const ME_VIEWS = {
  Me: z.object({
    accountId: z.string(),
    handle: z.string(),
    displayName: z.string(),
    platformRole: z.enum(['user', 'admin']),
    timeZone: z.string(),
    context: context.extend({ name: z.string() }),
    teams: z.array(z.object({ id: z.string(), name: z.string(), role: teamRole })),
    identities: z.array(identity),
  }),
  ApiKey: shapeOf<Omit<ListedKey, Times>>()(
    z.object({
      id: z.string(),
      name: z.string(),
      hint: z.string().meta({ description: 'Its last four characters' }),
      scopes: z.array(z.enum(API_SCOPES)).meta({ description: 'Empty is all that the account may do' }),
    }),
  ).extend({
    createdAt: moment,
    expiresAt: moment.nullable(),
    revokedAt: moment.nullable(),
    lastUsedAt: moment.nullable(),
  }),
  ApiKeyMade: z.object({ id: z.string(), key: z.string().meta({ description: 'Shown this once' }) }),
  Preferences: shapeOf<Preferences>()(
    z.object({
      displayName: z.string(),
      timeZone: z.string(),
      confirmAboveUsd: usd.nullable().meta({ description: 'Above this a run is confirmed first' }),
      toolDefaults: z.record(z.string(), json),
      notifications: object<NotificationSettings>('What one hears of, where and when'),
    }),
  ),
  Notification: shapeOf<NotificationView>()(
    z.object({
      id: z.string(),
      type: z.enum(NOTIFICATION_TYPES),
      title: z.string(),
      priority: z.enum(['low', 'normal', 'urgent']),
      text: z.string(),
      context,
      subject: z.string().meta({ description: 'The id of what it is about' }),
      createdAt: moment,
      readAt: moment.nullable(),
      status: z.enum(['out', 'held', 'listed']),
      waitsUntil: moment.nullable(),
      deliveries: z.array(
        z.object({
          channel: z.string(),
          status: z.enum(['sending', 'delivered', 'undelivered']),
          deliveredAt: moment.nullable(),
          error: z.string().nullable(),
        }),
      ),
    }),
  ),
  NotificationsRead: z.object({ read: z.int() }),
}

/** A page of notifications says how many are not read, of all. */
export const NOTIFICATION_PAGE = {
  NotificationPage: z.object({
    items: z.array(ME_VIEWS.Notification),
    nextCursor: z.string().nullable(),
    unread: z.int(),
  }),
}
