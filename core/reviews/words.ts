import type { Reader } from '#db/db.ts'
import { listDecisions, type ReviewRow } from '#db/reviews.ts'
import type { ReviewDecisionTable } from '#db/schema.ts'
import { AppError } from '../errors.ts'
import { showMoment } from '../moment.ts'

const VERBS: Record<ReviewDecisionTable['decision'], string> = {
  approve: 'approved',
  reject: 'rejected',
  request_changes: 'asked for changes to',
  choose: 'chose for',
  submit: 'answered',
}

export type Decision = Pick<ReviewDecisionTable, 'decision' | 'comment' | 'at_ms'> & { handle: string }

/** `@ben approved Release notes`, with what was said when there was something. */
export function decidedWords({ handle, decision, comment }: Omit<Decision, 'at_ms'>, what: string): string {
  return `@${handle} ${VERBS[decision]} ${what}${comment ? `: ${comment}` : '.'}`
}

/** What somebody hears who comes after the end: who was first and when, or that nobody was. */
export async function tooLate(on: Reader, review: ReviewRow): Promise<AppError> {
  const atMs = review.closed_at_ms ?? 0
  const last = (await listDecisions.all(on, { reviewId: review.id })).find(
    ({ account_id }) => account_id === review.closed_by,
  )
  const facts = { status: review.status, decidedAt: new Date(atMs).toISOString(), decidedBy: review.closed_by }
  if (!last) {
    const message = `${review.closed_reason ?? 'This is over.'} That was on ${showMoment(atMs)}.`
    return new AppError('conflict', message, { facts })
  }
  const message = `@${last.handle} ${VERBS[last.decision]} this already, on ${showMoment(last.at_ms)}.`
  return new AppError('conflict', message, { facts })
}
