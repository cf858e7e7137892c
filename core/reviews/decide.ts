import type { Tx } from '#db/db.ts'
import { holdReview, insertDecision, listDecisions, type ReviewRow } from '#db/reviews.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { once, wasDone } from '../once.ts'
import { type Answer, checkAnswer, type Given } from './answer.ts'
import { touchReviewCards } from './cards.ts'
import { endReview, tellReview } from './close.ts'
import { questionOf, requireDecider } from './deciders.ts'
import type { Outcome } from './outcome.ts'
import { readableReview } from './read.ts'
import { tellRequester } from './tell.ts'
import type { Terms } from './terms.ts'
import { asJson, type ReviewView, reviewView } from './view.ts'
import { decidedWords, tooLate } from './words.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

export interface DecisionInput extends Given {
  reviewId: string
}

/**
 * One person's decision about a review. The first one that completes it wins; the run goes on with it. Refused:
 * `not_found` for who may not see it, `forbidden` for who may not decide it now, `conflict` with who was first for one
 * that is decided, that one has decided about before, or whose content is not what `payloadHash` says, `bad_input` with
 * every problem of the answer. The same request key again gives the same answer.
 */
export async function decideReview(core: Needs, actor: Actor, input: DecisionInput): Promise<ReviewView> {
  try {
    return await decideOnce(core, actor, input)
  } catch (error) {
    // Who was first may be this very request, sent twice at once: then its answer is there by now.
    const isOwnAnswer =
      error instanceof AppError && error.code === 'conflict' && (await wasDone(core.db, actor, OPERATION))
    if (isOwnAnswer) return decideOnce(core, actor, input)
    throw error
  }
}

const OPERATION = 'review.decide'

async function decideOnce(core: Needs, actor: Actor, input: DecisionInput): Promise<ReviewView> {
  const nowMs = core.clock.nowMs()
  const { reviewId, decision, payloadHash, comment = null, variantId = null, values = null } = input
  const said = { reviewId, decision, payloadHash, comment, variantId, values }
  return core.db.write(async function decideReviewOnce(tx) {
    const view = await once(tx, { actor, operation: OPERATION, input: said, nowMs }, async () => {
      const review = await readableReview(tx, actor, reviewId)
      await requireDecider(tx, actor, questionOf(review))
      if (review.status !== 'open') throw await tooLate(tx, review)
      const answer = checkAnswer(review, input)
      // Others who decide now wait here, and then find what was decided.
      const held = await holdReview.first(tx, { id: reviewId })
      if (!held) throw await tooLate(tx, await readableReview(tx, actor, reviewId))
      await keepDecision(tx, actor, held, answer, nowMs)
      await conclude(core, tx, actor, held, answer, nowMs)
      return asJson(await reviewView(tx, actor.accountId, await readableReview(tx, actor, reviewId)))
    })
    return view as unknown as ReviewView
  })
}

async function keepDecision(tx: Tx, actor: Actor, { id }: ReviewRow, answer: Answer, nowMs: number): Promise<void> {
  const written = await insertDecision.run(tx, {
    review_id: id,
    account_id: actor.accountId,
    decision: answer.decision,
    comment: answer.comment,
    answer_json: answer.same,
    channel: actor.channel,
    at_ms: nowMs,
  })
  if (written === 0) throw new AppError('conflict', 'You have decided about this already; it waits for others now.')
}

/** Ends the review when this decision completes it; otherwise it waits for more people who say the same. */
async function conclude(
  core: Needs,
  tx: Tx,
  actor: Actor,
  review: ReviewRow,
  answer: Answer,
  nowMs: number,
): Promise<void> {
  const details: JsonObject = { decision: answer.decision, channel: actor.channel }
  if (answer.comment) details.comment = answer.comment
  await tellReview(tx, review, 'review.decided', { actor: actor.accountId, nowMs, details })
  if (answer.isYes && (await countSame(tx, review, answer)) < review.needed) {
    await touchReviewCards(core, tx, review)
    return
  }
  const outcome = outcomeOf(actor, answer, questionOf(review).terms)
  const status = answer.isYes ? 'approved' : answer.decision === 'reject' ? 'rejected' : 'changes_requested'
  await endReview(core, tx, review, { status, by: actor.accountId, reason: null, outcome }, nowMs)
  if (actor.accountId !== review.account_id) {
    await tellRequester(core, tx, review, decidedWords({ ...answer, handle: actor.handle }, review.title))
  }
}

async function countSame(tx: Tx, { id }: ReviewRow, { decision, same }: Answer): Promise<number> {
  const decisions = await listDecisions.all(tx, { reviewId: id })
  return decisions.filter((one) => one.decision === decision && one.answer_json === same).length
}

function outcomeOf(actor: Actor, { decision, comment, output }: Answer, { takesChanges }: Terms): Outcome {
  if (decision === 'reject') {
    const message = `@${actor.handle} rejected it${comment ? `: ${comment}` : '.'}`
    return { type: 'failed', error: { code: 'rejected', message } }
  }
  if (decision === 'request_changes' && !takesChanges) return { type: 'changes', comment: comment ?? '' }
  if (decision === 'submit') return { type: 'succeeded', output }
  return { type: 'succeeded', output: { decision, comment: comment ?? '', decidedBy: actor.accountId, ...output } }
}
