import { sql } from 'kysely'
import type { Reader } from './db.ts'
import { query, statement } from './statement.ts'

/** Codes and keys: of each only the hash is stored. */

/** Writes nothing when the same code is there already. */
export const insertSecretCode = statement(
  (
    q,
    p: {
      hash: string
      kind: string
      accountId: string | null
      payloadJson: string
      nowMs: number
      expiresAtMs: number
    },
  ) =>
    q
      .insertInto('secret_code')
      .values({
        hash: p.hash,
        kind: p.kind,
        account_id: p.accountId,
        payload_json: p.payloadJson,
        created_at_ms: p.nowMs,
        expires_at_ms: p.expiresAtMs,
        used_at_ms: null,
      })
      .onConflict((conflict) => conflict.doNothing()),
)

export const findSecretCode = statement((q, p: { hash: string; kind: string }) =>
  q.selectFrom('secret_code').selectAll().where('hash', '=', p.hash).where('kind', '=', p.kind),
)

/** Uses it up, when it is neither used nor expired; one statement, so two at once cannot both. */
export const spendSecretCode = statement((q, p: { hash: string; kind: string; payloadJson: string; nowMs: number }) =>
  q
    .updateTable('secret_code')
    .set({ used_at_ms: p.nowMs, payload_json: p.payloadJson })
    .where('hash', '=', p.hash)
    .where('kind', '=', p.kind)
    .where('used_at_ms', 'is', null)
    .where('expires_at_ms', '>', p.nowMs),
)

export const deleteCodesOfKind = statement((q, p: { kind: string }) =>
  q.deleteFrom('secret_code').where('kind', '=', p.kind),
)

/** What was asked for before and not used: only the newest of a kind works. */
export const deleteCodesOf = statement((q, p: { kind: string; accountId: string }) =>
  q
    .deleteFrom('secret_code')
    .where('kind', '=', p.kind)
    .where('account_id', '=', p.accountId)
    .where('used_at_ms', 'is', null),
)

export const deleteOldCodes = statement((q, p: { beforeMs: number }) =>
  q.deleteFrom('secret_code').where('expires_at_ms', '<', p.beforeMs),
)

export interface NewApiKey {
  id: string
  accountId: string
  name: string
  hash: string
  hint: string
  scopesJson: string
  nowMs: number
  expiresAtMs: number | null
}

export const insertApiKey = statement((q, p: NewApiKey) =>
  q.insertInto('api_key').values({
    id: p.id,
    account_id: p.accountId,
    name: p.name,
    hash: p.hash,
    hint: p.hint,
    scopes_json: p.scopesJson,
    created_at_ms: p.nowMs,
    expires_at_ms: p.expiresAtMs,
    revoked_at_ms: null,
    last_used_at_ms: null,
  }),
)

export const listApiKeys = statement((q, p: { accountId: string }) =>
  q
    .selectFrom('api_key')
    .select(['id', 'name', 'hint', 'scopes_json', 'created_at_ms', 'expires_at_ms', 'revoked_at_ms', 'last_used_at_ms'])
    .where('account_id', '=', p.accountId)
    .orderBy('created_at_ms', 'desc')
    .orderBy('id', 'desc'),
)

export const findApiKey = statement((q, p: { id: string; accountId: string }) =>
  q.selectFrom('api_key').select(['id', 'revoked_at_ms']).where('id', '=', p.id).where('account_id', '=', p.accountId),
)

/** Writes nothing when it is revoked already. */
export const revokeApiKey = statement((q, p: { id: string; accountId: string; nowMs: number }) =>
  q
    .updateTable('api_key')
    .set({ revoked_at_ms: p.nowMs })
    .where('id', '=', p.id)
    .where('account_id', '=', p.accountId)
    .where('revoked_at_ms', 'is', null),
)

/** Which of these keys work at this moment. */
export const goodKeys = async (on: Reader, ids: readonly string[], nowMs: number): Promise<Set<string>> => {
  const rows = await query(on, (q) =>
    q
      .selectFrom('api_key')
      .innerJoin('account', 'account.id', 'api_key.account_id')
      .select('api_key.id')
      .where('api_key.id', 'in', ids)
      .where('api_key.revoked_at_ms', 'is', null)
      .where(sql<boolean>`(api_key.expires_at_ms is null or api_key.expires_at_ms > ${nowMs})`)
      .where('account.disabled_at_ms', 'is', null),
  )
  return new Set(rows.map(({ id }) => id))
}

/** The account behind a key that works at this moment. */
export const findKeyAccount = statement((q, p: { hash: string; nowMs: number }) =>
  q
    .selectFrom('api_key')
    .innerJoin('account', 'account.id', 'api_key.account_id')
    .selectAll('account')
    .select(['api_key.id as key_id', 'api_key.scopes_json', 'api_key.last_used_at_ms'])
    .where('api_key.hash', '=', p.hash)
    .where('api_key.revoked_at_ms', 'is', null)
    .where(sql<boolean>`(api_key.expires_at_ms is null or api_key.expires_at_ms > ${p.nowMs})`)
    .where('account.disabled_at_ms', 'is', null),
)

export const touchApiKey = statement((q, p: { id: string; nowMs: number; beforeMs: number }) =>
  q
    .updateTable('api_key')
    .set({ last_used_at_ms: p.nowMs })
    .where('id', '=', p.id)
    .where(sql<boolean>`(last_used_at_ms is null or last_used_at_ms <= ${p.beforeMs})`),
)
