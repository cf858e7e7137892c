import type { Tx } from '#db/db.ts'
import { insertRun } from '#db/runs.ts'
import { insertVariant } from '#db/variants.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { NESTING_MAX } from '../jobs/types.ts'
import type { JsonObject } from '../json.ts'
import { applyDefaults, checkInputs } from '../schema-check.ts'
import { variantIdOf } from '../variants/ids.ts'
import { variantsOfJob } from '../variants/job.ts'
import { runKey } from './card-key.ts'
import { withComment } from './comment.ts'
import type { StepWork } from './decide.ts'
import type { Failure } from './state.ts'
import { type StoredRun, storedDefinition } from './stored.ts'

type Needs = Pick<Core, 'ids' | 'queue' | 'clock'>

/** Starts the run of a nested job under its parent's money, in the version pinned when the parent was submitted. */
export async function startChild(
  core: Needs,
  tx: Tx,
  parent: StoredRun,
  work: StepWork & { kind: 'job' },
): Promise<{ runId: string } | { error: Failure }> {
  const { jobId, seq } = work
  const pinned = parent.pins.jobs[jobId]
  if (!pinned) return { error: { code: 'not_found', message: `There was no job ${jobId} when this run started.` } }
  // A run of several variants stands above what the definition says.
  if (parent.row.depth > NESTING_MAX) {
    return { error: { code: 'limit_exceeded', message: `Jobs may call jobs ${NESTING_MAX} deep, not deeper.` } }
  }
  const definition = await storedDefinition(tx, pinned.id, pinned.version)
  const input = withComment(definition.inputSchema, work.input, work)
  const problems = checkInputs(definition.inputSchema, input)
  if (problems.length > 0) {
    const list = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
    return { error: { code: 'bad_input', message: `${definition.displayName} cannot start: ${list}.` } }
  }
  const runId = await insertChild(core, tx, parent, {
    seq,
    jobId: pinned.id,
    jobKey: jobId,
    jobVersion: pinned.version,
    definitionJson: null,
    pinsJson: parent.row.pins_json,
    inputs: applyDefaults(definition.inputSchema, input),
    maxMicros: leftOf(parent),
  })
  return { runId }
}

/** What a run that may not cost more than its share leaves to those nested in it; 0 for one that has no share of its own. */
function leftOf({ row }: StoredRun): bigint {
  if (row.depth === 0 || row.max_micros === 0n) return 0n
  return row.max_micros > row.cost_micros ? row.max_micros - row.cost_micros : 1n
}

export interface NewChild {
  /** The step of the parent that waits for it. */
  seq: number
  jobId: string | null
  jobKey: string
  jobVersion: number
  /** Null for a job that is stored. */
  definitionJson: string | null
  pinsJson: string
  inputs: JsonObject
  /** The most it may cost, of what its parent holds; 0 when only the parent's own limits bind it. */
  maxMicros: bigint
}

/** Writes a run nested in another, under its money, and puts it to work. */
export async function insertChild(core: Needs, tx: Tx, parent: StoredRun, child: NewChild): Promise<string> {
  const nowMs = core.clock.nowMs()
  const id = core.ids.newId('run')
  await insertRun.run(tx, {
    ...parent.row,
    id,
    job_id: child.jobId,
    job_key: child.jobKey,
    job_version: child.jobVersion,
    definition_json: child.definitionJson,
    pins_json: child.pinsJson,
    conversation: null,
    status: 'queued',
    inputs_json: JSON.stringify(child.inputs),
    outputs_json: null,
    error_json: null,
    estimate_micros: 0n,
    max_micros: child.maxMicros,
    held_micros: 0n,
    cost_micros: 0n,
    holds: 0,
    parent_run_id: parent.row.id,
    parent_seq: child.seq,
    depth: parent.row.depth + 1,
    cancel_reason: null,
    idempotency_key: null,
    request_hash: null,
    created_at_ms: nowMs,
    started_at_ms: null,
    finished_at_ms: null,
  })
  await appendEvents(tx, nowMs, [
    {
      type: 'run.created',
      actor: 'system',
      context: contextKey(parent.context),
      subject: id,
      details: { jobId: child.jobKey, jobVersion: child.jobVersion, parentRunId: parent.row.id },
    },
  ])
  if (variantsOfJob(parent.definition) !== undefined) {
    await insertVariant.run(tx, { id: variantIdOf(id), runId: parent.row.id, sourceRunId: id, nowMs })
  }
  await wakeRun(core, tx, parent, id)
  return id
}

const wakeRun = (core: Needs, tx: Tx, { context }: StoredRun, runId: string): Promise<void> =>
  core.queue.enqueue(tx, {
    kind: 'run',
    key: runKey(runId),
    runAtMs: core.clock.nowMs(),
    fairGroup: contextKey(context),
  })
