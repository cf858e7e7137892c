import type { Core } from '../core.ts'
import { type Account, makingOf, refuseDisabled } from './account.ts'
import { createAccountNamed } from './create.ts'
import { attachIdentity, findAccountByIdentity, type Identity, refreshKnownIdentity } from './identities.ts'

export interface Sender extends Identity {
  /** The platform's handle of the person: what theirs here is made from, before the name. */
  handle?: string
}

/**
 * The account of whoever sent a message. A stranger becomes a new account where access is open, and is undefined where
 * it is by invitation. Refused (`forbidden`) when the account is closed. Two first messages at once make one account.
 */
export async function admitSender(
  core: Pick<Core, 'db' | 'ids' | 'clock' | 'settings'>,
  sender: Sender,
): Promise<Account | undefined> {
  const known = await findAccountByIdentity(core.db, sender.channel, sender.externalId)
  if (!known) return core.settings.access === 'open' ? admitStranger(core, sender) : undefined
  refuseDisabled(known)
  await refreshKnownIdentity(core, sender)
  return known
}

async function admitStranger(core: Pick<Core, 'db' | 'ids' | 'clock' | 'settings'>, sender: Sender): Promise<Account> {
  const making = makingOf(core)
  const { name, handle } = sender
  try {
    return await core.db.write(async function admitNewAccount(tx) {
      const known = await findAccountByIdentity(tx, sender.channel, sender.externalId)
      if (known) return known
      const wish = { name, ...(handle ? { handle } : {}), platformRole: 'user' as const }
      const account = await createAccountNamed(tx, making, wish)
      await attachIdentity(tx, account.id, { ...sender, name: name || account.handle }, making.nowMs)
      return account
    })
  } catch (error) {
    // The other one of two messages came first, and this account was undone.
    const winner = await findAccountByIdentity(core.db, sender.channel, sender.externalId)
    if (winner) return winner
    throw error
  }
}
