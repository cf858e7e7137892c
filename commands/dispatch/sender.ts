import { type Account, accountById, refuseDisabled } from '#core/accounts/account.ts'
import { admitSender, type Sender } from '#core/accounts/admit.ts'
import { findAccountByIdentity, refreshKnownIdentity } from '#core/accounts/identities.ts'
import type { Actor } from '#core/actor.ts'
import type { ChannelName, Incoming } from '#core/chat/message.ts'
import { personal } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { personOfHome } from '#core/home/address.ts'

/** Where people come signed in: the sender is the account itself. */
const SIGNED_IN: ReadonlySet<ChannelName> = new Set(['web', 'api', 'mcp', 'rule'])

/** The sender of a message as an identity on its channel. */
export const identityOf = ({
  channel,
  sender,
  isPrivate,
  conversation,
  directTo = conversation,
}: Pick<Incoming, 'channel' | 'sender' | 'isPrivate' | 'conversation' | 'directTo'>): Sender & {
  channel: ChannelName
} => ({
  channel,
  externalId: sender.externalId,
  name: sender.name,
  ...(sender.handle ? { handle: sender.handle } : {}),
  ...(isPrivate && personOfHome(conversation) === undefined ? { privateConversation: directTo } : {}),
})

/**
 * The account of whoever sent a message, if it has one. With `admit` a stranger gets one where access is open. Refused
 * (`forbidden`) when the account is closed.
 */
export async function senderOf(
  core: Core,
  incoming: Incoming,
  { admit }: { admit: boolean },
): Promise<Account | undefined> {
  const identity = identityOf(incoming)
  if (!SIGNED_IN.has(incoming.channel) && admit) return admitSender(core, identity)
  const account = SIGNED_IN.has(incoming.channel)
    ? await accountById(core.db, identity.externalId)
    : await findAccountByIdentity(core.db, identity.channel, identity.externalId)
  if (account) refuseDisabled(account)
  if (account && !SIGNED_IN.has(incoming.channel)) await refreshKnownIdentity(core, identity)
  return account
}

/** Somebody before it is known in which context they act. */
export const presser = (
  { id, handle, platformRole }: Account,
  { channel }: Pick<Incoming, 'channel'>,
  requestKey: string,
): Actor => ({ accountId: id, handle, platformRole, channel, context: personal(id), requestKey })
