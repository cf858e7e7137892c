import type { Tx } from '#db/db.ts'
import { closeReview, type ReviewRow } from '#db/reviews.ts'
import type { ReviewStatus } from '#db/schema.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import { runKey } from '../runs/card-key.ts'
import { touchReviewCards } from './cards.ts'
import type { Outcome } from './outcome.ts'

type Needs = Pick<Core, 'ids' | 'clock' | 'queue'>

export interface Ending {
  status: Exclude<ReviewStatus, 'open'>
  /** Who decided; null when time or the run did. */
  by: string | null
  /** What is said about it where nobody decided. */
  reason: string | null
  /** What the run is told; null when it does not wait for this any more. */
  outcome: Outcome | null
}

/**
 * Ends a review, once: its status, its event, its cards, and the run that waits for it is woken, in the caller's
 * transaction. False, and nothing is written, when it had ended before.
 */
export async function endReview(
  core: Needs,
  tx: Tx,
  review: ReviewRow,
  { status, by, reason, outcome }: Ending,
  nowMs: number,
): Promise<boolean> {
  const outcomeJson = outcome && JSON.stringify(outcome)
  const closed = await closeReview.run(tx, { id: review.id, status, outcomeJson, closedBy: by, reason, nowMs })
  if (closed === 0) return false
  await tellReview(tx, review, `review.${status}`, { actor: by, nowMs, ...(reason ? { details: { reason } } : {}) })
  await touchReviewCards(core, tx, review)
  if (outcome) {
    await core.queue.enqueue(tx, {
      kind: 'run',
      key: runKey(review.run_id),
      runAtMs: nowMs,
      fairGroup: review.context,
    })
  }
  return true
}

/** An event of a review stands with its run, where people look. */
export const tellReview = (
  tx: Tx,
  review: Pick<ReviewRow, 'id' | 'context' | 'root_run_id' | 'step_id'>,
  type: string,
  { actor, nowMs, details = {} }: { actor: string | null; nowMs: number; details?: JsonObject },
): Promise<void> =>
  appendEvents(tx, nowMs, [
    {
      type,
      actor: actor ?? 'system',
      context: review.context,
      subject: review.root_run_id,
      details: { reviewId: review.id, stepId: review.step_id, ...details },
    },
  ])
