import { sql } from 'kysely'
import type { CallbackTable } from './schema.ts'
import { statement } from './statement.ts'

export type CallbackRow = CallbackTable

/** A wait, before anybody is asked. The same step again keeps it, and what has come for it. */
export const openCallback = statement(
  (
    q,
    p: {
      key: string
      tokenHash: string
      runId: string
      seq: number
      context: string
      providerJson: string
      sealed: string | null
      nowMs: number
    },
  ) =>
    q
      .insertInto('callback')
      .values({
        key: p.key,
        token_hash: p.tokenHash,
        run_id: p.runId,
        seq: p.seq,
        context: p.context,
        provider_json: p.providerJson,
        sealed: p.sealed,
        state: 'open',
        provider_run_id: null,
        outcome_json: null,
        body_hash: null,
        polls: 0,
        next_poll_at_ms: null,
        created_at_ms: p.nowMs,
        received_at_ms: null,
      })
      .onConflict((conflict) =>
        conflict
          .column('key')
          // Only another AUTH_SECRET makes another token of the same key.
          .doUpdateSet((row) => ({ token_hash: row.ref('excluded.token_hash') })),
      ),
)

/** What the provider said when it took the job. A second answer without an id leaves the first one's. */
export const noteSubmitted = statement((q, p: { key: string; providerRunId: string | null }) =>
  q
    .updateTable('callback')
    .set({ provider_run_id: sql<string>`coalesce(cast(${p.providerRunId} as text), provider_run_id)` })
    .where('key', '=', p.key)
    .returningAll(),
)

/** Stores what ends a wait; nothing when it has ended already. Of two at once the first is stored. */
export const receiveCallback = statement(
  (q, p: { key: string; outcomeJson: string; bodyHash: string | null; providerRunId: string | null; nowMs: number }) =>
    q
      .updateTable('callback')
      .set({
        state: 'received',
        outcome_json: p.outcomeJson,
        body_hash: p.bodyHash,
        provider_run_id: sql<string>`coalesce(provider_run_id, cast(${p.providerRunId} as text))`,
        next_poll_at_ms: null,
        received_at_ms: p.nowMs,
      })
      .where('key', '=', p.key)
      .where('state', '=', 'open'),
)

/** The wait is over and nothing came in time. */
export const closeCallback = statement((q, p: { runId: string; seq: number }) =>
  q
    .updateTable('callback')
    .set({ state: 'over', next_poll_at_ms: null })
    .where('run_id', '=', p.runId)
    .where('seq', '=', p.seq)
    .where('state', '=', 'open'),
)

export const schedulePoll = statement((q, p: { key: string; nextPollAtMs: number; polls: number }) =>
  q
    .updateTable('callback')
    .set({ polls: p.polls, next_poll_at_ms: p.nextPollAtMs })
    .where('key', '=', p.key)
    .where('state', '=', 'open'),
)

export const findCallback = statement((q, p: { key: string }) =>
  q.selectFrom('callback').selectAll().where('key', '=', p.key),
)

export const findCallbackByToken = statement((q, p: { tokenHash: string }) =>
  q.selectFrom('callback').selectAll().where('token_hash', '=', p.tokenHash),
)

export const listCallbacks = statement((q, p: { runId: string }) =>
  q.selectFrom('callback').selectAll().where('run_id', '=', p.runId).orderBy('created_at_ms'),
)
