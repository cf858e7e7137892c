import { sql } from 'kysely'
import { statement } from './statement.ts'

/**
 * Shows a home whatever it showed before, and though it could not be shown before: somebody has opened it, perhaps for the
 * first time since it was installed. From then on it is as old as any message that is put in now.
 */
export const openHomeCard = statement(
  (q, p: { channel: string; conversation: string; cardKey: string; cause: string; nowMs: number }) =>
    q
      .updateTable('outbox')
      .set({
        cause: p.cause,
        content_hash: null,
        created_at_ms: p.nowMs,
        status: sql`case when status = 'undelivered' then 'new' else status end`,
        tries: sql`case when status = 'undelivered' then 0 else tries end`,
      })
      .where('channel', '=', p.channel)
      .where('conversation', '=', p.conversation)
      .where('card_key', '=', p.cardKey),
)

/** Homes of a channel that were opened since. Between these two every one is found, in whatever order letters stand. */
export const listOpenedHomes = statement((q, p: { channel: string; since: string }) =>
  q
    .selectFrom('outbox')
    .select(['conversation', 'card_key', 'cause'])
    .where('channel', '=', p.channel)
    .where('conversation', '>=', 'home:')
    .where('conversation', '<', 'homf')
    .where('card_key', 'is not', null)
    .where('cause', '>=', p.since),
)

export const findNewestEvent = statement((q, _: Record<never, never>) =>
  q.selectFrom('event').select('seq').orderBy('seq', 'desc').limit(1),
)

/** Who did something, and where something happened, since an event. */
export const listStirred = statement((q, p: { after: number }) =>
  q.selectFrom('event').select(['actor', 'context']).distinct().where('seq', '>', p.after),
)
