import type { Reader } from '#db/db.ts'
import { listIdentities } from '../accounts/identities.ts'
import { webConversation } from '../chat/web.ts'
import type { NotificationChannel } from './settings.ts'

/** A conversation. */
export interface Address {
  channel: string
  conversation: string
}

/** Where something is to be said; to one person alone where others read along. */
export interface Place extends Address {
  /** The person's id on that platform. */
  onlyFor?: string
}

/** Everywhere somebody can be written to alone: where they have opened a conversation with the bot, and the web. */
export async function addressesOf(on: Reader, accountId: string): Promise<[...Address[], Address]> {
  const elsewhere = (await listIdentities(on, accountId)).flatMap(({ channel, privateConversation }) =>
    channel === 'web' || privateConversation === undefined ? [] : [{ channel, conversation: privateConversation }],
  )
  return [...elsewhere, { channel: 'web', conversation: webConversation(accountId) }]
}

/**
 * Of those the ones on channels that the person has chosen. Where nothing was chosen, or what was chosen is not there any
 * more: all, but the web only where there is no other, unless it is to be `everywhere`.
 */
export function chosenAddresses(
  all: readonly Address[],
  channels: readonly NotificationChannel[] | null,
  { isEverywhere = false }: { isEverywhere?: boolean | undefined } = {},
): Address[] {
  const chosen = all.filter(({ channel }) => channels?.some((name) => name === channel))
  if (chosen.length > 0) return chosen
  return isEverywhere || all.length === 1 ? [...all] : all.filter(({ channel }) => channel !== 'web')
}

/** One's own place, or a thread in it. */
export const isWithin = (own: string | null | undefined, conversation: string | null): boolean =>
  own != null && (conversation === own || conversation?.startsWith(`${own}#`) === true)
