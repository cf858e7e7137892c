import { sql } from 'kysely'
import type { Reader } from './db.ts'
import type { RunTable } from './schema.ts'
import { blind, query, statement } from './statement.ts'

export type RunRow = RunTable

export const insertRun = blind((q, p: RunRow) =>
  q.insertInto('run').values({
    id: p.id,
    context: p.context,
    job_id: p.job_id,
    job_key: p.job_key,
    job_version: p.job_version,
    definition_json: p.definition_json,
    pins_json: p.pins_json,
    account_id: p.account_id,
    channel: p.channel,
    conversation: p.conversation,
    status: p.status,
    inputs_json: p.inputs_json,
    defaults_json: p.defaults_json,
    outputs_json: p.outputs_json,
    error_json: p.error_json,
    estimate_micros: p.estimate_micros,
    max_micros: p.max_micros,
    held_micros: p.held_micros,
    cost_micros: p.cost_micros,
    owed_micros: p.owed_micros,
    holds: p.holds,
    parent_run_id: p.parent_run_id,
    parent_seq: p.parent_seq,
    depth: p.depth,
    cancel_reason: p.cancel_reason,
    idempotency_key: p.idempotency_key,
    request_hash: p.request_hash,
    created_at_ms: p.created_at_ms,
    started_at_ms: p.started_at_ms,
    finished_at_ms: p.finished_at_ms,
  }),
)

export const findRun = statement((q, p: { id: string }) => q.selectFrom('run').selectAll().where('id', '=', p.id))

/** What the card of a run shows of it, which is little: inputs and outputs may be megabytes. */
export const findRunOnCard = statement((q, p: { id: string }) =>
  q
    .selectFrom('run')
    .select([
      'id',
      'context',
      'job_id',
      'job_version',
      'definition_json',
      'account_id',
      'status',
      'error_json',
      'estimate_micros',
      'max_micros',
      'cost_micros',
      'finished_at_ms',
      'idempotency_key',
    ])
    .where('id', '=', p.id),
)

export const findRunByKey = statement((q, p: { idempotencyKey: string }) =>
  q.selectFrom('run').selectAll().where('idempotency_key', '=', p.idempotencyKey),
)

/** What a worker writes of a run after each decision. */
export const updateRun = blind(
  (
    q,
    p: {
      id: string
      status: string
      outputsJson: string | null
      errorJson: string | null
      costMicros: bigint
      owedMicros: bigint
      startedAtMs: number | null
      finishedAtMs: number | null
    },
  ) =>
    q
      .updateTable('run')
      .set({
        status: p.status,
        outputs_json: p.outputsJson,
        error_json: p.errorJson,
        cost_micros: p.costMicros,
        owed_micros: p.owedMicros,
        started_at_ms: p.startedAtMs,
        finished_at_ms: p.finishedAtMs,
      })
      .where('id', '=', p.id)
      .where('finished_at_ms', 'is', null),
)

/** One more hold. The money may come from outside of the run's worker, so what is held is only ever added to. */
export const addHold = statement((q, p: { id: string; amountMicros: bigint }) =>
  q
    .updateTable('run')
    .set({ held_micros: sql`held_micros + ${p.amountMicros}`, holds: sql<number>`holds + 1` })
    .where('id', '=', p.id)
    .where('finished_at_ms', 'is', null),
)

/** Releases a withheld result once it is paid. */
export const releaseRun = statement((q, p: { id: string; status: string; nowMs: number }) =>
  q
    .updateTable('run')
    .set({ status: p.status, owed_micros: 0n, error_json: null, finished_at_ms: p.nowMs })
    .where('id', '=', p.id)
    .where('status', '=', 'payment_failed')
    .returning('cost_micros'),
)

export const requestCancel = statement((q, p: { id: string; reason: string }) =>
  q
    .updateTable('run')
    .set({ cancel_reason: p.reason })
    .where('id', '=', p.id)
    .where('finished_at_ms', 'is', null)
    .where('cancel_reason', 'is', null),
)

/** What may have changed under a worker's hands: somebody wants the run cancelled, or its key was asked for again. */
export const findSignals = statement((q, p: { runId: string; key: string }) =>
  q
    .selectFrom('run')
    .leftJoin('work_item', (join) => join.on('work_item.key', '=', p.key))
    .select(['run.cancel_reason', 'work_item.dirty', 'work_item.token'])
    .where('run.id', '=', p.runId),
)

