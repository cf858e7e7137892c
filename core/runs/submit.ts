import type { Reader, Tx } from '#db/db.ts'
import { listToolDefaults } from '#db/jobs.ts'
import { findRunByKey, insertRun, type RunRow } from '#db/runs.ts'
import type { Actor } from '../actor.ts'
import { type Context, contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { placeHold } from '../economy/holds.ts'
import { requireEndpoints } from '../endpoints/read.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { sha256 } from '../ids.ts'
import type { JobDefinition } from '../jobs/definition.ts'
import { usableJob } from '../jobs/find.ts'
import { type PinnedWorld, pinWorld, worldOf } from '../jobs/pin.ts'
import { type JobQuote, quoteJob } from '../jobs/quote.ts'
import { canonicalJson, type JsonObject } from '../json.ts'
import { formatUsd } from '../money.ts'
import { keyReused } from '../once.ts'
import { requireDeciders } from '../reviews/askable.ts'
import { applyDefaults, checkInputs } from '../schema-check.ts'
import { requireSpender } from '../teams/spender.ts'
import { showRunCard } from './advance.ts'
import { runKey } from './card-key.ts'
import { encodePins } from './pins.ts'
import { startAtOnce } from './session.ts'
import { singleToolJob } from './single-tool.ts'
import { initialState } from './state.ts'
import type { StoredRun } from './stored.ts'

export interface RunRequest {
  /** A job by name, or one tool by itself. */
  target: { job: string } | { tool: string }
  inputs: JsonObject
  /** Where the card and the result go; none for a run that only the API looks at. */
  conversation?: string
}

/** A run that could be submitted as it stands: inputs complete and checked, price known, use of each tool allowed. */
export interface PreparedRun {
  jobKey: string
  jobId: string | null
  jobVersion: number
  definition: JobDefinition
  inputs: JsonObject
  quote: JobQuote
  pinned: PinnedWorld
  /** Of what was asked for, as it was asked: the same however the job and its defaults change later. */
  requestHash: string
}

export const INPUTS_MAX_BYTES = 1024 * 1024

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'log' | 'settings' | 'outbound'>

/** Everything that can be refused before money is touched, with every problem of the inputs at once. Writes nothing. */
export async function prepareRun(
  core: Pick<Core, 'db' | 'clock' | 'tools'>,
  actor: Actor,
  { target, inputs }: RunRequest,
  requestHash: string = requestHashOf(actor.context, { target, inputs }),
): Promise<PreparedRun> {
  const found = 'job' in target ? await usableJob(core.db, actor, target.job) : undefined
  const definition = found?.definition ?? singleToolJob(core.tools, 'tool' in target ? target.tool : '')
  await requireEndpoints(core.db, actor.context, definition)
  const complete = checkedInputs(definition, inputs)
  const nowMs = core.clock.nowMs()
  const pinned = await pinWorld(core.db, actor, definition, { nowMs })
  await requireSpender(core.db, actor, pinned.toolIds)
  const quote = quoteJob(definition, worldOf(pinned, core.tools), complete)
  if ('unknownPrices' in quote) throw priceUnknown(quote.unknownPrices)
  for (const one of [definition, ...pinned.nested.values()]) await requireDeciders(core.db, actor, one, quote)
  return {
    jobKey: definition.jobId,
    jobId: found?.row.id ?? null,
    jobVersion: found?.row.version ?? 1,
    definition,
    inputs: complete,
    quote,
    pinned,
    requestHash,
  }
}

/** The run that this very request started before; a different one under the same key is refused. */
export async function findReplay(
  on: Reader,
  actor: Actor,
  requestHash: string,
): Promise<{ runId: string; replayed: true } | undefined> {
  const before = actor.requestKey && (await findRunByKey.first(on, { idempotencyKey: runKeyOf(actor) }))
  if (!before) return undefined
  if (before.request_hash !== requestHash) throw keyReused()
  return { runId: before.id, replayed: true }
}

/**
 * Starts a run: holds the quoted maximum and writes the run, its first event, its card and its work in one transaction.
 * The same request key again gives the same run; with other inputs it is refused (`idempotency_key_reused`).
 * Refusals name the limit (`limit_reached`, `insufficient_funds`, `price_unknown`, `bad_input`, `forbidden`).
 */
export async function submitRun(
  core: Needs,
  actor: Actor,
  request: RunRequest,
): Promise<{ runId: string; replayed: boolean }> {
  const requestHash = requestHashOf(actor.context, request)
  const before = await findReplay(core.db, actor, requestHash)
  if (before) return before
  const prepared = await prepareRun(core, actor, request, requestHash)
  return core.db.write((tx) => submitPrepared(core, tx, actor, prepared, request.conversation), { together: true })
}

/** The step of `submitRun` for those who have more to write in the same transaction. */
export async function submitPrepared(
  core: Needs,
  tx: Tx,
  actor: Actor,
  prepared: PreparedRun,
  conversation: string | undefined,
): Promise<{ runId: string; replayed: boolean }> {
  const before = await findReplay(tx, actor, prepared.requestHash)
  if (before) return before
  await requireSpender(tx, actor, prepared.pinned.toolIds)
  const nowMs = core.clock.nowMs()
  const runId = core.ids.newId('run')
  const { maxMicros } = prepared.quote
  const paid = { id: runId, context: actor.context, accountId: actor.accountId, holds: 0 }
  await placeHold(tx, paid, { amountMicros: maxMicros, nowMs })
  const row: RunRow = {
    ...(await newRunRow(tx, actor, prepared, nowMs)),
    id: runId,
    conversation: conversation ?? null,
    held_micros: maxMicros,
    holds: maxMicros > 0n ? 1 : 0,
    idempotency_key: actor.requestKey ? runKeyOf(actor) : null,
    request_hash: prepared.requestHash,
  }
  await writeNewRun(core, tx, actor, prepared, row)
  return { runId, replayed: false }
}

/** Where this process has room, the run is written as already started: a claim and a write less. */
async function writeNewRun(core: Needs, tx: Tx, actor: Actor, prepared: PreparedRun, row: RunRow): Promise<void> {
  const { context } = actor
  const created = runCreated(actor, prepared, row.id)
  const item = { kind: 'run', key: runKey(row.id), runAtMs: row.created_at_ms, fairGroup: contextKey(context) } as const
  const run: StoredRun = {
    row,
    context,
    definition: prepared.definition,
    pins: prepared.pinned.pins,
    toolDefaults: JSON.parse(row.defaults_json),
    state: initialState(prepared.definition, prepared.inputs),
    facts: new Map(),
  }
  const claim = await core.queue.enqueueClaimed(tx, item)
  if (claim) return startAtOnce(core, tx, claim, run, created)
  await insertRun.run(tx, row)
  await appendEvents(tx, row.created_at_ms, [created])
  await showRunCard(core, tx, run)
}

async function newRunRow(tx: Tx, actor: Actor, prepared: PreparedRun, nowMs: number): Promise<RunRow> {
  const context = contextKey(actor.context)
  return {
    id: '',
    context,
    job_id: prepared.jobId,
    job_key: prepared.jobKey,
    job_version: prepared.jobVersion,
    definition_json: prepared.jobId ? null : JSON.stringify(prepared.definition),
    pins_json: encodePins(prepared.pinned.pins),
    account_id: actor.accountId,
    channel: actor.channel,
    conversation: null,
    status: 'queued',
    inputs_json: JSON.stringify(prepared.inputs),
    defaults_json: JSON.stringify(await toolDefaultsFor(tx, context, actor.accountId)),
    outputs_json: null,
    error_json: null,
    estimate_micros: prepared.quote.estimateMicros,
    max_micros: prepared.quote.maxMicros,
    held_micros: 0n,
    cost_micros: 0n,
    owed_micros: 0n,
    holds: 0,
    parent_run_id: null,
    parent_seq: null,
    depth: 0,
    cancel_reason: null,
    idempotency_key: null,
    request_hash: null,
    created_at_ms: nowMs,
    started_at_ms: null,
    finished_at_ms: null,
  }
}

/** Inputs saved for each tool: the person's own in this context over the team's. */
async function toolDefaultsFor(tx: Tx, context: string, accountId: string): Promise<Record<string, JsonObject>> {
  const personal = `${context}/${accountId}`
  const saved: Record<string, JsonObject> = {}
  const rows = await listToolDefaults.all(tx, { context, personal })
  for (const { tool_id, inputs_json } of rows.sort((a) => (a.context === personal ? 1 : -1))) {
    saved[tool_id] = { ...saved[tool_id], ...(JSON.parse(inputs_json) as JsonObject) }
  }
  return saved
}

function checkedInputs(definition: JobDefinition, inputs: JsonObject): JsonObject {
  if (Buffer.byteLength(JSON.stringify(inputs)) > INPUTS_MAX_BYTES) {
    throw new AppError('too_large', 'The inputs are larger than 1 MiB.')
  }
  const problems = checkInputs(definition.inputSchema, inputs)
  if (problems.length === 0) return applyDefaults(definition.inputSchema, inputs)
  const list = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
  throw new AppError('bad_input', `${definition.displayName} cannot start: ${list}.`, { problems })
}

function priceUnknown(names: readonly string[]): AppError {
  const message = `There is no price for ${names.join(', ')}, so it cannot run. A platform admin sets prices.`
  return new AppError('price_unknown', message)
}

/** What is kept of a request to know it again. */
export const requestHashOf = (context: Context, { target, inputs }: Pick<RunRequest, 'target' | 'inputs'>): string =>
  sha256(canonicalJson({ context: contextKey(context), target, inputs }))

const runKeyOf = ({ accountId, requestKey }: Actor): string => `${accountId}/${requestKey}`

const runCreated = (actor: Actor, { jobKey, jobVersion, quote }: PreparedRun, runId: string) => ({
  type: 'run.created',
  actor: actor.accountId,
  context: contextKey(actor.context),
  subject: runId,
  details: {
    jobId: jobKey,
    jobVersion,
    channel: actor.channel,
    estimateUsd: formatUsd(quote.estimateMicros),
    maxUsd: formatUsd(quote.maxMicros),
  },
})
