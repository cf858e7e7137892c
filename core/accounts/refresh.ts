import { createHmac } from 'node:crypto'
import type { Tx } from '#db/db.ts'
import { advanceSession, deleteSession, findRefreshToken, insertRefreshToken } from '#db/sessions.ts'
import { reply } from '../chat/message.ts'
import { personal } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { hashSecret } from '../ids.ts'
import { notify } from '../notifications/notify.ts'
import { sessionEvent } from './sessions.ts'

/** Two tabs of one program that refresh at the same moment, or one whose answer was lost on the way. */
const GRACE_MS = 10_000

export interface Refreshed {
  accountId: string
  sessionId: string
  refreshToken: string
  /** Of the session: however often it is refreshed, it ends then. */
  expiresAtMs: number
}

/**
 * Takes a refresh token and gives the next one. The one before stays good for ten seconds and leads to the same next one,
 * so that two at once are one. Any older one, or the same one later, is in two hands: the session ends for both of
 * them, and its person is told.
 */
export async function refreshSession(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue' | 'settings'>,
  refreshToken: string,
): Promise<Refreshed> {
  const nowMs = core.clock.nowMs()
  const next = successorOf(core.settings.authSecret, refreshToken)
  // A refusal comes back as a value: thrown, it would undo the end of the session.
  const outcome = await core.db.write(async function rotateRefreshToken(tx) {
    return rotate(core, tx, { refreshToken, next, nowMs })
  })
  if (outcome instanceof AppError) throw outcome
  return outcome
}

async function rotate(
  core: Pick<Core, 'clock' | 'ids' | 'queue'>,
  tx: Tx,
  { refreshToken, next, nowMs }: { refreshToken: string; next: string; nowMs: number },
): Promise<Refreshed | AppError> {
  const hash = hashSecret(refreshToken)
  const found = await findRefreshToken.first(tx, { hash })
  if (!found || found.disabled_at_ms !== null || found.expires_at_ms <= nowMs) return signInAgain()
  const { session_id: sessionId, account_id: accountId, token_generation: generation } = found
  const answer = { accountId, sessionId, refreshToken: next, expiresAtMs: found.expires_at_ms }
  const step = { id: sessionId, generation, next: generation + 1, nowMs }
  if ((await advanceSession.run(tx, step)) === 1) {
    await insertRefreshToken.run(tx, { hash: hashSecret(next), sessionId, generation: generation + 1, nowMs })
    return answer
  }
  // Somebody was here with it before; the look before this may be older than what they did.
  const now = await findRefreshToken.first(tx, { hash })
  if (!now) return signInAgain()
  const isPredecessor = now.session_generation === generation + 1
  if (isPredecessor && now.refreshed_at_ms !== null && nowMs - now.refreshed_at_ms <= GRACE_MS) return answer
  await endReused(core, tx, { accountId, sessionId, nowMs })
  return signInAgain()
}

async function endReused(
  core: Pick<Core, 'clock' | 'ids' | 'queue'>,
  tx: Tx,
  { accountId, sessionId, nowMs }: { accountId: string; sessionId: string; nowMs: number },
): Promise<void> {
  if ((await deleteSession.run(tx, { id: sessionId, accountId })) === 0) return
  await appendEvents(tx, nowMs, [sessionEvent('session.token_reused', accountId, { sessionId })])
  const words =
    'A session of yours was ended: its refresh token was used twice, so somebody else may have had it. Sign in again, and change your password if you did not expect this.'
  await notify(core, tx, {
    accountId,
    type: 'security',
    context: personal(accountId),
    cause: sessionId,
    text: words,
    reply: reply(words),
  })
}

/**
 * The token that follows is made from the one before and a secret that only this instance has: two refreshes at once get the
 * same one, although only its hash is stored.
 */
const successorOf = (authSecret: string, token: string): string =>
  createHmac('sha256', authSecret).update(`refresh token\n${token}`).digest('base64url')

const signInAgain = (): AppError => new AppError('unauthorized', 'This session is over. Sign in again.')
