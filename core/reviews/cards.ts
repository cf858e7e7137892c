import type { Tx } from '#db/db.ts'
import { insertReviewCard, listReviewCards, type ReviewRow } from '#db/reviews.ts'
import { touchCard } from '../chat/outbox.ts'
import { contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import type { Address } from '../notifications/addresses.ts'
import { notify } from '../notifications/notify.ts'
import { touchShownCards } from '../notifications/send.ts'
import { reviewKey } from './card-key.ts'

type Needs = Pick<Core, 'ids' | 'clock' | 'queue'>

/** Shows a review in a conversation; there it stays, and is kept up to date. */
export async function showReview(core: Needs, tx: Tx, review: ReviewRow, address: Address): Promise<void> {
  const { channel, conversation } = address
  await insertReviewCard.run(tx, { reviewId: review.id, channel, conversation })
  await touchCard(core, tx, { channel, conversation, ...cardOf(review) })
}

/**
 * Asks one person to decide, by a card of their own wherever they want to be asked; in the thread of the run, where it is in a
 * place of theirs.
 */
export const askToDecide = (
  core: Needs,
  tx: Tx,
  review: ReviewRow,
  { accountId, thread }: { accountId: string; thread?: Address | undefined },
): Promise<void> =>
  notify(core, tx, {
    accountId,
    ...(thread ? { thread } : {}),
    type: 'review_asked',
    context: contextOf(review.context),
    cause: review.id,
    text: `${review.title} waits for your decision${review.prompt ? `: ${review.prompt}` : '.'}`,
    cardKey: reviewKey(review.id),
  })

/** Brings every card of a review up to date. */
export async function touchReviewCards(core: Needs, tx: Tx, review: ReviewRow): Promise<void> {
  const shown = await listReviewCards.all(tx, { reviewId: review.id })
  for (const { channel, conversation } of shown) {
    await touchCard(core, tx, { channel, conversation, ...cardOf(review) })
  }
  await touchShownCards(core, tx, { ...cardOf(review), except: shown })
}

const cardOf = ({ id, root_run_id: cause }: ReviewRow) => ({ cardKey: reviewKey(id), cause })
