import { countMisses } from '#db/accounts.ts'
import type { Reader, Tx } from '#db/db.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { identitySubject } from './identities.ts'

const WINDOW_MS = 10 * 60 * 1000
const MAX_MISSES = 10
const MISSED = 'link.missed'

interface Guesser {
  channel: string
  externalId: string
}

/** After ten wrong codes within ten minutes an identity has to wait: eight characters must not be guessed. */
export async function refuseGuessing(
  on: Reader,
  { channel, externalId }: Guesser,
  nowMs: number,
): Promise<AppError | undefined> {
  const subject = identitySubject(channel, externalId)
  const found = await countMisses.first(on, { subject, type: MISSED, sinceMs: nowMs - WINDOW_MS })
  if (!found || found.misses < MAX_MISSES) return undefined
  return new AppError('too_many_requests', 'Too many wrong codes. Wait ten minutes, then ask for a new one.')
}

export const recordMiss = (tx: Tx, { channel, externalId }: Guesser, nowMs: number): Promise<void> =>
  appendEvents(tx, nowMs, [
    { type: MISSED, actor: 'system', context: null, subject: identitySubject(channel, externalId) },
  ])
