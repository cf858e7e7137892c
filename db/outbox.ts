import { type Kysely, type Selectable, sql } from 'kysely'
import type { OutboxTable, Schema } from './schema.ts'
import { blind, statement } from './statement.ts'

/** A message or card on its way out. */
export type OutgoingRow = Selectable<OutboxTable>

interface NewOutgoing {
  channel: string
  conversation: string
  cause: string
  replyJson: string
  onlyFor: string | null
  replyTo: string | null
  hintsJson: string | null
  nowMs: number
}

/** What nobody has tried to deliver yet. */
const UNSENT = {
  status: 'new',
  version: 1,
  sent_version: 0,
  content_hash: null,
  message_ref: null,
  tries: 0,
  not_before_ms: 0,
  last_error: null,
  sent_at_ms: null,
} as const

const outgoing = (q: Kysely<Schema>, p: NewOutgoing) =>
  q.insertInto('outbox').values({
    channel: p.channel,
    conversation: p.conversation,
    card_key: null,
    cause: p.cause,
    reply_json: p.replyJson,
    only_for: p.onlyFor,
    reply_to: p.replyTo,
    hints_json: p.hintsJson,
    created_at_ms: p.nowMs,
    ...UNSENT,
  })

export const insertOutgoing = blind((q, p: NewOutgoing) => outgoing(q, p))

/** The same for who wants to know later what became of it. */
export const insertFollowed = statement((q, p: NewOutgoing) => outgoing(q, p).returning('seq'))

/** A card to be shown, or shown anew: what it says is made when it is delivered. */
export const upsertCard = blind(
  (q, p: { channel: string; conversation: string; cardKey: string; cause: string; nowMs: number }) =>
    q
      .insertInto('outbox')
      .values({
        channel: p.channel,
        conversation: p.conversation,
        card_key: p.cardKey,
        cause: p.cause,
        reply_json: null,
        only_for: null,
        reply_to: null,
        hints_json: null,
        created_at_ms: p.nowMs,
        ...UNSENT,
      })
      .onConflict((conflict) =>
        conflict.columns(['channel', 'conversation', 'card_key']).where('card_key', 'is not', null).doUpdateSet({
          version: sql`outbox.version + 1`,
          status: sql`case when outbox.status = 'sent' then 'new' else outbox.status end`,
        }),
      ),
)

/** A card that may show something older than what was shown last: it is shown anew, whatever is known of it. */
export const showCardAgain = statement((q, p: { seq: number }) =>
  q
    .updateTable('outbox')
    .set({
      version: sql`version + 1`,
      content_hash: null,
      status: sql`case when status = 'sent' then 'new' else status end`,
    })
    .where('seq', '=', p.seq),
)

export const findCard = statement((q, p: { channel: string; conversation: string; cardKey: string }) =>
  q
    .selectFrom('outbox')
    .select('seq')
    .where('channel', '=', p.channel)
    .where('conversation', '=', p.conversation)
    .where('card_key', '=', p.cardKey),
)

/** Written out, not bound: only so does SQLite see that the partial index serves. */
const isWaiting = sql<boolean>`status in ('new', 'sending')`

/** What waits to go out in one conversation, in order. */
export const listWaiting = statement((q, p: { channel: string; conversation: string; limit: number }) =>
  q
    .selectFrom('outbox')
    .selectAll()
    .where('channel', '=', p.channel)
    .where('conversation', '=', p.conversation)
    .where(isWaiting)
    .orderBy('seq')
    .limit(p.limit),
)

/** Whether anything that one message led to has yet to go out where it was said. */
export const findWaitingOf = statement((q, p: { channel: string; conversation: string; cause: string }) =>
  q
    .selectFrom('outbox')
    .select('seq')
    .where('channel', '=', p.channel)
    .where('conversation', '=', p.conversation)
    .where(isWaiting)
    .where('cause', '=', p.cause)
    .limit(1),
)

export const markSending = blind((q, p: { seq: number }) =>
  q.updateTable('outbox').set({ status: 'sending', tries: sql`tries + 1` }).where('seq', '=', p.seq),
)

/** It was not tried after all, because what goes before it must wait: it is again as it was read. */
export const unmarkSending = blind((q, p: Pick<OutgoingRow, 'seq' | 'status' | 'tries'>) =>
  q.updateTable('outbox').set({ status: p.status, tries: p.tries }).where('seq', '=', p.seq),
)

/** Delivered in this version; a card that has moved on meanwhile goes out again. */
export const markSent = blind(
  (
    q,
    p: {
      seq: number
      version: number
      messageRef: string | null
      contentHash: string | null
      notBeforeMs: number
      nowMs: number
    },
  ) =>
    q
      .updateTable('outbox')
      .set({
        status: sql`case when version > ${p.version} then 'new' else 'sent' end`,
        sent_version: p.version,
        message_ref: sql`coalesce(cast(${p.messageRef} as text), message_ref)`,
        content_hash: p.contentHash,
        not_before_ms: p.notBeforeMs,
        tries: 0,
        last_error: null,
        sent_at_ms: p.nowMs,
      })
      .where('seq', '=', p.seq),
)

/** It was refused for now, so this try changed nothing: what may have gone out earlier still may have. */
export const markRetry = statement(
  (q, p: Pick<OutgoingRow, 'seq' | 'status' | 'tries'> & { notBeforeMs: number; error: string }) =>
    q
      .updateTable('outbox')
      .set({ status: p.status, not_before_ms: p.notBeforeMs, last_error: p.error, tries: p.tries })
      .where('seq', '=', p.seq),
)

/** Leaves it as sent-or-not-known: the next try says that it may be a duplicate. */
export const markUnclear = statement((q, p: { seq: number; notBeforeMs: number; error: string }) =>
  q
    .updateTable('outbox')
    .set({ status: 'sending', not_before_ms: p.notBeforeMs, last_error: p.error })
    .where('seq', '=', p.seq),
)

export const markUndelivered = statement((q, p: { seq: number; error: string }) =>
  q.updateTable('outbox').set({ status: 'undelivered', last_error: p.error }).where('seq', '=', p.seq),
)
