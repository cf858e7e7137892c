import type { Reader } from './db.ts'
import { query, statement } from './statement.ts'

/** Sessions and their refresh tokens: of what a client holds only the hash is stored. */

export interface NewSession {
  id: string
  hash: string
  accountId: string
  way: string
  agent: string
  nowMs: number
  expiresAtMs: number
  /** Null where a cookie holds it. */
  generation: number | null
}

export const insertSession = statement((q, p: NewSession) =>
  q.insertInto('session').values({
    id: p.id,
    hash: p.hash,
    account_id: p.accountId,
    way: p.way,
    agent: p.agent,
    created_at_ms: p.nowMs,
    expires_at_ms: p.expiresAtMs,
    seen_at_ms: p.nowMs,
    generation: p.generation,
    refreshed_at_ms: null,
  }),
)

/** By its cookie. */
export const findSessionAccount = statement((q, p: { hash: string; nowMs: number }) =>
  q
    .selectFrom('session')
    .innerJoin('account', 'account.id', 'session.account_id')
    .selectAll('account')
    .select(['session.id as session_id', 'session.expires_at_ms', 'session.seen_at_ms'])
    .where('session.hash', '=', p.hash)
    .where('session.expires_at_ms', '>', p.nowMs)
    .where('account.disabled_at_ms', 'is', null),
)

/** The same by its id, as an access token names it. */
export const findSessionById = statement((q, p: { id: string; accountId: string; nowMs: number }) =>
  q
    .selectFrom('session')
    .innerJoin('account', 'account.id', 'session.account_id')
    .selectAll('account')
    .select(['session.id as session_id', 'session.expires_at_ms', 'session.seen_at_ms'])
    .where('session.id', '=', p.id)
    .where('session.account_id', '=', p.accountId)
    .where('session.expires_at_ms', '>', p.nowMs)
    .where('account.disabled_at_ms', 'is', null),
)

/** Which of these sessions are still open at this moment. */
export async function openSessions(on: Reader, ids: readonly string[], nowMs: number): Promise<Set<string>> {
  const rows = await query(on, (q) =>
    q
      .selectFrom('session')
      .innerJoin('account', 'account.id', 'session.account_id')
      .select('session.id')
      .where('session.id', 'in', ids)
      .where('session.expires_at_ms', '>', nowMs)
      .where('account.disabled_at_ms', 'is', null),
  )
  return new Set(rows.map(({ id }) => id))
}

export const listSessions = statement((q, p: { accountId: string; nowMs: number }) =>
  q
    .selectFrom('session')
    .select(['id', 'way', 'agent', 'created_at_ms', 'expires_at_ms', 'seen_at_ms', 'generation'])
    .where('account_id', '=', p.accountId)
    .where('expires_at_ms', '>', p.nowMs)
    .orderBy('seen_at_ms', 'desc')
    .orderBy('id', 'desc'),
)

export const touchSession = statement((q, p: { id: string; nowMs: number; beforeMs: number }) =>
  q.updateTable('session').set({ seen_at_ms: p.nowMs }).where('id', '=', p.id).where('seen_at_ms', '<=', p.beforeMs),
)

export const deleteSession = statement((q, p: { id: string; accountId: string }) =>
  q.deleteFrom('session').where('id', '=', p.id).where('account_id', '=', p.accountId),
)

export const deleteSessionByHash = statement((q, p: { hash: string }) =>
  q.deleteFrom('session').where('hash', '=', p.hash).returning(['account_id', 'id']),
)

/** All of an account but one; all, where no session has that id. */
export const deleteSessionsOf = statement((q, p: { accountId: string; exceptId: string }) =>
  q.deleteFrom('session').where('account_id', '=', p.accountId).where('id', '<>', p.exceptId),
)

export const deleteOldSessions = statement((q, p: { beforeMs: number }) =>
  q.deleteFrom('session').where('expires_at_ms', '<', p.beforeMs),
)

export const insertRefreshToken = statement(
  (q, p: { hash: string; sessionId: string; generation: number; nowMs: number }) =>
    q.insertInto('refresh_token').values({
      hash: p.hash,
      session_id: p.sessionId,
      generation: p.generation,
      created_at_ms: p.nowMs,
    }),
)

/** A refresh token of whatever age, with its session as it stands now. */
export const findRefreshToken = statement((q, p: { hash: string }) =>
  q
    .selectFrom('refresh_token')
    .innerJoin('session', 'session.id', 'refresh_token.session_id')
    .innerJoin('account', 'account.id', 'session.account_id')
    .select([
      'refresh_token.generation as token_generation',
      'session.id as session_id',
      'session.account_id',
      'session.expires_at_ms',
      'session.generation as session_generation',
      'session.refreshed_at_ms',
      'account.disabled_at_ms',
    ])
    .where('refresh_token.hash', '=', p.hash),
)

/** Goes one generation on; of two at once only the first finds it where it was. */
export const advanceSession = statement((q, p: { id: string; generation: number; next: number; nowMs: number }) =>
  q
    .updateTable('session')
    .set({ generation: p.next, refreshed_at_ms: p.nowMs, seen_at_ms: p.nowMs })
    .where('id', '=', p.id)
    .where('generation', '=', p.generation)
    .where('expires_at_ms', '>', p.nowMs),
)

/** Those whose session is over. */
export const deleteLostRefreshTokens = statement((q, _: Record<never, never>) =>
  q
    .deleteFrom('refresh_token')
    .where((row) =>
      row.not(
        row.exists(
          row.selectFrom('session').select('session.id').whereRef('session.id', '=', 'refresh_token.session_id'),
        ),
      ),
    ),
)
