import { listIdentities } from '#db/accounts.ts'
import type { Reader, Tx } from '#db/db.ts'
import { insertReviewCard, listReviewCards, type ReviewRow } from '#db/reviews.ts'
import { touchCard } from '../chat/outbox.ts'
import { webConversation } from '../chat/web.ts'
import type { Core } from '../core.ts'
import { reviewKey } from './card-key.ts'

type Needs = Pick<Core, 'ids' | 'clock' | 'queue'>

export interface Address {
  channel: string
  conversation: string
}

/** Everywhere a person can be written to alone. */
export async function privateAddressesOf(on: Reader, accountId: string): Promise<Address[]> {
  const identities = await listIdentities.all(on, { accountId })
  const elsewhere = identities.flatMap(({ channel, private_conversation: conversation }) =>
    channel === 'web' || conversation === null ? [] : [{ channel, conversation }],
  )
  return [...elsewhere, { channel: 'web', conversation: webConversation(accountId) }]
}

/** Shows a review somewhere; there it stays, and is kept up to date. */
export async function showReview(
  core: Needs,
  tx: Tx,
  review: ReviewRow,
  { channel, conversation }: Address,
): Promise<void> {
  await insertReviewCard.run(tx, { reviewId: review.id, channel, conversation })
  await touchCard(core, tx, { channel, conversation, cardKey: reviewKey(review.id), cause: review.root_run_id })
}

/** Brings every card of a review up to date. */
export async function touchReviewCards(core: Needs, tx: Tx, review: ReviewRow): Promise<void> {
  for (const { channel, conversation } of await listReviewCards.all(tx, { reviewId: review.id })) {
    await touchCard(core, tx, { channel, conversation, cardKey: reviewKey(review.id), cause: review.root_run_id })
  }
}
