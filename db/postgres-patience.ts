import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseGoneError } from './db.ts'

/** As long as a server takes that is started anew, and a little longer. */
const PATIENCE_MS = 15_000
const PAUSE_MS = 100

/** Class 08 is about connections; these three say that the server is being stopped or started. */
const GONE_CODE = /^(08\w{3}|57P0[123]|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/
/** What the driver says by itself has no code. */
const GONE_WORDS = /Connection terminated|connection error|not queryable|Client was closed|Cannot use a pool/

/** True when it was the connection that failed, and not what was asked for. */
function isGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return GONE_CODE.test(code) || GONE_WORDS.test(error.message)
}

/**
 * Tries again while there is no server to ask, so that one which is started anew is a pause and no failure. Only for what
 * may be asked twice: reads, and transactions that were not told to commit. Then the error says that the database is gone.
 */
export async function withPatience<T>(ask: () => Promise<T>, mayAskAgain: () => boolean = () => true): Promise<T> {
  const untilMs = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!isGone(error)) throw error
      if (!mayAskAgain() || performance.now() > untilMs) throw new DatabaseGoneError(error)
      await sleep(PAUSE_MS)
    }
  }
}
