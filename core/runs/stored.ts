import type { Reader } from '#db/db.ts'
import { findJobVersion } from '#db/jobs.ts'
import { listSteps, type StepRow } from '#db/run-steps.ts'
import { findRun, type RunRow } from '#db/runs.ts'
import { type Context, contextOf } from '../context.ts'
import type { PaidRun } from '../economy/holds.ts'
import type { JobDefinition } from '../jobs/definition.ts'
import type { JsonObject } from '../json.ts'
import { decodePins, type Pins } from './pins.ts'
import { initialState, type RunState, type StepState, type WaitFor } from './state.ts'
import type { RunStatus, StepStatus } from './states.ts'

/** A run as a worker holds it in memory: the engine's state, and what stands beside each step. */
export interface StoredRun {
  row: RunRow
  context: Context
  definition: JobDefinition
  pins: Pins
  /** Saved inputs per tool, as they were at submission. */
  toolDefaults: Record<string, JsonObject>
  state: RunState
  /** By seq; absent until the step has begun. */
  facts: ReadonlyMap<number, StepFacts>
}

/** What the engine does not decide on. */
export interface StepFacts {
  costMicros: bigint
  childRunId: string | null
  startedAtMs: number | null
  finishedAtMs: number | null
}

export async function loadRun(on: Reader, runId: string): Promise<StoredRun | undefined> {
  const row = await findRun.first(on, { id: runId })
  if (!row) return undefined
  const definition = await definitionOf(on, row)
  const inputs = JSON.parse(row.inputs_json) as JsonObject
  const state = initialState(definition, inputs)
  const facts = new Map<number, StepFacts>()
  // A run nobody has begun has no rows of steps yet.
  const steps = row.status === 'queued' ? [] : await listSteps.all(on, { runId })
  for (const step of steps) {
    state.steps[step.seq] = stepState(step)
    facts.set(step.seq, {
      costMicros: step.cost_micros,
      childRunId: step.child_run_id,
      startedAtMs: step.started_at_ms,
      finishedAtMs: step.finished_at_ms,
    })
  }
  // While it lives, what it cost so far stands with its steps.
  const costMicros = facts.values().reduce((sum, fact) => sum + fact.costMicros, 0n)
  return {
    row: row.finished_at_ms === null ? { ...row, cost_micros: costMicros } : row,
    context: contextOf(row.context),
    definition,
    pins: decodePins(row.pins_json),
    toolDefaults: JSON.parse(row.defaults_json),
    state: {
      ...state,
      status: row.status as RunStatus,
      outputs: parseOr(row.outputs_json, null),
      error: parseOr(row.error_json, null),
    },
    facts,
  }
}

/** The run as its money knows it. */
export const paidRun = ({ row, context, pins }: StoredRun): PaidRun => ({
  id: row.id,
  context,
  accountId: row.account_id,
  holds: row.holds,
  retried: pins.retried,
  fire: pins.fire,
  jobId: row.job_key,
  ...pins.counted,
})

/** Definitions never change once stored, so those read lately are kept. */
const CACHE_SIZE = 500
const definitions = new Map<string, JobDefinition>()

export async function definitionOf(
  on: Reader,
  row: Pick<RunRow, 'definition_json' | 'job_id' | 'job_version'>,
): Promise<JobDefinition> {
  if (row.definition_json) return JSON.parse(row.definition_json)
  return storedDefinition(on, row.job_id ?? '', row.job_version)
}

export async function storedDefinition(on: Reader, jobId: string, version: number): Promise<JobDefinition> {
  const key = `${jobId}@${version}`
  const cached = definitions.get(key)
  if (cached) return cached
  const found = await findJobVersion.first(on, { jobId, version })
  if (!found) throw new Error(`Job ${key} is not stored`)
  if (definitions.size >= CACHE_SIZE) definitions.clear()
  const definition = JSON.parse(found.definition_json) as JobDefinition
  definitions.set(key, definition)
  return definition
}

const stepState = (row: StepRow): StepState => ({
  seq: row.seq,
  stepId: row.step_id,
  parentSeq: row.parent_seq,
  itemIndex: row.item_index,
  status: row.status as StepStatus,
  attempt: row.attempt,
  starts: row.starts,
  output: parseOr(row.output_json, null),
  error: parseOr(row.error_json, null),
  wakeAtMs: row.wake_at_ms,
  pendingOutput: parseOr(row.pending_output_json, null),
  waitFor: row.wait_for as WaitFor | null,
})

export function stepRow(runId: string, step: StepState, facts: ReadonlyMap<number, StepFacts>): StepRow {
  const fact = facts.get(step.seq) ?? NO_FACTS
  return {
    run_id: runId,
    seq: step.seq,
    step_id: step.stepId,
    parent_seq: step.parentSeq,
    item_index: step.itemIndex,
    status: step.status,
    attempt: step.attempt,
    starts: step.starts,
    wait_for: step.waitFor,
    wake_at_ms: step.wakeAtMs,
    pending_output_json: step.pendingOutput && JSON.stringify(step.pendingOutput),
    output_json: step.output && JSON.stringify(step.output),
    error_json: step.error && JSON.stringify(step.error),
    cost_micros: fact.costMicros,
    child_run_id: fact.childRunId,
    started_at_ms: fact.startedAtMs,
    finished_at_ms: fact.finishedAtMs,
  }
}

export const NO_FACTS: StepFacts = { costMicros: 0n, childRunId: null, startedAtMs: null, finishedAtMs: null }

export function parseOr<T>(json: string | null, fallback: T): T {
  return json === null ? fallback : (JSON.parse(json) as T)
}
