import type { JsonObject } from '#core/json.ts'
import { backoffDelayMs, retryPolicyOf } from '../backoff.ts'
import { type Failure, RESULT_REVIEW, type StepState, type WaitFor } from '../state.ts'
import { type Draft, failureRuleOf, move, rowOf, stepOf, tell } from './draft.ts'
import { isReview, triesOf } from './rounds.ts'

const AT_REST = { wakeAtMs: null, waitFor: null } as const

/** What a review remembers of its rounds stays with it for good. */
const memoryOf = (draft: Draft, seq: number): JsonObject | null => {
  const row = rowOf(draft, seq)
  return isReview(draft.outline, row) ? row.pendingOutput : null
}

export function succeed(draft: Draft, seq: number, output: JsonObject): void {
  move(draft, seq, 'succeeded', { ...AT_REST, pendingOutput: memoryOf(draft, seq), output, error: null })
  tell(draft, 'step.succeeded', seq)
}

/** A failure for good. With the rule `halt` it ends the run, whatever else is under way. */
export function fail(draft: Draft, seq: number, error: Failure): void {
  move(draft, seq, 'failed', { ...AT_REST, pendingOutput: memoryOf(draft, seq), error })
  skipCopies(draft, seq)
  tell(draft, 'step.failed', seq, { code: error.code, message: error.message })
  const row = rowOf(draft, seq)
  if (failureRuleOf(draft, row) === 'halt') draft.halt ??= told(row, error)
}

/** Another try later when the error and the step's rule allow one, otherwise a failure for good. */
export function failOrRetry(
  draft: Draft,
  seq: number,
  { error, retryable, retryAfterMs = 0 }: { error: Failure; retryable: boolean; retryAfterMs?: number },
): void {
  const row = rowOf(draft, seq)
  const step = stepOf(draft, row)
  // A review is not asked again because its answer was no.
  const isRepeatable = retryable && step !== undefined && ('toolId' in step || 'jobId' in step)
  const policy = isRepeatable ? retryPolicyOf(step, draft.at.retryOf) : undefined
  if (!policy || triesOf(row) >= policy.maxAttempts) {
    fail(draft, seq, error)
    return
  }
  const delayMs = Math.max(backoffDelayMs(policy, triesOf(row), draft.at.random), retryAfterMs)
  move(draft, seq, 'waiting', { error, waitFor: 'timer', wakeAtMs: draft.at.nowMs + delayMs, pendingOutput: null })
  tell(draft, 'step.retrying', seq, { attempt: triesOf(row), delayMs, code: error.code, message: error.message })
}

/** Waits for the clock and then succeeds with that output; at once when the time has already come. */
export function waitUntil(draft: Draft, seq: number, untilMs: number, output: JsonObject): void {
  if (untilMs <= draft.at.nowMs) {
    succeed(draft, seq, output)
    return
  }
  move(draft, seq, 'waiting', { waitFor: 'timer', wakeAtMs: untilMs, pendingOutput: output })
  tell(draft, 'step.waiting', seq, { for: 'timer', untilMs })
}

/** Waits for something outside; the clock only ends it when there is a deadline. */
export function waitFor(draft: Draft, seq: number, what: WaitFor, deadlineMs: number | null): void {
  move(draft, seq, 'waiting', { waitFor: what, wakeAtMs: deadlineMs, pendingOutput: memoryOf(draft, seq) })
  tell(draft, 'step.waiting', seq, deadlineMs === null ? { for: what } : { for: what, untilMs: deadlineMs })
}

/** `cause` is the failure that made the step pointless; without one a condition was not met, and dependents go on. */
export function skip(draft: Draft, seq: number, reason: string, cause: Failure | null): void {
  move(draft, seq, 'skipped', { error: cause })
  tell(draft, 'step.skipped', seq, { reason })
  skipCopies(draft, seq)
}

/** Copies of before a retry that there is no element for any more, or no step: from that place in the list on. */
export function skipCopies(draft: Draft, seq: number, from = 0): void {
  for (const copy of draft.copies.get(seq)?.slice(from) ?? []) {
    if (rowOf(draft, copy).status === 'pending')
      skip(draft, copy, 'Its list does not have this element any more.', null)
  }
}

export function cancel(draft: Draft, seq: number): void {
  move(draft, seq, 'cancelled', { ...AT_REST, pendingOutput: memoryOf(draft, seq) })
  tell(draft, 'step.cancelled', seq)
}

/** A step's error as the run's: it names the step unless the sentence does already. */
export function told(row: StepState, error: Failure): Failure {
  if (row.stepId === RESULT_REVIEW || error.message.includes(`“${row.stepId}”`)) return error
  const copy = row.itemIndex === null ? '' : ` (element ${row.itemIndex + 1})`
  return { code: error.code, message: `Step “${row.stepId}”${copy} failed: ${error.message}` }
}
