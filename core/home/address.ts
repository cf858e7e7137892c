/**
 * A home is a page of one person on a channel that has such pages: what waits for them, what they pay with, what they run.
 * Nothing is said there; what is pressed there is answered where the person is written to alone.
 */
const PREFIX = 'home:'

/** The page of somebody, by what the channel calls them. */
export const homeOf = (person: string): string => `${PREFIX}${person}`

/** Whose page it is, as the channel calls them; undefined for conversations. */
export const personOfHome = (conversation: string): string | undefined =>
  conversation.startsWith(PREFIX) ? conversation.slice(PREFIX.length) : undefined

/** A home's name as a card. */
export const homeKey = (accountId: string): string => `${PREFIX}${accountId}`

/** The account behind a card; undefined for other kinds of cards. */
export const accountOfHome = (cardKey: string): string | undefined => personOfHome(cardKey)

/** What a home's card was caused by: its opening. So it is known which ones somebody may be looking at. */
export const openedAt = (nowMs: number): string => `${PREFIX}${String(nowMs).padStart(15, '0')}`
