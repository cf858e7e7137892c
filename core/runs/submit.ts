import type { Reader, Tx } from '#db/db.ts'
import { findFundsWait } from '#db/funds-waits.ts'
import { listToolDefaults } from '#db/jobs.ts'
import { findRunByKey, insertRun, type RunRow } from '#db/runs.ts'
import { insertVariant } from '#db/variants.ts'
import type { Actor } from '../actor.ts'
import { type Context, contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { tryHold } from '../economy/holds.ts'
import { refusalOf } from '../economy/shortage.ts'
import { warnOf } from '../economy/warnings.ts'
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
import { variantIdOf } from '../variants/ids.ts'
import { variantsJob, variantsOfJob, variantsQuote } from '../variants/job.ts'
import { showRunCard } from './advance.ts'
import { runKey } from './card-key.ts'
import type { WaitingFor } from './funds-wait.ts'
import { keepWaiting } from './keep-waiting.ts'
import { encodePins } from './pins.ts'
import { startAtOnce } from './session.ts'
import { singleToolJob } from './single-tool.ts'
import { initialState } from './state.ts'
import { type StoredRun, storedDefinition } from './stored.ts'

export interface RunRequest {
  /** A job by name, or one tool by itself. */
  target: { job: string } | { tool: string }
  inputs: JsonObject
  how?: HowToRun
  /** Where the card and the result go; none for a run that only the API looks at. */
  conversation?: string
}

/** What is not usual about a run; the usual is left out. */
export interface HowToRun {
  /** This version of the job instead of its newest. */
  version?: number
  /** From 2: so often, under one quote and one hold. */
  variants?: number
  /** The run that this is one more variant of. */
  variantOf?: string
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
  how: HowToRun
  /** Of what was asked for, as it was asked: the same however the job and its defaults change later. */
  requestHash: string
}

export interface Submitted {
  runId: string
  /** The same request was answered before, with this run. */
  replayed: boolean
  /** There was no money or no room for it when it was asked for: it is kept, and begins by itself. */
  waitingFor?: WaitingFor
}

export const INPUTS_MAX_BYTES = 1024 * 1024

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'log' | 'settings' | 'outbound'>

/** Everything that can be refused before money is touched, with every problem of the inputs at once. Writes nothing. */
export async function prepareRun(
  core: Pick<Core, 'db' | 'clock' | 'tools'>,
  actor: Actor,
  request: RunRequest,
  requestHash: string = requestHashOf(actor.context, request),
): Promise<PreparedRun> {
  const { inputs, how = {} } = request
  const { id, version, definition } = await requestedJob(core, actor, request)
  await requireEndpoints(core.db, actor.context, definition)
  const complete = checkedInputs(definition, inputs)
  const nowMs = core.clock.nowMs()
  const pinned = await pinWorld(core.db, actor, definition, { nowMs })
  await requireSpender(core.db, actor, pinned.toolIds)
  const quote = quoteJob(definition, worldOf(pinned, core.tools), complete)
  if ('unknownPrices' in quote) throw priceUnknown(quote.unknownPrices)
  for (const one of [definition, ...pinned.nested.values()]) await requireDeciders(core.db, actor, one, quote)
  const prepared: PreparedRun = {
    jobKey: definition.jobId,
    jobId: id,
    jobVersion: version,
    definition,
    inputs: complete,
    quote,
    pinned,
    how,
    requestHash,
  }
  return severalTimes(prepared, how.variants ?? 1)
}

interface RequestedJob {
  id: string | null
  version: number
  definition: JobDefinition
}

async function requestedJob(
  core: Pick<Core, 'db' | 'tools'>,
  actor: Actor,
  { target, how: { version } = {} }: RunRequest,
): Promise<RequestedJob> {
  if ('tool' in target) return { id: null, version: 1, definition: singleToolJob(core.tools, target.tool) }
  const { row, definition } = await usableJob(core.db, actor, target.job)
  if (version === undefined || version === row.version) return { id: row.id, version: row.version, definition }
  return { id: row.id, version, definition: await storedDefinition(core.db, row.id, version) }
}

/** The same run as one that makes several variants: each is a nested run of the job in this very version. */
function severalTimes(prepared: PreparedRun, variants: number): PreparedRun {
  const { jobId, jobVersion, jobKey, definition, pinned, quote } = prepared
  if (variants === 1) return prepared
  if (jobId === null) throw new AppError('bad_request', 'A tool by itself makes one variant. Run it again for more.')
  const pins = { ...pinned.pins, jobs: { ...pinned.pins.jobs, [jobKey]: { id: jobId, version: jobVersion } } }
  return {
    ...prepared,
    definition: variantsJob(definition, variants),
    quote: variantsQuote(quote, jobKey, variants),
    pinned: { ...pinned, pins, nested: new Map(pinned.nested).set(jobKey, definition) },
  }
}

/** The run that this very request started before; a different one under the same key is refused. */
export async function findReplay(on: Reader, actor: Actor, requestHash: string): Promise<Submitted | undefined> {
  const before = actor.requestKey && (await findRunByKey.first(on, { idempotencyKey: runKeyOf(actor) }))
  if (!before) return undefined
  if (before.request_hash !== requestHash) throw keyReused()
  const wait = await findFundsWait.first(on, { runId: before.id })
  const waitingFor: WaitingFor | undefined = wait?.accepted_json ? JSON.parse(wait.accepted_json) : undefined
  return { runId: before.id, replayed: true, ...(waitingFor ? { waitingFor } : {}) }
}

/**
 * Starts a run: holds the quoted maximum and writes the run, its first event, its card and its work in one transaction.
 * Where there is not enough money, or no room under a limit, the run is kept for a day and begins by itself.
 * The same request key again gives the same run; with other inputs it is refused (`idempotency_key_reused`).
 * Refused otherwise with what is wrong (`price_unknown`, `bad_input`, `forbidden`).
 */
export async function submitRun(core: Needs, actor: Actor, request: RunRequest): Promise<Submitted> {
  const requestHash = requestHashOf(actor.context, request)
  const before = await findReplay(core.db, actor, requestHash)
  if (before) return before
  const prepared = await prepareRun(core, actor, request, requestHash)
  return core.db.write((tx) => submitPrepared(core, tx, actor, prepared, request.conversation), { together: true })
}

/**
 * The step of `submitRun` for those who have more to write in the same transaction. With `refuse` what there is no money or
 * no room for is refused (`insufficient_funds`, `limit_reached`) instead of kept: what comes again by itself need not wait.
 */
export async function submitPrepared(
  core: Needs,
  tx: Tx,
  actor: Actor,
  prepared: PreparedRun,
  conversation: string | undefined,
  ifShort: 'wait' | 'refuse' = 'wait',
): Promise<Submitted> {
  const before = await findReplay(tx, actor, prepared.requestHash)
  if (before) return before
  const settings = await requireSpender(tx, actor, prepared.pinned.toolIds)
  const nowMs = core.clock.nowMs()
  const runId = core.ids.newId('run')
  const { maxMicros } = prepared.quote
  const paid = { id: runId, context: actor.context, accountId: actor.accountId, holds: 0 }
  const held = await tryHold(tx, paid, { amountMicros: maxMicros, nowMs })
  const isHeld = !('shortage' in held)
  if (!isHeld && ifShort === 'refuse') throw refusalOf(held.shortage)
  const row: RunRow = {
    ...(await newRunRow(tx, actor, prepared, nowMs)),
    id: runId,
    conversation: conversation ?? null,
    held_micros: isHeld ? maxMicros : 0n,
    holds: isHeld && maxMicros > 0n ? 1 : 0,
    idempotency_key: actor.requestKey ? runKeyOf(actor) : null,
    request_hash: prepared.requestHash,
  }
  if (!isHeld) {
    const waitingFor = await keepWaiting(
      core,
      tx,
      newRun(actor, prepared, row),
      runCreated(actor, prepared, runId),
      held.shortage,
    )
    return { runId, replayed: false, waitingFor }
  }
  await warnOf(core, tx, actor, { ...held, amountMicros: maxMicros, nowMs, settings })
  await writeNewRun(core, tx, actor, prepared, row)
  const { variantOf } = prepared.how
  if (variantOf) await insertVariant.run(tx, { id: variantIdOf(runId), runId: variantOf, sourceRunId: runId, nowMs })
  return { runId, replayed: false }
}

/** Where this process has room, the run is written as already started: a claim and a write less. */
async function writeNewRun(core: Needs, tx: Tx, actor: Actor, prepared: PreparedRun, row: RunRow): Promise<void> {
  const { context } = actor
  const created = runCreated(actor, prepared, row.id)
  const item = { kind: 'run', key: runKey(row.id), runAtMs: row.created_at_ms, fairGroup: contextKey(context) } as const
  const run = newRun(actor, prepared, row)
  const claim = await core.queue.enqueueClaimed(tx, item)
  if (claim) return startAtOnce(core, tx, claim, run, created)
  await insertRun.run(tx, row)
  await appendEvents(tx, row.created_at_ms, [created])
  await showRunCard(core, tx, run)
}

const newRun = ({ context }: Actor, { definition, pinned, inputs }: PreparedRun, row: RunRow): StoredRun => ({
  row,
  context,
  definition,
  pins: pinned.pins,
  toolDefaults: JSON.parse(row.defaults_json),
  state: initialState(definition, inputs),
  facts: new Map(),
})

async function newRunRow(tx: Tx, actor: Actor, prepared: PreparedRun, nowMs: number): Promise<RunRow> {
  const context = contextKey(actor.context)
  return {
    id: '',
    context,
    job_id: prepared.jobId,
    job_key: prepared.jobKey,
    job_version: prepared.jobVersion,
    definition_json: isStored(prepared) ? null : JSON.stringify(prepared.definition),
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

/** One tool, and several variants of a job, are definitions of this run alone. */
const isStored = ({ jobId, definition }: PreparedRun): boolean =>
  jobId !== null && variantsOfJob(definition) === undefined

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
export const requestHashOf = (context: Context, { target, inputs, how }: RunRequest): string =>
  sha256(canonicalJson({ context: contextKey(context), target, inputs, ...how }))

const runKeyOf = ({ accountId, requestKey }: Actor): string => `${accountId}/${requestKey}`

const runCreated = (actor: Actor, { jobKey, jobVersion, quote, how }: PreparedRun, runId: string) => ({
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
    ...how,
  },
})
