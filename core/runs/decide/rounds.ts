import type { JsonObject } from '#core/json.ts'
import { RESULT_REVIEW, type StepState } from '../state.ts'
import type { Outline } from './outline.ts'
import type { ReviewPlace } from './places.ts'

/** Sent back more often than this, people and machine do not understand each other. */
export const ROUNDS_MAX = 10

/** Tries are counted on from the next hundred in each round: a result of the round before is then of another try. */
const TRIES_OF_A_ROUND = 100

/** Which try of its round this is, from 1. */
export const triesOf = ({ attempt }: Pick<StepState, 'attempt'>): number => attempt % TRIES_OF_A_ROUND

export const attemptOfNextRound = ({ attempt }: StepState): number =>
  (Math.floor(attempt / TRIES_OF_A_ROUND) + 1) * TRIES_OF_A_ROUND

/** What a review remembers: how often changes were asked for, the last words, and whether they wait to be acted upon. */
export interface Asked {
  round: number
  comment: string
  isAsking: boolean
}

export function askedOf({ pendingOutput }: StepState): Asked {
  return {
    round: Number(pendingOutput?.round ?? 0),
    comment: String(pendingOutput?.comment ?? ''),
    isAsking: pendingOutput?.isAsking === true,
  }
}

export const roundsAskedOf = (row: StepState): number => askedOf(row).round

export const remembered = ({ round, comment, isAsking }: Asked): JsonObject => ({ round, comment, isAsking })

/** A step that asks people, one copy of it, or the review of the result. */
export function isReview({ steps }: Outline, { stepId, parentSeq, seq }: StepState): boolean {
  if (stepId === RESULT_REVIEW) return true
  const step = steps[parentSeq ?? seq]
  return step !== undefined && 'review' in step
}

/** Nothing for a row that is no review. */
export const placeOf = ({ reviews }: Outline, { stepId }: StepState): ReviewPlace | undefined =>
  reviews.length === 0 ? undefined : reviews.find((place) => place.stepId === stepId)

/** How often a step was done again, by its place in the definition. */
export function roundsOf(outline: Outline, rows: readonly StepState[], place: number): number {
  let rounds = 0
  for (const [row, review] of reviewsIn(outline, rows)) if (review.again.has(place)) rounds += askedOf(row).round
  return rounds
}

/** What was said to the step that makes what is looked at; nothing to those that only pass it on. */
export function commentFor(
  outline: Outline,
  rows: readonly StepState[],
  place: number,
): { comment: string; round: number } {
  const said: string[] = []
  for (const [row, review] of reviewsIn(outline, rows)) {
    const { comment } = askedOf(row)
    if (comment !== '' && review.makers.has(place)) said.push(comment)
  }
  return { comment: said.join('\n\n'), round: roundsOf(outline, rows, place) }
}

/** The places that wait to be done again. */
export function heldIn(outline: Outline, rows: readonly StepState[]): Set<number> {
  const held = new Set<number>()
  for (const [row, { again }] of reviewsIn(outline, rows)) {
    if (row.status === 'waiting' && askedOf(row).isAsking) for (const place of again) held.add(place)
  }
  return held
}

/** Every review row that has been sent back at least once. Costs nothing in jobs without reviews. */
function reviewsIn(outline: Outline, rows: readonly StepState[]): [StepState, ReviewPlace][] {
  if (outline.reviews.length === 0) return []
  return rows.flatMap((row): [StepState, ReviewPlace][] => {
    const place = row.pendingOutput === null ? undefined : placeOf(outline, row)
    return place ? [[row, place]] : []
  })
}
