export type RunStatus =
  | 'queued'
  | 'running'
  | 'waiting'
  | 'succeeded'
  | 'partially_completed'
  | 'failed'
  | 'cancelled'
  | 'payment_failed'

export type StepStatus = 'pending' | 'ready' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'skipped' | 'cancelled'

const RUN_ENDS = ['succeeded', 'partially_completed', 'failed', 'cancelled', 'payment_failed'] as const

/**
 * Where a stored run may go from where it stands. A move may pass over a state in which the run never rested: a run whose
 * first step cannot be prepared goes from queued to failed in one write. Nothing leaves an end except a run whose
 * result was withheld for want of money, which is released as what it was; and what a person retries (`canRetryRun`).
 */
export const RUN_MOVES: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  queued: ['running', 'waiting', ...RUN_ENDS],
  running: ['waiting', ...RUN_ENDS],
  waiting: ['running', ...RUN_ENDS],
  succeeded: [],
  partially_completed: [],
  failed: [],
  cancelled: [],
  payment_failed: ['succeeded', 'partially_completed'],
}

/**
 * The same for a step. `ready` is only stored when there is no free place to execute. After a worker died a running step
 * is ready or running again. A waiting step may go on waiting, for something else: its nested job failed, and now it is
 * the time of the retry. A step that has ended never moves again, unless people ask for changes (`canReopenStep`).
 */
export const STEP_MOVES: Readonly<Record<StepStatus, readonly StepStatus[]>> = {
  pending: ['ready', 'running', 'waiting', 'succeeded', 'failed', 'skipped', 'cancelled'],
  ready: ['running', 'failed', 'cancelled'],
  running: ['ready', 'running', 'waiting', 'succeeded', 'failed', 'cancelled'],
  waiting: ['ready', 'running', 'waiting', 'succeeded', 'failed', 'cancelled'],
  succeeded: [],
  failed: [],
  skipped: [],
  cancelled: [],
}

/**
 * From where a person's retry takes a run up again: it is running then, or waiting for money. Nothing else leaves an end, and
 * not the engine.
 */
export const canRetryRun = (status: RunStatus): boolean =>
  status === 'failed' || status === 'partially_completed' || status === 'cancelled'

/**
 * Where a step may stand when people ask for changes and it is done again: then it is pending, as if it had not been. Only
 * that leads out of an end, and never out of a cancelled one.
 */
const REOPENED_FROM: readonly StepStatus[] = ['ready', 'running', 'waiting', 'succeeded', 'failed', 'skipped']

export const canReopenStep = (from: StepStatus): boolean => REOPENED_FROM.includes(from)

/** Staying where one is is not a move. */
export const canMoveRun = (from: RunStatus, to: RunStatus): boolean => RUN_MOVES[from].includes(to)

/** Every change of a stored row is a move of the table; a row that did not change made none. */
export const canMoveStep = (from: StepStatus, to: StepStatus): boolean => STEP_MOVES[from].includes(to)

/** True when nothing of the run will be executed any more; a `payment_failed` run only waits to be released. */
export const hasRunEnded = (status: RunStatus): boolean =>
  status !== 'queued' && status !== 'running' && status !== 'waiting'

export const hasStepEnded = (status: StepStatus): boolean => STEP_MOVES[status].length === 0
