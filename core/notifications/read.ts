import {
  countUnread,
  findNotification,
  listDeliveries,
  listNotifications,
  markAllRead,
  markRead,
  type NotificationRow,
} from '#db/notifications.ts'
import type { Actor } from '../actor.ts'
import { type Context, contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { idCursor } from '../cursor.ts'
import { notFound } from '../errors.ts'
import { type NotificationType, type Priority, TYPES } from './types.ts'

/** What became of one on one channel. */
export type NotificationDelivery = {
  channel: string
  status: 'sending' | 'delivered' | 'undelivered'
  deliveredAt: string | null
  /** Why not, as the channel said. */
  error: string | null
}

export type NotificationView = {
  id: string
  type: NotificationType
  /** The type, as people read it. */
  title: string
  priority: Priority
  text: string
  context: Context
  /** What it is about: the id of a run, a review, a request, an invitation, a schedule, a team. */
  subject: string
  createdAt: string
  readAt: string | null
  /** `held` waits for the end of quiet hours or for the digest; `listed` is only here. */
  status: NotificationRow['state']
  waitsUntil: string | null
  deliveries: NotificationDelivery[]
}

export type NotificationQuery = { unread?: boolean; type?: NotificationType; cursor?: string; limit: number }

/** What one was told, and is yet to be told, newest first; with how many of all are unread. Nobody sees another's. */
export async function findNotifications(
  core: Pick<Core, 'db'>,
  { accountId }: Pick<Actor, 'accountId'>,
  { unread = false, type, cursor, limit }: NotificationQuery,
): Promise<{ items: NotificationView[]; nextCursor: string | null; unread: number }> {
  const rows = await listNotifications(core.db, {
    accountId,
    isUnread: unread,
    ...(type === undefined ? {} : { type }),
    ...(cursor === undefined ? {} : { beforeId: idCursor('ntf', cursor) }),
    limit: limit + 1,
  })
  const page = rows.slice(0, limit)
  const items = await viewsOf(core, page)
  const counted = await countUnread.first(core.db, { accountId })
  return { items, nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null, unread: counted?.unread ?? 0 }
}

/** Marks one as read; a second time nothing changes. `not_found` for another's. */
export async function readNotification(
  core: Pick<Core, 'db' | 'clock'>,
  { accountId }: Pick<Actor, 'accountId'>,
  id: string,
): Promise<NotificationView> {
  const nowMs = core.clock.nowMs()
  const row = await core.db.write(async function readOne(tx) {
    await markRead.run(tx, { id, accountId, nowMs })
    return findNotification.first(tx, { id, accountId })
  })
  const [view] = row ? await viewsOf(core, [row]) : []
  if (!view) throw notFound('such notification')
  return view
}

/**
 * Marks all as read, or those up to and including one: what has come since it was looked at stays unread. Says how many
 * there were.
 */
export async function readAllNotifications(
  core: Pick<Core, 'db' | 'clock'>,
  { accountId }: Pick<Actor, 'accountId'>,
  { upToId }: { upToId?: string } = {},
): Promise<{ read: number }> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function readAll(tx) {
    if (upToId !== undefined && !(await findNotification.first(tx, { id: upToId, accountId }))) {
      throw notFound('such notification')
    }
    return { read: await markAllRead.run(tx, { accountId, upToId: upToId ?? LAST, nowMs }) }
  })
}

/** Behind every id of a notification. */
const LAST = 'ntf_~'

async function viewsOf(core: Pick<Core, 'db'>, rows: readonly NotificationRow[]): Promise<NotificationView[]> {
  const ids = rows.map(({ id }) => id)
  const all = await listDeliveries(core.db, ids)
  return rows.map((row) => {
    const type = row.type as NotificationType
    const deliveries = all.filter((one) => one.notification_id === row.id)
    return {
      id: row.id,
      type,
      title: TYPES[type].title,
      priority: row.priority,
      text: row.text,
      context: contextOf(row.context),
      subject: row.cause,
      createdAt: iso(row.created_at_ms),
      readAt: isoOrNull(row.read_at_ms),
      status: row.state,
      waitsUntil: isoOrNull(row.due_at_ms),
      deliveries: deliveries.map(deliveryOf),
    }
  })
}

type DeliveryRow = Awaited<ReturnType<typeof listDeliveries>>[number]

/** A card that is to be shown anew was delivered all the same. */
const deliveryOf = ({ channel, status, last_error, sent_at_ms }: DeliveryRow): NotificationDelivery => ({
  channel,
  status: status === 'undelivered' ? 'undelivered' : sent_at_ms === null ? 'sending' : 'delivered',
  deliveredAt: isoOrNull(sent_at_ms),
  error: status === 'undelivered' ? last_error : null,
})

const iso = (ms: number): string => new Date(ms).toISOString()
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms))
