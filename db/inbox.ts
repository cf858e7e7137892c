import { sql } from 'kysely'
import { statement } from './statement.ts'

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
