import { type Selectable, sql } from 'kysely'
import type { OutboxTable } from './schema.ts'
import { blind, statement } from './statement.ts'

/** False (0 rows) for a delivery that is there already. */
export const insertIncoming = statement(
  (q, p: { channel: string; deliveryId: string; conversation: string; payloadJson: string; nowMs: number }) =>
    q
      .insertInto('inbox')
      .values({
        channel: p.channel,
        delivery_id: p.deliveryId,
        conversation: p.conversation,
        payload_json: p.payloadJson,
        status: 'new',
        tries: 0,
        received_at_ms: p.nowMs,
        handled_at_ms: null,
      })
      .onConflict((conflict) => conflict.columns(['channel', 'delivery_id']).doNothing())
      .returning('seq'),
)

/** Written out, not bound: only so does SQLite see that the partial index serves. */
const isNew = sql<boolean>`status = 'new'`

export const nextIncoming = statement((q, p: { channel: string; conversation: string }) =>
  q
    .selectFrom('inbox')
    .selectAll()
    .where('channel', '=', p.channel)
    .where('conversation', '=', p.conversation)
    .where(isNew)
    .orderBy('seq')
    .limit(1),
)

export const findIncoming = statement((q, p: { channel: string; deliveryId: string }) =>
  q.selectFrom('inbox').selectAll().where('channel', '=', p.channel).where('delivery_id', '=', p.deliveryId),
)

export const markIncoming = statement((q, p: { seq: number; status: 'done' | 'failed'; nowMs: number }) =>
  q
    .updateTable('inbox')
    .set({ status: p.status, handled_at_ms: p.nowMs })
    .where('seq', '=', p.seq)
    .where('status', '=', 'new'),
)

export const countIncomingTry = statement((q, p: { seq: number }) =>
  q.updateTable('inbox').set({ tries: sql`tries + 1` }).where('seq', '=', p.seq).returning('tries'),
)

/** The conversation is known by another id from now on: what waits there goes on there. */
export const moveOutbox = statement((q, p: { channel: string; from: string; to: string }) =>
  q
    .updateTable('outbox')
    .set({ conversation: p.to })
    .where('channel', '=', p.channel)
    .where('conversation', '=', p.from)
    .where('status', '<>', 'undelivered'),
)

export const moveLinkedChat = statement((q, p: { channel: string; from: string; to: string }) =>
  q
    .updateTable('linked_chat')
    .set({ conversation: p.to })
    .where('channel', '=', p.channel)
    .where('conversation', '=', p.from),
)

export const moveRuns = statement((q, p: { channel: string; from: string; to: string }) =>
  q
    .updateTable('run')
    .set({ conversation: p.to })
    .where('channel', '=', p.channel)
    .where('conversation', '=', p.from)
    .where('finished_at_ms', 'is', null),
)

/** A message or card on its way out. */
export type OutgoingRow = Selectable<OutboxTable>

export const insertOutgoing = blind(
  (
    q,
    p: {
      channel: string
      conversation: string
      cause: string
      replyJson: string
      onlyFor: string | null
      replyTo: string | null
      hintsJson: string | null
      nowMs: number
    },
  ) =>
    q
      .insertInto('outbox')
      .values({
        channel: p.channel,
        conversation: p.conversation,
        card_key: null,
        cause: p.cause,
        reply_json: p.replyJson,
        only_for: p.onlyFor,
        reply_to: p.replyTo,
        hints_json: p.hintsJson,
        status: 'new',
        version: 1,
        sent_version: 0,
        content_hash: null,
        message_ref: null,
        tries: 0,
        not_before_ms: 0,
        last_error: null,
        created_at_ms: p.nowMs,
        sent_at_ms: null,
      })
      .returning('seq'),
)

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
        status: 'new',
        version: 1,
        sent_version: 0,
        content_hash: null,
        message_ref: null,
        tries: 0,
        not_before_ms: 0,
        last_error: null,
        created_at_ms: p.nowMs,
        sent_at_ms: null,
      })
      .onConflict((conflict) =>
        conflict.columns(['channel', 'conversation', 'card_key']).where('card_key', 'is not', null).doUpdateSet({
          version: sql`outbox.version + 1`,
          status: sql`case when outbox.status = 'sent' then 'new' else outbox.status end`,
        }),
      ),
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

