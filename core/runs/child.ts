import type { Tx } from '#db/db.ts'
import { insertRun, requestCancel } from '#db/runs.ts'
import { insertVariant } from '#db/variants.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { NESTING_MAX } from '../jobs/types.ts'
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
  const nowMs = core.clock.nowMs()
  const id = core.ids.newId('run')
  await insertRun.run(tx, {
    ...parent.row,
    id,
    job_id: pinned.id,
    job_key: jobId,
    job_version: pinned.version,
    definition_json: null,
    conversation: null,
    status: 'queued',
    inputs_json: JSON.stringify(applyDefaults(definition.inputSchema, input)),
    outputs_json: null,
    error_json: null,
    estimate_micros: 0n,
    max_micros: 0n,
    held_micros: 0n,
    cost_micros: 0n,
    holds: 0,
    parent_run_id: parent.row.id,
    parent_seq: seq,
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
      details: { jobId, jobVersion: pinned.version, parentRunId: parent.row.id },
    },
  ])
  if (variantsOfJob(parent.definition) !== undefined) {
    await insertVariant.run(tx, { id: variantIdOf(id), runId: parent.row.id, sourceRunId: id, nowMs })
  }
  await wakeRun(core, tx, parent, id)
  return { runId: id }
}

/** Nested runs of steps that were cut off are cancelled too. */
export async function cancelChildren(core: Needs, tx: Tx, run: StoredRun, seqs: readonly number[]): Promise<void> {
  for (const seq of seqs) {
    const childRunId = run.facts.get(seq)?.childRunId
    if (!childRunId) continue
    await requestCancel.run(tx, { id: childRunId, reason: 'The run it belongs to has ended.' })
    await wakeRun(core, tx, run, childRunId)
  }
}

const wakeRun = (core: Needs, tx: Tx, { context }: StoredRun, runId: string): Promise<void> =>
  core.queue.enqueue(tx, {
    kind: 'run',
    key: runKey(runId),
    runAtMs: core.clock.nowMs(),
    fairGroup: contextKey(context),
  })
