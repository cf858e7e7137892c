import type { RunRow } from '#db/runs.ts'
import type { ChannelName } from '../chat/message.ts'
import type { Context } from '../context.ts'
import { contextOf } from '../context.ts'
import type { JsonObject } from '../json.ts'
import { formatUsd } from '../money.ts'
import { triesOf } from './decide/rounds.ts'
import type { WaitingFor } from './funds-wait.ts'
import type { Failure } from './state.ts'
import type { RunStatus, StepStatus } from './states.ts'
import { NO_FACTS, parseOr, type StoredRun } from './stored.ts'

/** A step as clients see it; a copy of a forEach step has its place in the list behind the id: `lint[2]`. */
export interface StepView {
  stepId: string
  toolId: string | null
  status: StepStatus
  attempts: number
  costUsd: string
  startedAt: string | null
  finishedAt: string | null
  output: JsonObject | null
  error: Failure | null
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

export interface RunView extends RunSummary {
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
  const tools = new Map(run.definition.steps.map((step) => [step.stepId, 'toolId' in step ? step.toolId : null]))
  const steps = run.state.steps.map((step): StepView => {
    const fact = run.facts.get(step.seq) ?? NO_FACTS
    return {
      stepId: step.itemIndex === null ? step.stepId : `${step.stepId}[${step.itemIndex}]`,
      toolId: tools.get(step.stepId) ?? null,
      status: step.status,
      attempts: triesOf(step),
      costUsd: formatUsd(fact.costMicros),
      startedAt: iso(fact.startedAtMs),
      finishedAt: iso(fact.finishedAtMs),
      output: isWithheld ? null : step.output,
      error: step.error,
    }
  })
  const summary = summaryOf(run.row, variants)
  return { ...summary, outputs: isWithheld ? null : summary.outputs, steps, waitingFor }
}
