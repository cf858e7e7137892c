import type { Reader, Tx } from '#db/db.ts'
import { findFundsWait } from '#db/funds-waits.ts'
import { findRunByKey, insertRun, type RunRow } from '#db/runs.ts'
import { insertVariant } from '#db/variants.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { isFixed } from '../economy/fixed-limits.ts'
import { tryHold } from '../economy/holds.ts'
import { refusalOf } from '../economy/shortage.ts'
import { warnOf } from '../economy/warnings.ts'
import { appendEvents } from '../events/append.ts'
import { formatUsd } from '../money.ts'
import { keyReused } from '../once.ts'
import { choosingAnew, requireSameStanding } from '../policy/anew.ts'
import { requireSpender } from '../teams/spender.ts'
import { savedDefaults } from '../tools/defaults.ts'
import { variantIdOf } from '../variants/ids.ts'
import { variantsOfJob } from '../variants/job.ts'
import { showRunCard } from './advance.ts'
import { runKey } from './card-key.ts'
import type { WaitingFor } from './funds-wait.ts'
import { keepWaiting } from './keep-waiting.ts'
import { encodePins } from './pins.ts'
import { prepareRun, requestHashOf } from './prepare.ts'
import type { PreparedRun, RunRequest } from './request.ts'
import { startAtOnce } from './session.ts'
import { initialState } from './state.ts'
import type { StoredRun } from './stored.ts'

export interface Submitted {
  runId: string
  /** The same request was answered before, with this run. */
  replayed: boolean
  /** There was no money or no room for it when it was asked for: it is kept, and begins by itself. */
  waitingFor?: WaitingFor
}

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'log' | 'settings' | 'outbound' | 'models'>

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
  // A request without a key cannot come again.
  const requestHash = actor.requestKey === undefined ? '' : requestHashOf(actor.context, request)
  const before = await findReplay(core.db, actor, requestHash)
  if (before) return before
  return choosingAnew(async () => {
    const prepared = await prepareRun(core, actor, request, requestHash)
    return core.db.write((tx) => submitPrepared(core, tx, actor, prepared, request.conversation), { together: true })
  })
}

/**
 * The step of `submitRun` for those who have more to write in the same transaction. With `refuse` what there is no money or
 * no room for is refused (`insufficient_funds`, `limit_reached`) instead of kept: what comes again by itself need not wait.
 */
export async function submitPrepared(
  core: Needs,
  tx: Tx,
  actor: Actor,
  given: PreparedRun,
  conversation: string | undefined,
  ifShort: 'wait' | 'refuse' = 'wait',
): Promise<Submitted> {
  const prepared = withCause(tx, given)
  const before = await findReplay(tx, actor, prepared.requestHash)
  if (before) return before
  const settings = await requireSpender(tx, actor, prepared.pinned.toolIds)
  const nowMs = core.clock.nowMs()
  const runId = core.ids.newId('run')
  const { maxMicros } = prepared.quote
  const paid = {
    id: runId,
    context: actor.context,
    accountId: actor.accountId,
    holds: 0,
    jobId: prepared.jobKey,
    ...prepared.pinned.pins.counted,
  }
  const held = await tryHold(tx, paid, { amountMicros: maxMicros, nowMs })
  const isHeld = !('shortage' in held)
  // Nobody can grant more of a budget: what it has no room for does not wait.
  if (!isHeld && (ifShort === 'refuse' || isFixed(held.shortage.limit))) throw refusalOf(held.shortage)
  if (isHeld) requireSameStanding(prepared.pinned.pins.models, held.low)
  const row: RunRow = {
    ...(await newRunRow(tx, actor, prepared, nowMs)),
    id: runId,
    conversation: conversation ?? null,
    held_micros: isHeld ? maxMicros : 0n,
    holds: isHeld && maxMicros > 0n ? 1 : 0,
    idempotency_key: actor.requestKey ? runKeyOf(actor) : null,
    request_hash: actor.requestKey ? prepared.requestHash : null,
  }
  const { variantOf } = prepared.how
  const variant = variantOf && { id: variantIdOf(runId), runId: variantOf, sourceRunId: runId, nowMs }
  if (!isHeld) {
    const waitingFor = await keepWaiting(
      core,
      tx,
      newRun(actor, prepared, row),
      runCreated(actor, prepared, runId),
      held.shortage,
    )
    if (variant) await insertVariant.run(tx, variant)
    return { runId, replayed: false, waitingFor }
  }
  await warnOf(core, tx, actor, { ...held, amountMicros: maxMicros, nowMs, settings })
  await writeNewRun(core, tx, actor, prepared, row)
  if (variant) await insertVariant.run(tx, variant)
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
    defaults_json: JSON.stringify(prepared.saved ?? (await savedDefaults(tx, context, actor.accountId))),
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

/** What a rule starts remembers that, so that everything it does is known as what that rule has caused. */
const withCause = ({ cause }: Tx, prepared: PreparedRun): PreparedRun => {
  if (!cause) return prepared
  const { pinned } = prepared
  return { ...prepared, pinned: { ...pinned, pins: { ...pinned.pins, cause: [...cause] } } }
}

/** One tool, and several variants of a job, are definitions of this run alone. */
const isStored = ({ jobId, definition }: PreparedRun): boolean =>
  jobId !== null && variantsOfJob(definition) === undefined

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
