import { statement } from './statement.ts'

export const findIdempotent = statement((q, p: { key: string }) =>
  q.selectFrom('idempotency').select(['request_hash', 'response_json']).where('key', '=', p.key),
)

/** A second one under the same key fails: two at once, of which one is undone. */
export const insertIdempotent = statement(
  (q, p: { key: string; requestHash: string; responseJson: string; nowMs: number }) =>
    q.insertInto('idempotency').values({
      key: p.key,
      request_hash: p.requestHash,
      response_json: p.responseJson,
      created_at_ms: p.nowMs,
    }),
)

/** The oldest of those from before then, so many at most. */
export const deleteOldIdempotent = statement((q, p: { beforeMs: number; most: number }) =>
  q
    .deleteFrom('idempotency')
    .where('key', 'in', (rows) =>
      rows
        .selectFrom('idempotency')
        .select('key')
        .where('created_at_ms', '<', p.beforeMs)
        .orderBy('created_at_ms')
        .limit(p.most),
    ),
)
