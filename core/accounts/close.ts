import { closeAccount as closeRow } from '#db/accounts.ts'
import type { Tx } from '#db/db.ts'
import { deleteEmailClaimsOf, deletePassword } from '#db/passwords.ts'
import { contextKey, personal } from '../context.ts'
import { appendEvents } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import type { Account } from './account.ts'
import { endSessionsOf } from './sessions.ts'

/**
 * Closes an account that nobody has anything to lose with. Nothing opens it any more, also nothing that somebody makes for it at
 * this very moment: whatever one comes with, a closed account is refused. Its handle is free for others again.
 */
export async function closeUnused(
  tx: Tx,
  account: Account,
  { by, details, nowMs }: { by: string; details: JsonObject; nowMs: number },
): Promise<void> {
  const { id, handle } = account
  // The last characters of an id are random.
  await closeRow.run(tx, { id, handle: `closed-${id.slice(-16)}`, nowMs })
  await deletePassword.run(tx, { accountId: id })
  await deleteEmailClaimsOf.run(tx, { accountId: id })
  await endSessionsOf(tx, { accountId: id, nowMs })
  const event = { type: 'account.closed', actor: by, context: contextKey(personal(id)), subject: id }
  await appendEvents(tx, nowMs, [{ ...event, details: { handle, ...details } }])
}
