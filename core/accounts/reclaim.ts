import { deleteAllCodesOf, revokeKeysOf } from '#db/credentials.ts'
import type { Tx } from '#db/db.ts'
import { deleteEmailClaimsOf, deletePassword } from '#db/passwords.ts'
import { appendEvents } from '../events/append.ts'
import { type Account, accountById } from './account.ts'
import { isUsed } from './join.ts'
import { endSessionsOf, sessionEvent } from './sessions.ts'

/**
 * Gives an account to whoever has shown that the address is theirs which somebody put down when it was made, and takes from
 * everybody else what opens it: password, sessions, keys, links that are under way. An account that has been worked with
 * belongs to who did: undefined, and only the address is free again.
 */
export async function reclaim(
  tx: Tx,
  { accountId, address, nowMs }: { accountId: string; address: string; nowMs: number },
): Promise<Account | undefined> {
  const account = await accountById(tx, accountId)
  if (!account || account.isDisabled || (await isUsed(tx, account, { channel: 'email', externalId: address }, nowMs))) {
    return undefined
  }
  await deletePassword.run(tx, { accountId })
  await endSessionsOf(tx, { accountId, nowMs })
  await revokeKeysOf.run(tx, { accountId, nowMs })
  await deleteAllCodesOf.run(tx, { accountId })
  await deleteEmailClaimsOf.run(tx, { accountId })
  await appendEvents(tx, nowMs, [sessionEvent('account.reclaimed', accountId, { address })])
  return account
}