export const listChildren = statement((q, p: { parentRunId: string }) =>
  q
    .selectFrom('run')
    .select(['id', 'parent_seq', 'status', 'outputs_json', 'error_json', 'cost_micros', 'finished_at_ms'])
    .where('parent_run_id', '=', p.parentRunId),
)

/** Runs that have not ended, in a context: what stands in the way of deleting a team, and what `/cancelrun` may mean. */
export const listLiveRuns = statement((q, p: { context: string; limit: number }) =>
  q
    .selectFrom('run')
    .select(['id', 'job_key', 'status', 'account_id', 'created_at_ms'])
    .where('context', '=', p.context)
    .where('finished_at_ms', 'is', null)
    .where('parent_run_id', 'is', null)
    .orderBy('id', 'desc')
    .limit(p.limit),
)

export interface RunFilter {
  contexts?: string[]
  accountId?: string
  jobKey?: string
  /** Started by this schedule. */
  scheduleId?: string
  statuses?: string[]
  /** In the job's name or the inputs. */
  text?: string
  createdFromMs?: number
  createdBeforeMs?: number
  /** Runs made before this one. */
  beforeId?: string
  limit: number
}

/** Newest first. Nested runs are part of their parents and do not show. */
export function listRuns(on: Reader, filter: RunFilter): Promise<RunRow[]> {
  return query(on, (q) => {
    let runs = q.selectFrom('run').selectAll().where('parent_run_id', 'is', null)
    if (filter.contexts) runs = runs.where('context', 'in', filter.contexts)
    if (filter.accountId) runs = runs.where('account_id', '=', filter.accountId)
    if (filter.jobKey) runs = runs.where('job_key', '=', filter.jobKey)
    if (filter.scheduleId) {
      const fires = q.selectFrom('schedule_fire').select('run_id').where('schedule_id', '=', filter.scheduleId)
      runs = runs.where('id', 'in', fires.where('run_id', 'is not', null).$castTo<{ run_id: string }>())
    }
    if (filter.statuses) runs = runs.where('status', 'in', filter.statuses)
    if (filter.text) {
      const pattern = `%${filter.text.replaceAll(/[\\%_]/g, '\\$&')}%`
      runs = runs.where(sql<boolean>`(job_key like ${pattern} escape '\\' or inputs_json like ${pattern} escape '\\')`)
    }
    if (filter.createdFromMs !== undefined) runs = runs.where('created_at_ms', '>=', filter.createdFromMs)
    if (filter.createdBeforeMs !== undefined) runs = runs.where('created_at_ms', '<', filter.createdBeforeMs)
    if (filter.beforeId) runs = runs.where('id', '<', filter.beforeId)
    return runs.orderBy('id', 'desc').limit(filter.limit)
  })
}

/** Until the end of the transaction nobody else changes this run: what is read of it afterwards is how it stands. */
export const holdRun = statement((q, p: { id: string }, dialect) => {
  const select = q.selectFrom('run').select('id').where('id', '=', p.id)
  return dialect === 'postgres' ? select.forNoKeyUpdate() : select
})

/** Takes up a run that has ended, as it stood when it was read; of two at once the second finds it changed. */
export const reopenRun = statement(
  (
    q,
    p: {
      id: string
      /** As it was read. */
      status: string
      finishedAtMs: number
      pinsBefore: string
      jobVersion: number
      definitionJson: string | null
      inputsJson: string
      pinsJson: string
      heldMicros: bigint
      holds: number
    },
  ) =>
    q
      .updateTable('run')
      .set({
        status: 'running',
        job_version: p.jobVersion,
        definition_json: p.definitionJson,
        inputs_json: p.inputsJson,
        pins_json: p.pinsJson,
        held_micros: p.heldMicros,
        holds: p.holds,
        outputs_json: null,
        error_json: null,
        cancel_reason: null,
        finished_at_ms: null,
      })
      .where('id', '=', p.id)
      .where('status', '=', p.status)
      .where('finished_at_ms', '=', p.finishedAtMs)
      .where('pins_json', '=', p.pinsBefore),
)

/** What was taken up in this transaction waits after all, and nothing more is held for it yet. */
export const holdBackRun = statement((q, p: { id: string; heldMicros: bigint; holds: number }) =>
  q
    .updateTable('run')
    .set({ status: 'waiting', held_micros: p.heldMicros, holds: p.holds })
    .where('id', '=', p.id)
    .where('status', '=', 'running'),
)
