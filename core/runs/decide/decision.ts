import type { Pause } from '#core/agents/run/pause.ts'
import type { JsonObject } from '#core/json.ts'
import type { RetryPolicy, Submitted } from '#core/tools/tool.ts'
import type { SendOrder } from '../../sending/order.ts'
import type { Failure, StepState } from '../state.ts'
import type { RunStatus } from '../states.ts'

/**
 * What an engine is told. Results name the step by its seq; with `attempt` given, a result of an earlier try than the one
 * under way changes nothing. Results for steps that have ended or are not under way change nothing either.
 */
export type Happened =
  /** A worker took the run for the first time. */
  | { type: 'started' }
  /** Another worker died with the run: what it was executing is done again, with the same idempotency keys. */
  | { type: 'recovered' }
  /** Ends a step that is executing or waits for a callback, a review or a nested job. */
  | {
      type: 'step_succeeded'
      seq: number
      output: JsonObject
      attempt?: number
      /** Goes out with the step's own move, or not at all; nothing is decided by it. */
      send?: SendOrder
    }
  | {
      type: 'step_failed'
      seq: number
      error: Failure
      retryable: boolean
      attempt?: number
      /** Another try comes no sooner. */
      retryAfterMs?: number
    }
  /** The tool has nothing to do until then; `output` is what the step gives when the time has come. */
  | { type: 'step_waiting'; seq: number; untilMs: number; output: JsonObject; attempt?: number }
  /** People sent back what a review shows: what made it is done again, and then the review is asked anew. */
  | { type: 'changes_requested'; seq: number; comment: string }
  /** A provider works on it; its callback, or what a poll finds, arrives as step_succeeded or step_failed. */
  | {
      type: 'step_submitted'
      seq: number
      deadlineMs: number
      attempt?: number
      /** For the row of the wait; nothing is decided by it. */
      callbackKey: string
      submitted: Submitted
    }
  /** A tool is in the midst of its work and cannot go on before people, or a nested run of its own, have answered. */
  | { type: 'step_paused'; seq: number; attempt: number; pauses: number; pause: Pause }
  /** They have: the tool goes on, which is no other try. */
  | { type: 'step_resumed'; seq: number }
  /** The run of a nested job exists; its end arrives as step_succeeded or step_failed. */
  | { type: 'child_started'; seq: number; attempt?: number }
  /** There is no money for a step that was to be executed now: it waits for some, until then, and was not tried. */
  | { type: 'funds_missing'; seq: number; untilMs: number }
  /** The money that the run waited for is held. */
  | { type: 'funded' }
  /** The clock: retries, waits and deadlines that are due by now. */
  | { type: 'timer' }
  | { type: 'cancel'; reason: string }

/** One thing to execute now. */
export type StepWork = {
  seq: number
  stepId: string
  /** From the mappings; not yet completed with defaults or checked against the tool's schema. */
  input: JsonObject
  /** The step's own limit; null means the tool's. A nested job's limit is kept here, by a deadline, not by the worker. */
  timeoutMs: number | null
  /** From 1. The same again after a crash. */
  attempt: number
  /** `stepId:group`, in a copy `stepId[index]:group`: the same for every try, so that a provider sees one request. */
  idempotencySuffix: string
  /** How often it has paused in this try. */
  pauses: number
  /** What was asked to be changed when this is done again; empty the first time. */
  comment: string
} & ({ kind: 'tool'; toolId: string } | { kind: 'job'; jobId: string })

/** `step.started`, `run.failed`, …: exactly one for each move; copies of a forEach step come into being without one. */
export interface RunEvent {
  type: string
  seq?: number
  details?: JsonObject
}

export interface Decision {
  /** Changed and new rows, whole. New ones are copies of forEach steps or the review of the result, with fresh seqs. */
  steps: StepState[]
  /** What to execute now; these are `running` in `steps`. */
  start: StepWork[]
  /** Steps now cancelled or timed out whose tool still executes, or whose nested run or callback is still open. */
  abort: number[]
  /** Only when the run's status changes. Outputs are null unless it ended. */
  run?: { status: RunStatus; outputs: JsonObject | null; error: Failure | null }
  /** The earliest timer of the whole run after this decision, perhaps in the past; null when there is none. */
  wakeAtMs: number | null
  events: RunEvent[]
}

/** Everything a decision needs from outside. */
export interface DecideContext {
  nowMs: number
  /** [0, 1), for the jitter of retries. */
  random: () => number
  /** How many steps of this run may execute at once; the job's own `limits.concurrency` can only lower it. */
  maxParallel: number
  /** 1, and one more each time a person retries the run: only then shall providers see a new request. */
  attemptGroup?: number
  retryOf(toolId: string): RetryPolicy
}
