import { deleteOldCodes } from '#db/credentials.ts'
import { deleteLostRefreshTokens, deleteOldSessions } from '#db/sessions.ts'
import type { Core } from '../core.ts'

/** Expired codes are kept a day, so that whoever uses one late hears that it expired and not that it never was. */
const KEEP_CODES_MS = 24 * 60 * 60 * 1000

/** Removes sessions, their tokens and codes that are over. To be called now and then; returns how many rows went. */
export async function sweepCredentials(core: Pick<Core, 'db' | 'clock'>): Promise<number> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function removeOldCredentials(tx) {
    const codes = await deleteOldCodes.run(tx, { beforeMs: nowMs - KEEP_CODES_MS })
    const sessions = await deleteOldSessions.run(tx, { beforeMs: nowMs })
    return codes + sessions + (await deleteLostRefreshTokens.run(tx, {}))
  })
}
