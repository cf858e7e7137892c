import { deleteSession, findSessionAccount, insertSession } from '#db/credentials.ts'
import type { Reader, Tx } from '#db/db.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { hashSecret, type Ids } from '../ids.ts'
import { type Account, accountOf } from './account.ts'

const SESSION_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000

export interface Session {
  /** 256 random bits, for a cookie; only its hash is kept. */
  token: string
  expiresAtMs: number
}

/** Signs an account in, for 30 days whatever it does meanwhile. `by` is how: `console_link`, `claim`, … */
export async function openSession(
  tx: Tx,
  { ids, nowMs }: { ids: Ids; nowMs: number },
  accountId: string,
  by: string,
): Promise<Session> {
  const token = ids.newSecret() + ids.newSecret()
  const expiresAtMs = nowMs + SESSION_LIFETIME_MS
  await insertSession.run(tx, { hash: hashSecret(token), accountId, nowMs, expiresAtMs })
  await appendEvents(tx, nowMs, [sessionEvent('session.started', accountId, { by })])
  return { token, expiresAtMs }
}

export async function createSession(
  core: Pick<Core, 'db' | 'ids' | 'clock'>,
  accountId: string,
  by: string,
): Promise<Session> {
  const { ids } = core
  const nowMs = core.clock.nowMs()
  return core.db.write(async function signIn(tx) {
    return openSession(tx, { ids, nowMs }, accountId, by)
  })
}

/** Who is signed in with a token; undefined when it is unknown, expired or ended, or the account is closed. */
export async function findSession(
  on: Reader,
  token: string,
  nowMs: number,
): Promise<{ account: Account; expiresAtMs: number } | undefined> {
  const row = await findSessionAccount.first(on, { hash: hashSecret(token), nowMs })
  return row && { account: accountOf(row), expiresAtMs: row.expires_at_ms }
}

/** Signs out. Nothing happens with a token that is no session any more. */
export async function endSession(core: Pick<Core, 'db' | 'clock'>, token: string): Promise<void> {
  const nowMs = core.clock.nowMs()
  await core.db.write(async function signOut(tx) {
    const ended = await deleteSession.first(tx, { hash: hashSecret(token) })
    if (ended) await appendEvents(tx, nowMs, [sessionEvent('session.ended', ended.account_id, {})])
  })
}

const sessionEvent = (type: string, accountId: string, details: Record<string, string>) => ({
  type,
  actor: accountId,
  context: contextKey(personal(accountId)),
  subject: accountId,
  details,
})
