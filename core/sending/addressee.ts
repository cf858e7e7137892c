import { findAccount, findAccountByHandle, findIdentity, listIdentities } from '#db/accounts.ts'
import type { Reader } from '#db/db.ts'
import { listLinkedChatsOf } from '#db/linked-chats.ts'
import { findStanding } from '#db/memberships.ts'
import { plainHandle } from '../accounts/account.ts'
import { plainAddress } from '../accounts/email-address.ts'
import type { Context } from '../context.ts'

/** Who may be written to in the name of a context: its members, and for a team the chats that are tied to it. */
export interface Reach {
  context: Context
  /** Who started what writes; `me`. */
  accountId: string
}

interface Person {
  accountId: string
  handle: string
}

export type ChatAddressee =
  | ({ kind: 'person' } & Person)
  | { kind: 'chats'; chats: { channel: string; conversation: string }[] }

export interface MailAddressee {
  address: string
  handle: string
}

/**
 * Whom `to` means in chat: `me`, the handle of a member, `team` for every chat tied to the team, or one of those as
 * `telegram:-100123`. Undefined for anybody else.
 */
export async function chatAddressee(on: Reader, reach: Reach, to: string): Promise<ChatAddressee | undefined> {
  const { context } = reach
  const words = to.trim()
  if (words === 'team' || words.includes(':')) {
    if (context.type !== 'team') return undefined
    const all = await listLinkedChatsOf.all(on, { teamId: context.id })
    const chats = words === 'team' ? all : all.filter((chat) => `${chat.channel}:${chat.conversation}` === words)
    return chats.length > 0 ? { kind: 'chats', chats } : undefined
  }
  const person = await personIn(on, reach, words)
  return person && { kind: 'person', ...person }
}

/** Whose mail `to` means: `me`, the handle of a member who has proven an address, or such an address. */
export async function mailAddressee(on: Reader, reach: Reach, to: string): Promise<MailAddressee | undefined> {
  const words = to.trim()
  const address = words.startsWith('@') ? undefined : plainAddress(words)
  if (address !== undefined) {
    const owner = await findIdentity.first(on, { channel: 'email', externalId: address })
    const isOurs = owner && owner.disabled_at_ms === null && (await isIn(on, reach.context, owner.id))
    return isOurs ? { address, handle: owner.handle } : undefined
  }
  const person = await personIn(on, reach, words)
  const identities = person ? await listIdentities.all(on, person) : []
  const proven = identities.find(({ channel }) => channel === 'email')
  return person && proven && { address: proven.external_id, handle: person.handle }
}

async function personIn(on: Reader, { context, accountId }: Reach, words: string): Promise<Person | undefined> {
  const account =
    words === 'me'
      ? await findAccount.first(on, { id: accountId })
      : await findAccountByHandle.first(on, { handle: plainHandle(words) })
  if (!account || account.disabled_at_ms !== null || !(await isIn(on, context, account.id))) return undefined
  return { accountId: account.id, handle: account.handle }
}

const isIn = async (on: Reader, context: Context, accountId: string): Promise<boolean> =>
  context.type === 'user'
    ? context.id === accountId
    : (await findStanding.first(on, { accountId, teamId: context.id })) !== undefined
