import type { Reader } from '#db/db.ts'
import { listReviewsOfRun } from '#db/reviews.ts'
import type { Happened } from '../runs/decide.ts'
import type { StepState } from '../runs/state.ts'
import { happenedBy, type Outcome } from './outcome.ts'

/** What was decided about the steps of a run that wait for people. The newest round of each is the one they wait for. */
export async function decidedReviews(
  on: Reader,
  runId: string,
  waiting: readonly StepState[],
): Promise<{ happened: Happened; costMicros: bigint }[]> {
  const reviews = await listReviewsOfRun.all(on, { runId })
  return waiting.flatMap(({ seq }) => {
    const newest = reviews.findLast((review) => review.seq === seq)
    if (!newest?.outcome_json) return []
    return [{ happened: happenedBy(JSON.parse(newest.outcome_json) as Outcome, seq), costMicros: 0n }]
  })
}
