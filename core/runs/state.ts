import type { JobDefinition } from '#core/jobs/definition.ts'
import type { JsonObject } from '#core/json.ts'
import type { RunStatus, StepStatus } from './states.ts'

/** Why a run or a step did not succeed: a code for programs, a sentence for people. */
export interface Failure {
  code: string
  message: string
}

/** What a waiting step waits for. Only `timer` is ended by the clock alone; `job` may have a deadline as well. */
export type WaitFor = 'timer' | 'callback' | 'review' | 'job' | 'funds'

/** While one step waits for money, no other is begun: it would take what is missing. */
export const isWaitingForFunds = ({ status, waitFor }: Pick<StepState, 'status' | 'waitFor'>): boolean =>
  status === 'waiting' && waitFor === 'funds'

/** The stepId of the row that holds the review of the whole result; step ids of definitions cannot begin with `$`. */
export const RESULT_REVIEW = '$review'

/** One row of a run: a step of the definition, one copy of a forEach step, or the review of the result. */
export interface StepState {
  /** Place in the run, from 0: the definition's steps in their order, then copies as they are made. Always the index. */
  seq: number
  stepId: string
  /** The forEach step this is a copy of. That one is `running` from its first copy to its last and executes nothing itself. */
  parentSeq: number | null
  /** Which element of the list a copy works on, from 0. */
  itemIndex: number | null
  status: StepStatus
  /** Tries begun, without those that a crash cut off: what the retry limit counts. */
  attempt: number
  /** Every time it was handed to a worker. */
  starts: number
  output: JsonObject | null
  /** The last error; kept through a retry's wait, gone when the next try starts. On a skipped step: which failure skipped it. */
  error: Failure | null
  /** When the clock has something to do here: a retry or a wait is due, a deadline is over. */
  wakeAtMs: number | null
  /**
   * The output a wait will have when its time has come; null while waiting to retry. Of a review: how often changes were
   * asked for, and what was said last. Of a tool that has paused: how often.
   */
  pendingOutput: JsonObject | null
  waitFor: WaitFor | null
}

export interface RunState {
  status: RunStatus
  /** Validated against the job's inputSchema and completed with its defaults. */
  inputs: JsonObject
  /** Null until the run has ended; then the outputs that exist, perhaps `{}`. */
  outputs: JsonObject | null
  error: Failure | null
  steps: StepState[]
}

/** A run as it is submitted: queued, every step of the definition pending, seq = place in the definition. */
export function initialState(definition: JobDefinition, inputs: JsonObject): RunState {
  const steps = definition.steps.map((step, seq) => pendingStep(seq, step.stepId))
  return { status: 'queued', inputs, outputs: null, error: null, steps }
}

/** A step nothing has happened to yet. */
export function pendingStep(seq: number, stepId: string): StepState {
  return {
    seq,
    stepId,
    parentSeq: null,
    itemIndex: null,
    status: 'pending',
    attempt: 0,
    starts: 0,
    output: null,
    error: null,
    wakeAtMs: null,
    pendingOutput: null,
    waitFor: null,
  }
}
