import type { Reader } from '#db/db.ts'
import { listReviewsOfRun } from '#db/reviews.ts'
import { isToolStep } from '../jobs/definition.ts'
import type { Arrival } from '../runs/arrival.ts'
import type { StepState } from '../runs/state.ts'
import type { StoredRun } from '../runs/stored.ts'
import { happenedBy, type Outcome } from './outcome.ts'

/** What was decided about the steps of a run that wait for people. The newest round of each is the one they wait for. */
export async function decidedReviews(
  on: Reader,
  { row, definition }: StoredRun,
  waiting: readonly StepState[],
): Promise<Arrival[]> {
  const reviews = await listReviewsOfRun.all(on, { runId: row.id })
  return waiting.flatMap(({ seq, stepId }): Arrival[] => {
    const newest = reviews.findLast((review) => review.seq === seq)
    if (!newest || newest.status === 'open') return []
    // An agent looks itself at what was said.
    if (isToolStep(definition, stepId)) return [{ happened: { type: 'step_resumed', seq }, costMicros: 0n }]
    if (!newest.outcome_json) return []
    return [{ happened: happenedBy(JSON.parse(newest.outcome_json) as Outcome, seq), costMicros: 0n }]
  })
}
