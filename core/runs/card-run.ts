import type { Reader } from '#db/db.ts'
import { listStepsOnCard } from '#db/run-steps.ts'
import { findRunOnCard, type RunRow } from '#db/runs.ts'
import { type Context, contextOf } from '../context.ts'
import type { JobDefinition } from '../jobs/definition.ts'
import { pendingStep, type RunState, type StepState } from './state.ts'
import type { RunStatus, StepStatus } from './states.ts'
import { definitionOf, parseOr } from './stored.ts'

/** A run as its card shows it: without what went in and what came out, which is read only where it is shown. */
export interface CardRun {
  row: Pick<
    RunRow,
    | 'id'
    | 'job_id'
    | 'definition_json'
    | 'account_id'
    | 'status'
    | 'estimate_micros'
    | 'max_micros'
    | 'cost_micros'
    | 'idempotency_key'
  >
  context: Context
  definition: JobDefinition
  state: Pick<RunState, 'status' | 'error'> & {
    steps: Pick<StepState, 'seq' | 'stepId' | 'parentSeq' | 'status' | 'attempt'>[]
  }
}

export async function loadCardRun(on: Reader, runId: string): Promise<CardRun | undefined> {
  const row = await findRunOnCard.first(on, { id: runId })
  if (!row) return undefined
  const definition = await definitionOf(on, row)
  const steps: CardRun['state']['steps'] = definition.steps.map(({ stepId }, seq) => pendingStep(seq, stepId))
  let costMicros = 0n
  for (const step of row.status === 'queued' ? [] : await listStepsOnCard.all(on, { runId })) {
    const { seq, step_id: stepId, parent_seq: parentSeq, attempt } = step
    steps[seq] = { seq, stepId, parentSeq, status: step.status as StepStatus, attempt }
    costMicros += step.cost_micros
  }
  return {
    // While it lives, what it cost so far stands with its steps.
    row: row.finished_at_ms === null ? { ...row, cost_micros: costMicros } : row,
    context: contextOf(row.context),
    definition,
    state: { status: row.status as RunStatus, error: parseOr(row.error_json, null), steps },
  }
}
