import type { RetryPolicy } from '#core/tools/tool.ts'
import { backoffDelayMs } from '../backoff.ts'
import { isWaitingForFunds, type StepState } from '../state.ts'
import type { Happened } from './decision.ts'
import { type Draft, isExecuting, move, pausesOf, rowOf, stepOf, tell } from './draft.ts'
import { fail, failOrRetry, succeed, waitFor, waitUntil } from './endings.ts'
import { takeChanges } from './reopen.ts'
import { askedOf } from './rounds.ts'

/** A step that takes the process down with it is not tried for ever. */
const STARTS_MAX = 10
/**
 * A crash hits all steps that execute, and all but one of them had nothing to do with it. After this many starts each
 * waits a while of its own before the next, longer each time: so they part, and a program that is ended every second
 * does not use up their starts.
 */
const STARTS_AT_ONCE = 3
const APART: RetryPolicy = { maxAttempts: STARTS_MAX, backoffMs: 5_000, capMs: 60_000 }

/** Writes what happened into the rows it concerns. False when it comes too late or too early and changes nothing. */
export function take(draft: Draft, happened: Exclude<Happened, { type: 'cancel' }>): boolean {
  if (draft.before.status === 'queued' && happened.type !== 'started' && happened.type !== 'recovered') return false
  switch (happened.type) {
    case 'started':
      return true
    case 'recovered':
      return recover(draft)
    case 'timer':
      return wakeDue(draft)
    case 'child_started':
      return startChild(draft, happened)
    case 'funds_missing':
      return holdBack(draft, happened)
    case 'funded':
      return release(draft)
    case 'changes_requested':
      return takeChanges(draft, happened)
    case 'step_paused':
      return pause(draft, happened)
    case 'step_resumed':
      return resume(draft, happened)
    default:
      return takeResult(draft, happened)
  }
}

type Result = Extract<Happened, { type: 'step_succeeded' | 'step_failed' | 'step_waiting' | 'step_submitted' }>

function takeResult(draft: Draft, result: Result): boolean {
  const row = draft.rows[result.seq]
  if (!row || !isUnderWay(draft, row) || isOfAnotherTry(row, result.attempt)) return false
  if (result.type === 'step_succeeded') succeed(draft, row.seq, result.output)
  else if (result.type === 'step_failed') failOrRetry(draft, row.seq, result)
  else if (row.status !== 'running') return false
  else if (result.type === 'step_waiting') waitUntil(draft, row.seq, result.untilMs, result.output)
  else waitFor(draft, row.seq, 'callback', result.deadlineMs)
  return true
}

/**
 * A retry's wait is ended by the clock alone: a result that arrives then belongs to a try that is already over. A tool that
 * has paused says nothing before it goes on.
 */
function isUnderWay(draft: Draft, row: StepState): boolean {
  if (row.status === 'waiting') {
    if (isPaused(draft, row)) return false
    return row.waitFor === 'callback' || row.waitFor === 'job' || (row.waitFor === 'review' && !askedOf(row).isAsking)
  }
  return isExecuting(draft, row)
}

const isOfAnotherTry = (row: StepState, attempt: number | undefined): boolean =>
  attempt !== undefined && attempt !== row.attempt

function startChild(draft: Draft, child: Extract<Happened, { type: 'child_started' }>): boolean {
  const row = draft.rows[child.seq]
  const step = row && stepOf(draft, row)
  if (!row || !step || !('jobId' in step)) return false
  if (!isExecuting(draft, row) || isOfAnotherTry(row, child.attempt)) return false
  waitFor(draft, row.seq, 'job', step.timeoutMs === undefined ? null : draft.at.nowMs + step.timeoutMs)
  return true
}

