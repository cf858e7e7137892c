import type { RunRow } from '#db/runs.ts'
import type { ChannelName } from '../chat/message.ts'
import type { Context } from '../context.ts'
import { contextOf } from '../context.ts'
import type { JsonObject } from '../json.ts'
import { formatUsd } from '../money.ts'
import { triesOf } from './decide/rounds.ts'
import type { WaitingFor } from './funds-wait.ts'
import { type Failure, RESULT_REVIEW, type WaitFor } from './state.ts'
import type { RunStatus, StepStatus } from './states.ts'
import { NO_FACTS, parseOr, type StoredRun } from './stored.ts'

/** A step as clients see it; a copy of a forEach step has its place in the list behind the id: `lint[2]`. */
export interface StepView {
  stepId: string
  displayName: string
  toolId: string | null
  status: StepStatus
  attempts: number
  costUsd: string
  startedAt: string | null
  finishedAt: string | null
  output: JsonObject | null
  error: Failure | null
  /** While it waits: for what, and when the clock does something about it. */
  waitsFor: { kind: WaitFor; until: string | null } | null
  /** The run of a step that is a job of its own. */
  childRunId: string | null
}

/** A run without its steps: what lists show. Times are ISO 8601, money decimal USD. */
export interface RunSummary {
  id: string
  jobId: string
  jobVersion: number
  context: Context
  initiator: { accountId: string; channel: ChannelName }
  status: RunStatus
  inputs: JsonObject
  outputs: JsonObject | null
  estimateUsd: string
  maxUsd: string
  costUsd: string
  variants: string[]
  reviewId: string | null
  createdAt: string
  startedAt: string | null
  finishedAt: string | null
  error: Failure | null
}

/** Who started it, by name; null for an account that is gone. */
export type Initiator = RunSummary['initiator'] & { handle: string | null }

/** A run as a list shows it to people. */
export interface RunListItem extends RunSummary {
  initiator: Initiator
}

export interface RunView extends RunSummary {
  /** What its job is called. */
  title: string
  /** The run it is a part of. */
  parentRunId: string | null
  steps: StepView[]
  /** What a run lacks that waits for money or room under a limit. */
  waitingFor: WaitingFor | null
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

/** `variants` are the ids of what is there to be looked at. */
export function summaryOf(row: RunRow, variants: string[]): RunSummary {
  // What is not paid is kept, and kept back.
  const isWithheld = row.status === 'payment_failed'
  return {
    id: row.id,
    jobId: row.job_key,
    jobVersion: row.job_version,
    context: contextOf(row.context),
    initiator: { accountId: row.account_id, channel: row.channel as ChannelName },
    status: row.status as RunStatus,
    inputs: JSON.parse(row.inputs_json),
    outputs: isWithheld ? null : parseOr(row.outputs_json, null),
    estimateUsd: formatUsd(row.estimate_micros),
    maxUsd: formatUsd(row.max_micros),
    costUsd: formatUsd(row.cost_micros),
    variants,
    reviewId: null,
    createdAt: new Date(row.created_at_ms).toISOString(),
    startedAt: iso(row.started_at_ms),
    finishedAt: iso(row.finished_at_ms),
    error: parseOr(row.error_json, null),
  }
}

export function viewOf(
  run: StoredRun,
  variants: string[],
  { isWithheld, waitingFor }: { isWithheld: boolean; waitingFor: WaitingFor | null },
): RunView {
  const written = new Map(run.definition.steps.map((step) => [step.stepId, step]))
  const steps = run.state.steps.map((step): StepView => {
    const fact = run.facts.get(step.seq) ?? NO_FACTS
    const definition = written.get(step.stepId)
    return {
      stepId: step.itemIndex === null ? step.stepId : `${step.stepId}[${step.itemIndex}]`,
      displayName: step.stepId === RESULT_REVIEW ? 'Review of the result' : (definition?.displayName ?? step.stepId),
      toolId: definition && 'toolId' in definition ? definition.toolId : null,
      status: step.status,
      attempts: triesOf(step),
      costUsd: formatUsd(fact.costMicros),
      startedAt: iso(fact.startedAtMs),
      finishedAt: iso(fact.finishedAtMs),
      output: isWithheld ? null : step.output,
      error: step.error,
      waitsFor: step.status === 'waiting' && step.waitFor ? { kind: step.waitFor, until: iso(step.wakeAtMs) } : null,
      childRunId: fact.childRunId,
    }
  })
  const summary = summaryOf(run.row, variants)
  const { definition, row } = run
  return {
    ...summary,
    title: definition.displayName,
    parentRunId: row.parent_run_id,
    outputs: isWithheld ? null : summary.outputs,
    steps,
    waitingFor,
  }
}