export const insertButton = blind((q, p: { token: string; command: string; once: number; nowMs: number }) =>
  q.insertInto('button').values({
    token: p.token,
    command: p.command,
    once: p.once,
    created_at_ms: p.nowMs,
    used_by: null,
    used_at_ms: null,
  }),
)

/** The button of a card, which is the same each time the card is rendered. */
export const keepButton = statement((q, p: { token: string; command: string; once: number; nowMs: number }) =>
  q
    .insertInto('button')
    .values({
      token: p.token,
      command: p.command,
      once: p.once,
      created_at_ms: p.nowMs,
      used_by: null,
      used_at_ms: null,
    })
    .onConflict((conflict) => conflict.column('token').doNothing()),
)

export const findButton = statement((q, p: { token: string }) =>
  q
    .selectFrom('button')
    .leftJoin('account', 'account.id', 'button.used_by')
    .select(['button.command', 'button.once', 'button.used_by', 'button.used_at_ms', 'account.handle'])
    .where('token', '=', p.token),
)

/** Only the first one gets a single-use button. */
export const useButton = statement((q, p: { token: string; accountId: string; nowMs: number }) =>
  q
    .updateTable('button')
    .set({ used_by: p.accountId, used_at_ms: p.nowMs })
    .where('token', '=', p.token)
    .where((button) => button.or([button('once', '=', 0), button('used_by', 'is', null)])),
)

/** Numbers the changes of a conversation; the row's lock puts concurrent ones in line. */
export const nextChange = statement((q, p: { channel: string; id: string }) =>
  q
    .insertInto('conversation')
    .values({ channel: p.channel, id: p.id, change_seq: 1 })
    .onConflict((conflict) =>
      conflict.columns(['channel', 'id']).doUpdateSet({ change_seq: sql`conversation.change_seq + 1` }),
    )
    .returning('change_seq'),
)

export const putChatMessage = statement(
  (
    q,
    p: {
      id: string
      conversation: string
      changeSeq: number
      author: 'user' | 'bot'
      cause: string
      partsJson: string
      nowMs: number
    },
  ) =>
    q
      .insertInto('chat_message')
      .values({
        id: p.id,
        conversation: p.conversation,
        change_seq: p.changeSeq,
        author: p.author,
        cause: p.cause,
        parts_json: p.partsJson,
        at_ms: p.nowMs,
        edited_at_ms: null,
      })
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet({ change_seq: p.changeSeq, parts_json: p.partsJson, edited_at_ms: p.nowMs }),
      ),
)

export const listChatChanges = statement((q, p: { conversation: string; after: number; limit: number }) =>
  q
    .selectFrom('chat_message')
    .selectAll()
    .where('conversation', '=', p.conversation)
    .where('change_seq', '>', p.after)
    .orderBy('change_seq')
    .limit(p.limit),
)

/** Newest first, before a message: its moment, and its change for those of the same moment. */
export const listChatMessages = statement(
  (q, p: { conversation: string; atMs: number; changeSeq: number; limit: number }) =>
    q
      .selectFrom('chat_message')
      .selectAll()
      .where('conversation', '=', p.conversation)
      .where(sql<boolean>`(at_ms, change_seq) < (${p.atMs}, ${p.changeSeq})`)
      .orderBy('at_ms', 'desc')
      .orderBy('change_seq', 'desc')
      .limit(p.limit),
)

export const listChatMessagesOf = statement((q, p: { cause: string }) =>
  q
    .selectFrom('chat_message')
    .selectAll()
    .where('cause', '=', p.cause)
    .where('author', '=', 'bot')
    .orderBy('change_seq'),
)

export const findChatMessage = statement((q, p: { id: string }) =>
  q.selectFrom('chat_message').selectAll().where('id', '=', p.id),
)
