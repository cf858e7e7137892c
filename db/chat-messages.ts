import { sql } from 'kysely'
import { statement } from './statement.ts'

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
