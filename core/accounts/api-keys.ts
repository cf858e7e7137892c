import {
  findApiKey,
  findKeyAccount,
  insertApiKey,
  listApiKeys as listKeyRows,
  revokeApiKey as markRevoked,
  touchApiKey,
} from '#db/credentials.ts'
import type { Reader } from '#db/db.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError, notFound } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { hashSecret } from '../ids.ts'
import type { JsonObject } from '../json.ts'
import { type Account, accountOf } from './account.ts'
import { checkName } from './fields.ts'
import { isKey, newKey } from './key-format.ts'
import { type ApiScope, checkScopes } from './scopes.ts'

const TOUCH_EVERY_MS = 60_000

export interface NewKey {
  name: string
  /** What the key may do; an empty list is all that the account may do. */
  scopes: readonly string[]
  /** Null is for as long as it is not revoked. */
  expiresAtMs: number | null
  /** Who makes it, for the record; the account itself when not given. */
  by?: string
}

/** Makes a key for an account. The key is in this answer and nowhere else. */
export async function createApiKey(
  core: Pick<Core, 'db' | 'ids' | 'clock'>,
  accountId: string,
  wanted: NewKey,
): Promise<{ id: string; key: string }> {
  const nowMs = core.clock.nowMs()
  const name = checkName(wanted.name, 'name')
  const scopes = checkScopes(wanted.scopes)
  const { expiresAtMs } = wanted
  if (expiresAtMs !== null && expiresAtMs <= nowMs) {
    const message = 'A key must expire in the future, or never.'
    throw new AppError('bad_input', message, { problems: [{ path: 'expiresAt', message }] })
  }
  const id = core.ids.newId('key')
  const key = newKey(core.ids)
  const row = { id, accountId, name, hash: hashSecret(key), hint: key.slice(-4), nowMs, expiresAtMs }
  await core.db.write(async function addApiKey(tx) {
    await insertApiKey.run(tx, { ...row, scopesJson: JSON.stringify(scopes) })
    const details = { name, scopes, hint: row.hint }
    await appendEvents(tx, nowMs, [keyEvent('api_key.created', wanted.by ?? accountId, accountId, id, details)])
  })
  return { id, key }
}

export interface ListedKey {
  id: string
  name: string
  /** Its last four characters: enough to tell keys apart, nothing of what is secret. */
  hint: string
  scopes: ApiScope[]
  createdAtMs: number
  expiresAtMs: number | null
  revokedAtMs: number | null
  /** To the minute. */
  lastUsedAtMs: number | null
}

/** Newest first, with those that were revoked. */
export async function listApiKeys(on: Reader, accountId: string): Promise<ListedKey[]> {
  const rows = await listKeyRows.all(on, { accountId })
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    hint: row.hint,
    scopes: JSON.parse(row.scopes_json) as ApiScope[],
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    revokedAtMs: row.revoked_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
  }))
}

/** Ends a key of one's own at once; nothing happens the second time. Others' keys are `not_found`. */
export async function revokeApiKey(core: Pick<Core, 'db' | 'clock'>, accountId: string, keyId: string): Promise<void> {
  const nowMs = core.clock.nowMs()
  await core.db.write(async function endApiKey(tx) {
    if (!(await findApiKey.first(tx, { id: keyId, accountId }))) throw notFound('such key')
    const revoked = await markRevoked.run(tx, { id: keyId, accountId, nowMs })
    if (revoked > 0) await appendEvents(tx, nowMs, [keyEvent('api_key.revoked', accountId, accountId, keyId, {})])
  })
}

export interface KeyHolder {
  keyId: string
  account: Account
  scopes: ApiScope[]
  lastUsedAtMs: number | null
}

/** Whose key it is; undefined when it is mistyped, unknown, expired or revoked, or the account is closed. */
export async function findAccountByKey(on: Reader, key: string, nowMs: number): Promise<KeyHolder | undefined> {
  if (!isKey(key)) return undefined
  const row = await findKeyAccount.first(on, { hash: hashSecret(key), nowMs })
  if (!row) return undefined
  const scopes = JSON.parse(row.scopes_json) as ApiScope[]
  return { keyId: row.key_id, account: accountOf(row), scopes, lastUsedAtMs: row.last_used_at_ms }
}

/** The same for a request that came with the key: notes when it was used, at most once a minute. */
export async function authenticateKey(core: Pick<Core, 'db' | 'clock'>, key: string): Promise<KeyHolder | undefined> {
  const nowMs = core.clock.nowMs()
  const holder = await findAccountByKey(core.db, key, nowMs)
  const beforeMs = nowMs - TOUCH_EVERY_MS
  if (holder && (holder.lastUsedAtMs === null || holder.lastUsedAtMs <= beforeMs)) {
    await core.db.write(async function noteKeyUse(tx) {
      await touchApiKey.run(tx, { id: holder.keyId, nowMs, beforeMs })
    })
  }
  return holder
}

const keyEvent = (type: string, actor: string, accountId: string, keyId: string, details: JsonObject) => ({
  type,
  actor,
  context: contextKey(personal(accountId)),
  subject: keyId,
  details,
})
