import type { Tx } from '#db/db.ts'
import { type Account, type Making, makingOf, refuseDisabled } from '../accounts/account.ts'
import type { Sender } from '../accounts/admit.ts'
import { createAccountNamed } from '../accounts/create.ts'
import { attachIdentity, findAccountByIdentity } from '../accounts/identities.ts'
import type { Actor } from '../actor.ts'
import { personal } from '../context.ts'
import type { Core } from '../core.ts'
import { once } from '../once.ts'
import { acceptInvitationAs, type Joined } from '../teams/accept.ts'
import type { ChannelName } from './message.ts'

export interface Newcomer extends Sender {
  channel: ChannelName
}

/**
 * Makes a stranger somebody here by an invitation to a team: their account, their identity and the membership at once, or
 * nothing at all. Refused like `acceptInvitation`, which also answers the same delivery when it comes again.
 */
export async function joinAsNewcomer(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'settings'>,
  sender: Newcomer,
  { code, requestKey }: { code: string; requestKey: string },
): Promise<{ account: Account; joined: Joined }> {
  const making = makingOf(core)
  return core.db.write(async function joinAsNewcomer(tx) {
    const account = await accountFor(tx, making, sender)
    const { id: accountId, handle, platformRole } = account
    const { channel } = sender
    const actor: Actor = { accountId, handle, platformRole, channel, context: personal(accountId), requestKey }
    const { nowMs } = making
    const joined = await once(tx, { actor, operation: 'team.accept', input: { code }, nowMs }, () =>
      acceptInvitationAs(tx, { accountId, code, nowMs }),
    )
    return { account, joined }
  })
}

async function accountFor(tx: Tx, making: Making, sender: Newcomer): Promise<Account> {
  const known = await findAccountByIdentity(tx, sender.channel, sender.externalId)
  if (known) {
    refuseDisabled(known)
    return known
  }
  const { name, handle } = sender
  const account = await createAccountNamed(tx, making, { name, ...(handle ? { handle } : {}), platformRole: 'user' })
  await attachIdentity(tx, account.id, { ...sender, name: name || account.handle }, making.nowMs)
  return account
}
