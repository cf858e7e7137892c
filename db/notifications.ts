import { sql } from 'kysely'
import type { Reader } from './db.ts'
import type { NotificationTable, OutboxTable } from './schema.ts'
import { query, statement } from './statement.ts'

export type NotificationRow = NotificationTable

/** Who somebody is to be told as, with what they have chosen; null when they have chosen nothing. */
export const findNotified = statement((q, p: { accountId: string }) =>
  q
    .selectFrom('account')
    .leftJoin('notification_setting', 'notification_setting.account_id', 'account.id')
    .select(['account.time_zone', 'account.platform_role', 'account.disabled_at_ms', 'settings_json'])
    .where('account.id', '=', p.accountId),
)

export const insertNotification = statement((q, p: NotificationRow) =>
  q.insertInto('notification').values({
    id: p.id,
    account_id: p.account_id,
    type: p.type,
    priority: p.priority,
    context: p.context,
    cause: p.cause,
    text: p.text,
    parts_json: p.parts_json,
    card_key: p.card_key,
    place_json: p.place_json,
    fold_key: p.fold_key,
    state: p.state,
    hold: p.hold,
    due_at_ms: p.due_at_ms,
    created_at_ms: p.created_at_ms,
    read_at_ms: p.read_at_ms,
  }),
)

/** One of the same that was told since then; those that only stand in the list do not count. */
export const findTold = statement((q, p: { accountId: string; foldKey: string; sinceMs: number }) =>
  q
    .selectFrom('notification')
    .select('id')
    .where('account_id', '=', p.accountId)
    .where('fold_key', '=', p.foldKey)
    .where('created_at_ms', '>', p.sinceMs)
    .where('state', '<>', 'listed')
    .limit(1),
)

/** Which message or card it went out as. Once for each. */
export const insertDelivery = statement((q, p: { id: string; seq: number }) =>
  q
    .insertInto('notification_delivery')
    .values({ notification_id: p.id, outbox_seq: p.seq })
    .onConflict((conflict) => conflict.columns(['notification_id', 'outbox_seq']).doNothing()),
)

/** Where a card was shown to people it was meant for. */
export const listShownCards = statement((q, p: { cardKey: string }) =>
  q
    .selectFrom('notification')
    .innerJoin('notification_delivery', 'notification_delivery.notification_id', 'notification.id')
    .innerJoin('outbox', 'outbox.seq', 'notification_delivery.outbox_seq')
    .select(['outbox.channel', 'outbox.conversation'])
    .distinct()
    .where('notification.card_key', '=', p.cardKey)
    .where('outbox.card_key', '=', p.cardKey)
    .orderBy('outbox.channel')
    .orderBy('outbox.conversation'),
)

/** Written out, not bound: only so does SQLite see that the partial index serves. */
const isHeld = sql<boolean>`state = 'held'`
const isUnread = sql<boolean>`read_at_ms is null`

/** What of a person's waits no longer, oldest first. */
export const listDue = statement((q, p: { accountId: string; nowMs: number; limit: number }) =>
  q
    .selectFrom('notification')
    .selectAll()
    .where('account_id', '=', p.accountId)
    .where(isHeld)
    .where('due_at_ms', '<=', p.nowMs)
    .orderBy('due_at_ms')
    .orderBy('created_at_ms')
    .orderBy('id')
    .limit(p.limit),
)

export const findNextHeld = statement((q, p: { accountId: string }) =>
  q
    .selectFrom('notification')
    .select('due_at_ms')
    .where('account_id', '=', p.accountId)
    .where(isHeld)
    .orderBy('due_at_ms')
    .limit(1),
)

/** Ends the wait of one, once: 0 rows when it waits no more. */
export const endHold = statement((q, p: { id: string; state: 'out' | 'listed'; readAtMs: number | null }) =>
  q
    .updateTable('notification')
    .set({
      state: p.state,
      hold: null,
      due_at_ms: null,
      read_at_ms: sql`coalesce(read_at_ms, cast(${p.readAtMs} as bigint))`,
    })
    .where('id', '=', p.id)
    .where(isHeld),
)

/** Lets one wait on. */
export const holdOn = statement((q, p: { id: string; hold: 'quiet' | 'digest'; dueAtMs: number }) =>
  q.updateTable('notification').set({ hold: p.hold, due_at_ms: p.dueAtMs }).where('id', '=', p.id).where(isHeld),
)

/** Gives all that a person has waiting for one reason another time. */
export const retimeHeld = statement((q, p: { accountId: string; hold: 'quiet' | 'digest'; dueAtMs: number }) =>
  q
    .updateTable('notification')
    .set({ due_at_ms: p.dueAtMs })
    .where('account_id', '=', p.accountId)
    .where(isHeld)
    .where('hold', '=', p.hold),
)

