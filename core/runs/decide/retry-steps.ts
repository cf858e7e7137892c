import type { JobDefinition } from '#core/jobs/definition.ts'
import { pendingStep, RESULT_REVIEW, type RunState, type StepState } from '../state.ts'
import { type Outline, outlineOf } from './outline.ts'
import { askedOf, isReview, remembered } from './rounds.ts'

interface Reopened {
  /** The rows that are different now, whole. */
  steps: StepState[]
  /** Ids of the steps that go again, all or some of their copies. */
  again: ReadonlySet<string>
}

const NONE: ReadonlySet<string> = new Set()

/**
 * What a person's retry does to the steps of a run that has ended: what did not succeed goes again, and so does all that
 * depends on it, because it may have seen a default in its place. What succeeded stays, with its output. `changed` are
 * steps that are defined differently now; they go again whatever became of them. Nothing to do gives no steps at all.
 */
export function retrySteps(definition: JobDefinition, state: RunState, changed: ReadonlySet<string> = NONE): Reopened {
  const outline = outlineOf(definition)
  const copies = Map.groupBy(state.steps, ({ parentSeq }) => parentSeq)
  const again = new Set<number>()
  const steps: StepState[] = []
  const fresh = (row: StepState): StepState => asNew(outline, row)
  for (const seq of outline.order) {
    const row = state.steps[seq] as StepState
    const own = copies.get(seq) ?? []
    if (isAfter(outline, seq, again) || changed.has(row.stepId)) steps.push(...[row, ...own].map(fresh))
    else if (own.some(isUnfinished)) steps.push(halfOpen(outline, row), ...own.filter(isUnfinished).map(fresh))
    else if (isUnfinished(row)) steps.push(fresh(row))
    else continue
    again.add(seq)
  }
  // The result will be another one, or nobody has agreed to it yet.
  const review = state.steps.findLast(({ stepId }) => stepId === RESULT_REVIEW)
  if (review && (again.size > 0 || isUnfinished(review))) steps.push(fresh(review))
  return { steps, again: new Set(Array.from(again, (seq) => (state.steps[seq] as StepState).stepId)) }
}

const isAfter = (outline: Outline, seq: number, again: ReadonlySet<number>): boolean =>
  (outline.dependencies[seq] ?? []).some((dependency) => again.has(dependency))

/** A step that its own condition skipped is as done as one that succeeded; so is a copy whose element is gone. */
const isUnfinished = ({ status, error }: StepState): boolean =>
  status !== 'succeeded' && !(status === 'skipped' && error === null)

function asNew(outline: Outline, row: StepState): StepState {
  const { seq, stepId, parentSeq, itemIndex } = row
  // How often a review was sent back is never forgotten: the keys that providers know a step by count on from it.
  const isSentBack = row.pendingOutput !== null && isReview(outline, row)
  const pendingOutput = isSentBack ? remembered({ ...askedOf(row), isAsking: false }) : null
  return { ...pendingStep(seq, stepId), parentSeq, itemIndex, pendingOutput }
}

/** A forEach step of which some copies stay as they are. */
const halfOpen = (outline: Outline, row: StepState): StepState => ({
  ...asNew(outline, row),
  status: 'running',
  attempt: 1,
})
