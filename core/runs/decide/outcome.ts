import assert from 'node:assert'
import type { Json, JsonObject } from '#core/json.ts'
import { readPath } from '../../json-path.ts'
import { type Failure, isWaitingForFunds, RESULT_REVIEW, type StepState } from '../state.ts'
import { hasStepEnded, type RunStatus } from '../states.ts'
import { addRow, type Draft, isExecuting, isFanOut, rowOf } from './draft.ts'
import { cancel, told, waitFor } from './endings.ts'
import { visibleOutput } from './scope.ts'

export interface RunMove {
  status: RunStatus
  error: Failure | null
}

/** Cancels everything that has not ended. What is still going on outside is to be aborted. */
export function endEarly(draft: Draft): void {
  for (const row of draft.rows) {
    if (hasStepEnded(row.status)) continue
    const isOutside = row.status === 'waiting' && (row.waitFor === 'job' || row.waitFor === 'callback')
    if (isOutside || isExecuting(draft, row)) draft.abort.push(row.seq)
    cancel(draft, row.seq)
  }
}

/** Where the run stands now that every step was taken as far as it gets. */
export function standingOf(draft: Draft): RunMove {
  const { steps, definition } = draft.outline
  if (!steps.every((_, seq) => hasStepEnded(rowOf(draft, seq).status))) return underWay(draft)
  const end = endOf(draft)
  const review = definition.review && draft.rows.findLast((row) => row.stepId === RESULT_REVIEW)
  if (definition.review === undefined) return end
  if (end.status === 'failed') {
    // Sent back, and then there was no result any more: nobody is asked about that.
    if (review && !hasStepEnded(review.status)) cancel(draft, review.seq)
    return end
  }
  if (review?.status === 'succeeded') return end
  // Asked when there is a result to look at, and again when it was made anew. A refused one fails like a step with the
  // rule `halt`.
  const seq = review?.seq ?? addRow(draft, { stepId: RESULT_REVIEW, parentSeq: null, itemIndex: null })
  if (review?.status !== 'waiting') waitFor(draft, seq, 'review', null)
  return { status: 'waiting', error: null }
}

function underWay(draft: Draft): RunMove {
  const isHeldBack = draft.rows.some(isWaitingForFunds)
  const isBusy = draft.rows.some((row) => (row.status === 'ready' && !isHeldBack) || isExecuting(draft, row))
  assert(
    isBusy || draft.rows.some((row) => row.status === 'waiting'),
    'a run that is not over must have something to do',
  )
  return { status: isBusy ? 'running' : 'waiting', error: null }
}

/** A failure that the rules survived leaves a part when anything at all was done, and nothing when nothing was. */
function endOf(draft: Draft): RunMove {
  const failed = firstFailed(draft)
  if (!failed) return { status: 'succeeded', error: null }
  const isPart = draft.rows.some((row) => row.status === 'succeeded' && !isMadeOfCopies(draft, row))
  const error = told(failed, failed.error ?? { code: 'internal', message: 'No reason is known.' })
  return { status: isPart ? 'partially_completed' : 'failed', error }
}

const isMadeOfCopies = (draft: Draft, row: StepState): boolean => isFanOut(draft, row) && draft.copies.has(row.seq)

/** By place in the definition, then in the list: the same one whichever failed first. */
function firstFailed(draft: Draft): StepState | undefined {
  for (let seq = 0; seq < draft.outline.steps.length; seq++) {
    const row = rowOf(draft, seq)
    if (row.status === 'failed') return row
    const copy = draft.copies.get(seq)?.find((of) => rowOf(draft, of).status === 'failed')
    if (copy !== undefined) return rowOf(draft, copy)
  }
  return undefined
}

/** The job's outputs as far as they exist; those of a failed or cancelled run are kept as well. */
export function outputsOf(draft: Draft): JsonObject {
  const entries: [string, Json][] = []
  for (const [name, source] of Object.entries(draft.outline.definition.outputs)) {
    const seq = draft.outline.seqOf.get(source.step)
    const output = seq === undefined ? undefined : visibleOutput(draft, rowOf(draft, seq))
    if (!output || !Object.hasOwn(output, source.output)) continue
    const whole = output[source.output] as Json
    const value = source.path === undefined ? whole : readPath(whole, source.path)
    if (value !== undefined) entries.push([name, value])
  }
  return answered(draft, Object.fromEntries(entries))
}

/** Once people chose one of the outputs, only that one counts; what they filled in counts beside them, and before them. */
function answered(draft: Draft, outputs: JsonObject): JsonObject {
  const kind = draft.outline.definition.review?.kind
  if (kind === undefined || kind === 'decide') return outputs
  const answer = draft.rows.findLast((row) => row.stepId === RESULT_REVIEW && row.status === 'succeeded')?.output
  if (!answer) return outputs
  if (kind === 'form') return { ...outputs, ...answer }
  const chosen = String(answer.variantId)
  if (Object.hasOwn(outputs, chosen)) return { [chosen]: outputs[chosen] as Json }
  return { ...outputs, chosen: answer.variant ?? null }
}