/** What waits to be told of a team to somebody who leaves it: it is as if it had never been. */
export const dropHeldOf = statement((q, p: { accountId: string; context: string }) =>
  q.deleteFrom('notification').where('account_id', '=', p.accountId).where(isHeld).where('context', '=', p.context),
)

/** The same for everybody in it, when it ends. */
export const dropHeldOfTeam = statement((q, p: { context: string }) =>
  q.deleteFrom('notification').where(isHeld).where('context', '=', p.context).where('type', '<>', 'role_changed'),
)

/** It is as if it had never been. */
export const dropHeld = statement((q, p: { id: string }) =>
  q.deleteFrom('notification').where('id', '=', p.id).where(isHeld),
)

export interface NotificationFilter {
  accountId: string
  isUnread: boolean
  type?: string
  /** Those before this one. */
  beforeId?: string
  limit: number
}

/** Newest first. */
export function listNotifications(on: Reader, filter: NotificationFilter): Promise<NotificationRow[]> {
  return query(on, (q) => {
    let rows = q.selectFrom('notification').selectAll().where('account_id', '=', filter.accountId)
    if (filter.isUnread) rows = rows.where(isUnread)
    if (filter.type !== undefined) rows = rows.where('type', '=', filter.type)
    if (filter.beforeId !== undefined) rows = rows.where('id', '<', filter.beforeId)
    return rows.orderBy('id', 'desc').limit(filter.limit)
  })
}

export const findNotification = statement((q, p: { id: string; accountId: string }) =>
  q.selectFrom('notification').selectAll().where('id', '=', p.id).where('account_id', '=', p.accountId),
)

export const countUnread = statement((q, p: { accountId: string }) =>
  q
    .selectFrom('notification')
    .select((row) => row.fn.countAll<number>().as('unread'))
    .where('account_id', '=', p.accountId)
    .where(isUnread),
)

/** What became of the messages of some notifications. */
export function listDeliveries(
  on: Reader,
  ids: readonly string[],
): Promise<
  (Pick<OutboxTable, 'channel' | 'status' | 'last_error'> & { notification_id: string; sent_at_ms: number | null })[]
> {
  if (ids.length === 0) return Promise.resolve([])
  return query(on, (q) =>
    q
      .selectFrom('notification_delivery')
      .innerJoin('outbox', 'outbox.seq', 'notification_delivery.outbox_seq')
      .select(['notification_id', 'outbox.channel', 'outbox.status', 'outbox.last_error', 'outbox.sent_at_ms'])
      .where('notification_id', 'in', [...ids])
      .orderBy('outbox.seq'),
  )
}

/** 0 rows for one that was read before. */
export const markRead = statement((q, p: { id: string; accountId: string; nowMs: number }) =>
  q
    .updateTable('notification')
    .set({ read_at_ms: p.nowMs })
    .where('id', '=', p.id)
    .where('account_id', '=', p.accountId)
    .where(isUnread),
)

/** Up to and including one, or all. */
export const markAllRead = statement((q, p: { accountId: string; upToId: string; nowMs: number }) =>
  q
    .updateTable('notification')
    .set({ read_at_ms: p.nowMs })
    .where('account_id', '=', p.accountId)
    .where('id', '<=', p.upToId)
    .where(isUnread),
)

/** What somebody has chosen; until the transaction ends nobody else changes it. */
export const holdNotificationSettings = statement((q, p: { accountId: string; nowMs: number }) =>
  q
    .insertInto('notification_setting')
    .values({ account_id: p.accountId, settings_json: '{}', updated_at_ms: p.nowMs })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ updated_at_ms: p.nowMs }))
    .returning('settings_json'),
)

export const saveNotificationSettings = statement((q, p: { accountId: string; settingsJson: string; nowMs: number }) =>
  q
    .insertInto('notification_setting')
    .values({ account_id: p.accountId, settings_json: p.settingsJson, updated_at_ms: p.nowMs })
    .onConflict((conflict) =>
      conflict.column('account_id').doUpdateSet({ settings_json: p.settingsJson, updated_at_ms: p.nowMs }),
    ),
)

/** The oldest of those from before then, so many at most. What waits is not over. */
export const deleteOldNotifications = statement((q, p: { beforeMs: number; most: number }) =>
  q
    .deleteFrom('notification')
    .where('id', 'in', (rows) =>
      rows
        .selectFrom('notification')
        .select('id')
        .where('created_at_ms', '<', p.beforeMs)
        .where('state', '<>', 'held')
        .orderBy('created_at_ms')
        .limit(p.most),
    ),
)
