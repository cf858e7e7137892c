import type { Tx } from '#db/db.ts'
import { setPassword } from '#db/passwords.ts'
import { appendEvents } from '../events/append.ts'
import { sessionEvent } from './sessions.ts'

/** The password that a new account begins with: there is nobody to be told of it yet. */
export async function setFirstPassword(
  tx: Tx,
  { accountId, hash, nowMs }: { accountId: string; hash: string; nowMs: number },
): Promise<void> {
  await setPassword.run(tx, { accountId, hash, nowMs })
  await appendEvents(tx, nowMs, [sessionEvent('password.set', accountId, {})])
}
