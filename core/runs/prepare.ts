import type { Actor } from '../actor.ts'
import { type Context, contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { requireEndpoints } from '../endpoints/read.ts'
import { AppError } from '../errors.ts'
import { sha256 } from '../ids.ts'
import type { JobDefinition } from '../jobs/definition.ts'
import { usableJob } from '../jobs/find.ts'
import { type PinnedWorld, pinWorld, worldOf } from '../jobs/pin.ts'
import { type JobQuote, quoteJob } from '../jobs/quote.ts'
import { canonicalJson, type Json, type JsonObject } from '../json.ts'
import { requireDeciders } from '../reviews/askable.ts'
import { applyDefaults, checkInputs } from '../schema-check.ts'
import { requireSpender } from '../teams/spender.ts'
import { variantsJob, variantsQuote } from '../variants/job.ts'
import { countedAs, countedFrom } from './counted-as.ts'
import { singleToolJob } from './single-tool.ts'
import { storedDefinition } from './stored.ts'

export interface RunRequest {
  /** A job by name, or one tool by itself. */
  target: { job: string } | { tool: string }
  /** What the name of the job means in this run alone; kept with it. For what the program itself asks of people. */
  definition?: JobDefinition
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
  /** The key of work (of kind `run`) that is put into the queue in the transaction in which the run ends. */
  follower?: string
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
  /** Of what was asked for, as it was asked: the same however the job and its defaults change later. Empty without a key. */
  requestHash: string
}

export const INPUTS_MAX_BYTES = 1024 * 1024

/** Everything that can be refused before money is touched, with every problem of the inputs at once. Writes nothing. */
export async function prepareRun(
  core: Pick<Core, 'db' | 'clock' | 'tools' | 'settings'>,
  actor: Actor,
  request: RunRequest,
  requestHash: string = requestHashOf(actor.context, request),
): Promise<PreparedRun> {
  return prepareJob(core, actor, await requestedJob(core, actor, request), request, requestHash)
}

/** The same for a definition that belongs to one run alone, and takes no inputs. */
export async function prepareDefined(
  core: Pick<Core, 'db' | 'clock' | 'tools' | 'settings'>,
  actor: Actor,
  definition: JobDefinition,
  how: HowToRun,
): Promise<PreparedRun> {
  const asked: Json = { context: contextKey(actor.context), definition: definition as unknown as Json, ...how }
  const job = { id: null, version: 1, definition }
  return prepareJob(core, actor, job, { inputs: {}, how }, sha256(canonicalJson(asked)))
}

async function prepareJob(
  core: Pick<Core, 'db' | 'clock' | 'tools' | 'settings'>,
  actor: Actor,
  { id, version, definition }: RequestedJob,
  { inputs, how = {} }: Pick<RunRequest, 'inputs' | 'how'>,
  requestHash: string,
): Promise<PreparedRun> {
  await requireEndpoints(core.db, actor.context, definition)
  const complete = checkedInputs(definition, inputs)
  const nowMs = core.clock.nowMs()
  const pinned = await pinWorld(core.db, actor, definition, {
    nowMs,
    settings: core.settings,
    inputs: complete,
  })
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
  const counted = countedFrom(definition, pinned.pins, complete)
  const known = counted ? countedAs(prepared, counted) : prepared
  const { follower } = how
  const { pins } = known.pinned
  const followed = follower ? { ...known, pinned: { ...known.pinned, pins: { ...pins, follower } } } : known
  return severalTimes(followed, how.variants ?? 1)
}

interface RequestedJob {
  id: string | null
  version: number
  definition: JobDefinition
}

async function requestedJob(
  core: Pick<Core, 'db' | 'tools'>,
  actor: Actor,
  { target, definition: own, how: { version } = {} }: RunRequest,
): Promise<RequestedJob> {
  if (own) return { id: null, version: 1, definition: own }
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
