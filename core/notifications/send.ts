import type { Tx } from '#db/db.ts'
import { insertDelivery, listShownCards, type NotificationRow } from '#db/notifications.ts'
import { type Part, type Reply, text } from '../chat/message.ts'
import { putFollowed, showCard, touchCard } from '../chat/outbox.ts'
import type { Core } from '../core.ts'
import { toldHint } from '../mail/unsubscribe.ts'
import { type Address, addressesOf, chosenAddresses, isWithin, type Place } from './addresses.ts'
import type { NotificationSettings } from './settings.ts'
import { type NotificationType, TYPES } from './types.ts'

type Needs = Pick<Core, 'ids' | 'clock' | 'queue'>

/** Where one goes: the channels chosen for its type, or for all, else its own place, else what is usual. */
export async function placesOf(tx: Tx, row: NotificationRow, settings: NotificationSettings): Promise<Place[]> {
  const type = row.type as NotificationType
  const channels = settings.types[type].channels ?? settings.channels
  const kept = row.place_json === null ? undefined : (JSON.parse(row.place_json) as KeptPlace)
  if (channels === null && kept && !kept.isThread) return [kept]
  const chosen = chosenAddresses(await addressesOf(tx, row.account_id), channels, TYPES[type])
  return kept ? chosen.map((one) => inThread(one, kept)) : chosen
}

/** As it is kept of something that was told: where it belongs, or the thread it continues there. */
export type KeptPlace = Place & { isThread?: true }

const inThread = (address: Address, { channel, conversation }: KeptPlace): Place =>
  address.channel === channel && isWithin(address.conversation, conversation) ? { channel, conversation } : address

/** Puts one into the outbox, everywhere it is to go, and remembers as what. */
export async function send(core: Needs, tx: Tx, row: NotificationRow, places: readonly Place[]): Promise<void> {
  const { id, cause, card_key: cardKey } = row
  for (const place of places) {
    const seq =
      cardKey === null
        ? await putFollowed(core, tx, { ...place, reply: replyOf(row), cause, ...hintsFor(place, [row]) })
        : await showCard(core, tx, { channel: place.channel, conversation: place.conversation, cardKey, cause })
    await insertDelivery.run(tx, { id, seq })
  }
}

/** Several in one message. */
export async function sendTogether(
  core: Needs,
  tx: Tx,
  rows: readonly NotificationRow[],
  { places, title }: { places: readonly Place[]; title: string },
): Promise<void> {
  const shown = rows.slice(0, LISTED_MOST).map((row) => row.text)
  const more = rows.length - shown.length
  const items = more > 0 ? [...shown, `and ${more} more, which stand in the console`] : shown
  const reply: Reply = { parts: [text(title, 'strong'), { type: 'list', items }] }
  for (const place of places) {
    const seq = await putFollowed(core, tx, {
      ...place,
      reply,
      cause: rows[0]?.cause ?? 'notifications',
      ...hintsFor(place, rows),
    })
    for (const { id } of rows) await insertDelivery.run(tx, { id, seq })
  }
}

/** By mail it is said how to have no more of them. */
function hintsFor({ channel }: Place, rows: readonly NotificationRow[]): { hints?: Record<string, string> } {
  const [first] = rows
  if (channel !== 'email' || !first) return {}
  const types = rows.map(({ type }) => type as NotificationType)
  const subject = rows.length === 1 ? first.text : undefined
  return { hints: { ...(subject ? { subject } : {}), ...toldHint({ accountId: first.account_id, types }) } }
}

const LISTED_MOST = 40

function replyOf({ parts_json, text: words }: NotificationRow): Reply {
  return { parts: parts_json === null ? [text(words)] : (JSON.parse(parts_json) as Part[]) }
}

/** Brings a card up to date wherever it was shown to somebody. Who has yet to be shown it is shown it then. */
export async function touchShownCards(
  core: Needs,
  tx: Tx,
  { cardKey, cause, except = [] }: { cardKey: string; cause: string; except?: readonly Address[] },
): Promise<void> {
  for (const { channel, conversation } of await listShownCards.all(tx, { cardKey })) {
    const isDone = except.some((one) => one.channel === channel && one.conversation === conversation)
    if (!isDone) await touchCard(core, tx, { channel, conversation, cardKey, cause })
  }
}