function pause(draft: Draft, paused: Extract<Happened, { type: 'step_paused' }>): boolean {
  const row = draft.rows[paused.seq]
  if (!row || !isExecuting(draft, row) || isOfAnotherTry(row, paused.attempt)) return false
  // Told twice, the second is of before it went on.
  if (paused.pauses !== pausesOf(row)) return false
  waitFor(draft, row.seq, paused.pause.for, null)
  draft.rows[row.seq] = { ...rowOf(draft, row.seq), pendingOutput: { pauses: paused.pauses + 1 } }
  return true
}

/** Neither a try nor a start: an agent that asks often has not failed often. */
function resume(draft: Draft, { seq }: Extract<Happened, { type: 'step_resumed' }>): boolean {
  const row = draft.rows[seq]
  if (row?.status !== 'waiting' || !isPaused(draft, row)) return false
  move(draft, seq, 'ready', { attempt: row.attempt - 1, starts: row.starts - 1, wakeAtMs: null, waitFor: null })
  return true
}

function isPaused(draft: Draft, row: StepState): boolean {
  const step = stepOf(draft, row)
  return step !== undefined && 'toolId' in step && (row.waitFor === 'review' || row.waitFor === 'job')
}

/** Handed out a moment ago and not begun: neither a try nor a start. */
function holdBack(draft: Draft, { seq, untilMs }: Extract<Happened, { type: 'funds_missing' }>): boolean {
  const row = draft.rows[seq]
  if (!row || !isExecuting(draft, row)) return false
  const { attempt, starts } = row
  move(draft, seq, 'waiting', { attempt: attempt - 1, starts: starts - 1, waitFor: 'funds', wakeAtMs: untilMs })
  tell(draft, 'step.waiting', seq, { for: 'funds', untilMs })
  return true
}

function release(draft: Draft): boolean {
  const waiting = draft.rows.filter(isWaitingForFunds)
  for (const { seq } of waiting) move(draft, seq, 'ready', { wakeAtMs: null, waitFor: null })
  return waiting.length > 0
}

/** The try that was cut off does not count as one: a crash is not the step's failure, until it looks like its cause. */
function recover(draft: Draft): boolean {
  for (const row of draft.rows) {
    if (!isExecuting(draft, row)) continue
    if (row.starts >= STARTS_MAX) {
      const message = `The program stopped ${row.starts} times while this step was running; it is not tried again.`
      fail(draft, row.seq, { code: 'interrupted', message })
    } else if (row.starts > STARTS_AT_ONCE) {
      beginLater(draft, row)
    } else {
      move(draft, row.seq, 'ready', { attempt: row.attempt - 1 })
      tell(draft, 'step.interrupted', row.seq, { starts: row.starts })
    }
  }
  return true
}

function beginLater(draft: Draft, { seq, starts, attempt }: StepState): void {
  const delayMs = backoffDelayMs(APART, starts - STARTS_AT_ONCE, draft.at.random)
  const wakeAtMs = draft.at.nowMs + delayMs
  move(draft, seq, 'waiting', { attempt: attempt - 1, waitFor: 'timer', wakeAtMs, pendingOutput: null })
  const message = `The program stopped ${starts} times while this step was running.`
  tell(draft, 'step.retrying', seq, { starts, delayMs, code: 'interrupted', message })
}

function wakeDue(draft: Draft): boolean {
  for (const row of draft.rows) {
    if (row.status !== 'waiting' || row.wakeAtMs === null || row.wakeAtMs > draft.at.nowMs) continue
    if (row.waitFor !== 'timer') endAtDeadline(draft, row)
    else if (row.pendingOutput) succeed(draft, row.seq, row.pendingOutput)
    else move(draft, row.seq, 'ready', { wakeAtMs: null, waitFor: null })
  }
  return true
}

function endAtDeadline(draft: Draft, row: StepState): void {
  if (isWaitingForFunds(row)) {
    const message = 'There was not enough money for it, and none came in time.'
    fail(draft, row.seq, { code: 'insufficient_funds', message })
    return
  }
  fail(draft, row.seq, { code: 'timeout', message: 'It did not end in time.' })
  draft.abort.push(row.seq)
}
