import type { Reader, Tx } from '#db/db.ts'
import {
  deleteSession,
  deleteSessionByHash,
  deleteSessionsOf,
  findSessionAccount,
  findSessionById,
  insertRefreshToken,
  insertSession,
  listSessions as listRows,
  touchSession,
} from '#db/sessions.ts'
import { contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { cut } from '../cut.ts'
import { notFound } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { hashSecret, type Ids } from '../ids.ts'
import { type Account, accountOf } from './account.ts'

const SESSION_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000
const SEEN_EVERY_MS = 10 * 60 * 1000
const AGENT_MOST = 200

export interface Session {
  id: string
  /** 256 random bits: of a browser for its cookie, of a program its first refresh token. Only the hash is kept. */
  token: string
  expiresAtMs: number
}

/** How a session begins. */
export interface Entry {
  /** `console_link`, `claim`, `password`, … */
  by: string
  /** What the client calls itself, to tell sessions apart. */
  agent?: string
  /** A browser keeps a cookie; a program gets tokens. */
  holds?: 'cookie' | 'tokens'
}

/** Signs an account in, for 30 days whatever it does meanwhile. */
export async function openSession(
  tx: Tx,
  { ids, nowMs }: { ids: Ids; nowMs: number },
  accountId: string,
  { by, agent = '', holds = 'cookie' }: Entry,
): Promise<Session> {
  const id = ids.newId('ses')
  const token = ids.newSecret() + ids.newSecret()
  const expiresAtMs = nowMs + SESSION_LIFETIME_MS
  const hasTokens = holds === 'tokens'
  // No cookie belongs to a session of tokens: what is stored in its place opens nothing.
  const hash = hashSecret(hasTokens ? ids.newSecret() + ids.newSecret() : token)
  const row = { id, hash, accountId, way: by, agent: cut(agent, AGENT_MOST), nowMs, expiresAtMs }
  await insertSession.run(tx, { ...row, generation: hasTokens ? 0 : null })
  if (hasTokens) await insertRefreshToken.run(tx, { hash: hashSecret(token), sessionId: id, generation: 0, nowMs })
  await appendEvents(tx, nowMs, [sessionEvent('session.started', accountId, { by, sessionId: id })])
  return { id, token, expiresAtMs }
}

export async function createSession(
  core: Pick<Core, 'db' | 'ids' | 'clock'>,
  accountId: string,
  entry: Entry,
): Promise<Session> {
  const { ids } = core
  const nowMs = core.clock.nowMs()
  return core.db.write(async function signIn(tx) {
    return openSession(tx, { ids, nowMs }, accountId, entry)
  })
}

export interface OpenSession {
  id: string
  account: Account
  expiresAtMs: number
  seenAtMs: number
}

/** Who is signed in with a cookie; undefined when it is unknown, expired or ended, or the account is closed. */
export async function findSession(on: Reader, token: string, nowMs: number): Promise<OpenSession | undefined> {
  const row = await findSessionAccount.first(on, { hash: hashSecret(token), nowMs })
  return row && sessionOf(row)
}

/** The same for the session that an access token names. */
export async function sessionById(
  on: Reader,
  { id, accountId }: { id: string; accountId: string },
  nowMs: number,
): Promise<OpenSession | undefined> {
  const row = await findSessionById.first(on, { id, accountId, nowMs })
  return row && sessionOf(row)
}

type Row = NonNullable<Awaited<ReturnType<typeof findSessionAccount.first>>>

const sessionOf = (row: Row): OpenSession => ({
  id: row.session_id,
  account: accountOf(row),
  expiresAtMs: row.expires_at_ms,
  seenAtMs: row.seen_at_ms,
})

/** Notes that a session is in use, at most every ten minutes. */
export async function noteSeen(core: Pick<Core, 'db' | 'clock'>, { id, seenAtMs }: OpenSession): Promise<void> {
  const nowMs = core.clock.nowMs()
  const beforeMs = nowMs - SEEN_EVERY_MS
  if (seenAtMs > beforeMs) return
  await core.db.write(async function noteSessionSeen(tx) {
    await touchSession.run(tx, { id, nowMs, beforeMs })
  })
}

/** Signs a browser out. Nothing happens with a token that is no session any more. */
export async function endSession(core: Pick<Core, 'db' | 'clock'>, token: string): Promise<void> {
  const nowMs = core.clock.nowMs()
  await core.db.write(async function signOut(tx) {
    const ended = await deleteSessionByHash.first(tx, { hash: hashSecret(token) })
    if (ended) await appendEvents(tx, nowMs, [sessionEvent('session.ended', ended.account_id, { sessionId: ended.id })])
  })
}

export type ListedSession = {
  id: string
  /** How it began. */
  way: string
  agent: string
  holds: 'cookie' | 'tokens'
  createdAtMs: number
  /** To ten minutes. */
  seenAtMs: number
  expiresAtMs: number
}

/** Where an account is signed in, last seen first. */
export async function listSessions(on: Reader, accountId: string, nowMs: number): Promise<ListedSession[]> {
  const rows = await listRows.all(on, { accountId, nowMs })
  return rows.map((row) => ({
    id: row.id,
    way: row.way,
    agent: row.agent,
    holds: row.generation === null ? 'cookie' : 'tokens',
    createdAtMs: row.created_at_ms,
    seenAtMs: row.seen_at_ms,
    expiresAtMs: row.expires_at_ms,
  }))
}

/** Ends one of one's own sessions, at once; others' and those that are over are `not_found`. */
export async function endSessionById(
  core: Pick<Core, 'db' | 'clock'>,
  accountId: string,
  sessionId: string,
): Promise<void> {
  const nowMs = core.clock.nowMs()
  await core.db.write(async function endOneSession(tx) {
    const ended = await deleteSession.run(tx, { id: sessionId, accountId })
    if (ended === 0) throw notFound('such session')
    await appendEvents(tx, nowMs, [sessionEvent('session.ended', accountId, { sessionId })])
  })
}

/** Ends all sessions of an account but the one that asks; returns how many. Nothing happens the second time. */
export async function endOtherSessions(
  core: Pick<Core, 'db' | 'clock'>,
  accountId: string,
  exceptId: string,
): Promise<number> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function endSessionsButOne(tx) {
    return endSessionsOf(tx, { accountId, exceptId, nowMs })
  })
}

/** The step of it; without an exception it ends all. */
export async function endSessionsOf(
  tx: Tx,
  { accountId, exceptId = '', nowMs }: { accountId: string; exceptId?: string; nowMs: number },
): Promise<number> {
  const ended = await deleteSessionsOf.run(tx, { accountId, exceptId })
  if (ended > 0) await appendEvents(tx, nowMs, [sessionEvent('session.others_ended', accountId, { count: ended })])
  return ended
}

export const sessionEvent = (type: string, accountId: string, details: Record<string, string | number>) => ({
  type,
  actor: accountId,
  context: contextKey(personal(accountId)),
  subject: accountId,
  details,
})
