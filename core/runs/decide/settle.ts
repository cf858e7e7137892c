import type { StepDefinition } from '#core/jobs/definition.ts'
import { evaluateCondition } from '#core/tools/liquid.ts'
import { sentence } from '../mapping.ts'
import type { StepState } from '../state.ts'
import { hasStepEnded } from '../states.ts'
import { type Draft, failureRuleOf, isFanOut, move, rowOf, stepOf } from './draft.ts'
import { fail, skip, waitFor, waitUntil } from './endings.ts'
import { closeFanOut, openFanOut } from './fanout.ts'
import { reopenHeld } from './reopen.ts'
import { inputOf, scopeOf } from './scope.ts'

/**
 * Takes every step as far as it gets without executing anything. One pass is enough, because each step comes behind what
 * it waits for. Stops where a failure ends the run.
 */
export function settle(draft: Draft): void {
  reopenHeld(draft)
  for (const seq of draft.outline.order) {
    if (draft.halt) return
    if (draft.held.has(seq)) continue
    const row = rowOf(draft, seq)
    if (row.status === 'pending') consider(draft, row)
    else if (row.status === 'running' && isFanOut(draft, row)) goOnWithFanOut(draft, row)
  }
}

function consider(draft: Draft, row: StepState): void {
  let open = false
  for (const seq of draft.outline.dependencies[row.seq] ?? []) {
    const dependency = rowOf(draft, seq)
    if (!hasStepEnded(dependency.status)) {
      open = true
    } else if (!letsThrough(draft, dependency)) {
      skipAfter(draft, row, dependency)
      return
    }
  }
  if (!open) enter(draft, row)
}

/** A step skipped by its condition has no error; one skipped for a failure passes the skipping on. */
function letsThrough(draft: Draft, row: StepState): boolean {
  if (row.status === 'succeeded') return true
  if (row.status === 'skipped') return row.error === null
  return row.status === 'failed' && failureRuleOf(draft, row) === 'continue'
}

function skipAfter(draft: Draft, row: StepState, dependency: StepState): void {
  const message = `Skipped because step “${dependency.stepId}” ${dependency.status === 'failed' ? 'failed' : 'was skipped'}.`
  skip(draft, row.seq, message, { code: 'dependency_failed', message })
}

function enter(draft: Draft, row: StepState): void {
  const step = stepOf(draft, row) as StepDefinition
  if (step.condition !== undefined && !isMet(draft, row, step.condition)) return
  if (step.forEach === undefined) prepare(draft, row)
  else fanOut(draft, row)
}

/** False when the step was skipped, or failed because nobody can say. */
function isMet(draft: Draft, row: StepState, condition: string): boolean {
  let met: boolean
  try {
    met = evaluateCondition(condition, scopeOf(draft, row))
  } catch (error) {
    const message = `Step “${row.stepId}”: the condition “${condition}” cannot be evaluated: ${sentence(error)}`
    fail(draft, row.seq, { code: 'bad_input', message })
    return false
  }
  if (!met) skip(draft, row.seq, `Its condition was not met: ${condition}`, null)
  return met
}

function fanOut(draft: Draft, row: StepState): void {
  prepareCopies(draft, row.seq, openFanOut(draft, row))
}

/** Copies that are pending while their step runs are those that a retry takes up again. */
function goOnWithFanOut(draft: Draft, row: StepState): void {
  const pending = (draft.copies.get(row.seq) ?? []).filter((seq) => rowOf(draft, seq).status === 'pending')
  prepareCopies(draft, row.seq, pending)
}

function prepareCopies(draft: Draft, seq: number, copies: readonly number[]): void {
  for (const copy of copies) {
    prepare(draft, rowOf(draft, copy))
    if (draft.halt) return
  }
  closeFanOut(draft, rowOf(draft, seq))
}

/** A step that may begin: waits and reviews begin at once, tools and jobs are ready once their input is certain. */
function prepare(draft: Draft, row: StepState): void {
  const step = stepOf(draft, row) as StepDefinition
  if ('wait' in step) {
    beginWait(draft, row, step.wait)
    return
  }
  const resolved = inputOf(draft, row)
  if ('problem' in resolved) fail(draft, row.seq, { code: 'bad_input', message: resolved.problem })
  // A review is decided by people; an event of its own will bring the decision and end the step.
  else if ('review' in step) waitFor(draft, row.seq, 'review', null)
  else move(draft, row.seq, 'ready', {})
}

function beginWait(draft: Draft, row: StepState, wait: { ms: number } | { until: string }): void {
  const { nowMs } = draft.at
  const untilMs = 'ms' in wait ? nowMs + wait.ms : instantOf(wait.until)
  if (Number.isFinite(untilMs)) {
    waitUntil(draft, row.seq, untilMs, { waitedMs: Math.max(0, untilMs - nowMs) })
    return
  }
  const given = 'ms' in wait ? wait.ms : wait.until
  const message = `Step “${row.stepId}” waits until “${given}”, which is not a time like 2026-01-31T09:00:00Z.`
  fail(draft, row.seq, { code: 'bad_input', message })
}

/** A time without a zone is UTC, not the zone of whatever machine the run is on. */
function instantOf(text: string): number {
  const hasNoZone = /T[\d:.]+$/.test(text)
  return Date.parse(hasNoZone ? `${text}Z` : text)
}
