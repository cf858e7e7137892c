import type { Tx } from '#db/db.ts'
import { confirmClaim } from '#db/queue/claims.ts'
import type { Claim } from '#db/queue/queue.ts'
import { findReview, insertReminder, letStandIn, listReminders, type ReviewRow } from '#db/reviews.ts'
import { accountById } from '../accounts/account.ts'
import { contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { notify } from '../notifications/notify.ts'
import { reviewParts } from './card.ts'
import { reviewIdOf } from './card-key.ts'
import { askToDecide, touchReviewCards } from './cards.ts'
import { type Ending, endReview, tellReview } from './close.ts'
import { type Decider, decidersOf, questionOf } from './deciders.ts'
import { quietForUntilMs } from './quiet.ts'
import { tellRequester } from './tell.ts'
import type { Terms } from './terms.ts'

type Needs = Pick<Core, 'db' | 'ids' | 'clock' | 'queue'>
type Making = Pick<Core, 'ids' | 'clock' | 'queue'>

/** When the clock has something to do for a review that was opened then; null when it never has. */
export function nextLookMs({ remindAfterMs, standIn, timeout }: Terms, openedAtMs: number): number | null {
  const after = [remindAfterMs, standIn?.afterMs, timeout?.afterMs].filter((ms) => typeof ms === 'number')
  return after.length === 0 ? null : openedAtMs + Math.min(...after)
}

/**
 * What time brings to one open review: reminders, a stand-in, an end. Each is written once, together with the claim, so
 * that a crash repeats none and loses none. Nothing of it happens in the quiet hours of those it concerns.
 */
export async function workOnReview(core: Needs, claim: Claim): Promise<void> {
  const reviewId = reviewIdOf(claim.key) ?? ''
  for (let isDone = false; !isDone; ) {
    const nowMs = core.clock.nowMs()
    isDone = await core.db.write(async function lookAfterReview(tx) {
      await confirmClaim(tx, claim)
      const review = await findReview.first(tx, { id: reviewId })
      const nextAtMs = review?.status === 'open' ? await lookAfter(core, tx, review, nowMs) : null
      return core.queue.release(tx, claim, nextAtMs)
    })
  }
}

/** Does what is due, and says when to look again. */
async function lookAfter(core: Making, tx: Tx, review: ReviewRow, nowMs: number): Promise<number | null> {
  const { terms } = questionOf(review)
  const deciders = await decidersOf(tx, questionOf(review))
  const endAtMs = await endInTime(core, tx, review, deciders, nowMs)
  if (endAtMs === 'ended') return null
  const standInAtMs = await callStandIn(core, tx, review, nowMs)
  const remindAtMs = await remind(core, tx, { review, terms, deciders, nowMs })
  const times = [endAtMs, standInAtMs, remindAtMs].filter((ms) => ms !== null)
  return times.length === 0 ? null : Math.min(...times)
}

const ENDINGS: Record<NonNullable<Terms['timeout']>['outcome'], Ending> = {
  approve: {
    status: 'approved',
    by: null,
    reason: 'Nobody decided in time, so it counts as approved.',
    outcome: { type: 'succeeded', output: { decision: 'approve', comment: '', decidedBy: null } },
  },
  reject: {
    status: 'rejected',
    by: null,
    reason: 'Nobody decided in time, so it counts as rejected.',
    outcome: {
      type: 'failed',
      error: { code: 'rejected', message: 'Nobody decided in time, so it counts as rejected.' },
    },
  },
  fail: {
    status: 'expired',
    by: null,
    reason: 'Nobody decided in time.',
    outcome: { type: 'failed', error: { code: 'expired', message: 'Nobody decided in time.' } },
  },
}

async function endInTime(
  core: Making,
  tx: Tx,
  review: ReviewRow,
  deciders: readonly Decider[],
  nowMs: number,
): Promise<number | 'ended' | null> {
  const { terms } = questionOf(review)
  if (!terms.timeout) return null
  const dueAtMs = review.created_at_ms + terms.timeout.afterMs
  if (dueAtMs > nowMs) return dueAtMs
  // While everybody who could still decide sleeps, their time does not run out.
  const wakeAtMs: number[] = []
  for (const decider of deciders) wakeAtMs.push((await quietForUntilMs(tx, terms.quietHours, decider, nowMs)) ?? nowMs)
  const firstUpMs = wakeAtMs.length === 0 ? nowMs : Math.min(...wakeAtMs)
  if (firstUpMs > nowMs) return firstUpMs
  const ending = ENDINGS[terms.timeout.outcome]
  // Somebody may have decided in this very moment; then that is what counts and what is told.
  if (await endReview(core, tx, review, ending, nowMs)) {
    await tellRequester(core, tx, review, `${review.title}: ${ending.reason}`)
  }
  return 'ended'
}

async function callStandIn(core: Making, tx: Tx, review: ReviewRow, nowMs: number): Promise<number | null> {
  const { terms } = questionOf(review)
  if (!terms.standIn || review.stood_in_at_ms !== null) return null
  const dueAtMs = review.created_at_ms + terms.standIn.afterMs
  if (dueAtMs > nowMs) return dueAtMs
  const account = await accountById(tx, terms.standIn.accountId)
  const standIn = account && { accountId: account.id, timeZone: account.timeZone }
  const upAtMs = standIn && (await quietForUntilMs(tx, terms.quietHours, standIn, nowMs))
  if (upAtMs) return upAtMs
  if ((await letStandIn.run(tx, { id: review.id, nowMs })) === 0) return null
  const details = { accountId: terms.standIn.accountId }
  await tellReview(tx, review, 'review.stand_in', { actor: null, nowMs, details })
  const deciders = await decidersOf(tx, questionOf({ ...review, stood_in_at_ms: nowMs }))
  if (deciders.some(({ accountId }) => accountId === terms.standIn?.accountId)) {
    await askToDecide(core, tx, review, { accountId: terms.standIn.accountId })
  }
  await touchReviewCards(core, tx, review)
  return null
}

async function remind(
  core: Making,
  tx: Tx,
  { review, terms, deciders, nowMs }: { review: ReviewRow; terms: Terms; deciders: readonly Decider[]; nowMs: number },
): Promise<number | null> {
  if (terms.remindAfterMs === null) return null
  const dueAtMs = review.created_at_ms + terms.remindAfterMs
  if (dueAtMs > nowMs) return dueAtMs
  const reminded = new Set((await listReminders.all(tx, { reviewId: review.id })).map(({ account_id }) => account_id))
  let nextAtMs: number | null = null
  for (const { accountId, timeZone } of deciders) {
    if (reminded.has(accountId)) continue
    const upAtMs = await quietForUntilMs(tx, terms.quietHours, { accountId, timeZone }, nowMs)
    if (upAtMs !== null) nextAtMs = Math.min(nextAtMs ?? upAtMs, upAtMs)
    else if ((await insertReminder.run(tx, { reviewId: review.id, accountId, nowMs })) > 0) {
      await remindOne(core, tx, review, accountId)
      await tellReview(tx, review, 'review.reminded', { actor: null, nowMs, details: { accountId } })
    }
  }
  return nextAtMs
}

async function remindOne(core: Making, tx: Tx, review: ReviewRow, accountId: string): Promise<void> {
  const parts = await reviewParts(tx, review, { isPrivate: true })
  await notify(core, tx, {
    accountId,
    type: 'review_reminded',
    context: contextOf(review.context),
    cause: review.id,
    text: `${review.title} still waits for your decision.`,
    reply: { parts: [{ type: 'text', text: 'This still waits for you.' }, ...parts] },
  })
}
