import { type Account, makingOf } from '../accounts/account.ts'
import { createAccount } from '../accounts/create.ts'
import type { Core } from '../core.ts'
import { acceptInvitationAs, type Joined } from './accept.ts'

/**
 * Makes somebody who is nobody here yet an account and a member by an invitation, at once or not at all. Refused like
 * `acceptInvitation`, also the second time, and with `conflict` when the handle is taken.
 */
export async function joinWithNewAccount(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'settings'>,
  { code, handle, displayName }: { code: string; handle: string; displayName: string },
): Promise<{ account: Account; joined: Joined }> {
  const making = makingOf(core)
  return core.db.write(async function joinWithNewAccount(tx) {
    const account = await createAccount(tx, making, { handle, displayName, platformRole: 'user' })
    const joined = await acceptInvitationAs(tx, { accountId: account.id, code, nowMs: making.nowMs })
    return { account, joined }
  })
}
