import type { Actor } from '../actor.ts'
import { type Context, contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { requireEndpoints } from '../endpoints/read.ts'
import { AppError } from '../errors.ts'
import { sha256 } from '../ids.ts'
import type { JobDefinition } from '../jobs/definition.ts'
import { usableJob } from '../jobs/find.ts'
import { pinWorld, worldOf } from '../jobs/pin.ts'
import { quoteJob } from '../jobs/quote.ts'
import { canonicalJson, type Json, type JsonObject } from '../json.ts'
import { requireKnownAgents } from '../policy/known-agents.ts'
import { requireDeciders } from '../reviews/askable.ts'
import { applyDefaults, checkInputs } from '../schema-check.ts'
import { requireSpender } from '../teams/spender.ts'
import { variantsJob, variantsQuote } from '../variants/job.ts'
import { countedAs, countedFrom } from './counted-as.ts'
import type { HowToRun, PreparedRun, RunRequest } from './request.ts'
import { singleToolJob } from './single-tool.ts'
import { storedDefinition } from './stored.ts'

export const INPUTS_MAX_BYTES = 1024 * 1024

/** Everything that can be refused before money is touched, with every problem of the inputs at once. Writes nothing. */
export async function prepareRun(
  core: Pick<Core, 'db' | 'clock' | 'tools' | 'settings'>,
  actor: Actor,
  request: RunRequest,
  requestHash: string = requestHashOf(actor.context, request),
): Promise<PreparedRun> {
  const { inputs, saved, how = {} } = request
  const { id, version, definition } = await requestedJob(core, actor, request)
  await requireEndpoints(core.db, actor.context, definition)
  const complete = checkedInputs(definition, inputs)
  const nowMs = core.clock.nowMs()
  const pinned = await pinWorld(core.db, actor, definition, {
    nowMs,
    settings: core.settings,
    inputs: complete,
  })
  await requireSpender(core.db, actor, pinned.toolIds)
  const jobs = [definition, ...pinned.nested.values()]
  await requireKnownAgents(core.db, contextKey(actor.context), jobs, pinned.pins.models)
  const quote = quoteJob(definition, worldOf(pinned, core.tools), complete)
  if ('unknownPrices' in quote) throw priceUnknown(quote.unknownPrices)
  for (const one of jobs) await requireDeciders(core.db, actor, one, quote)
  const prepared: PreparedRun = {
    jobKey: definition.jobId,
    jobId: id,
    jobVersion: version,
    definition,
    inputs: complete,
    ...(saved ? { saved } : {}),
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

/** The same for a definition that belongs to one run alone, and takes no inputs; another definition is another request. */
export function prepareDefined(
  core: Pick<Core, 'db' | 'clock' | 'tools' | 'settings'>,
  actor: Actor,
  definition: JobDefinition,
  how: HowToRun,
): Promise<PreparedRun> {
  const asked: Json = { context: contextKey(actor.context), definition: definition as unknown as Json, ...how }
  const request = { target: { job: definition.jobId }, definition, inputs: {}, how }
  return prepareRun(core, actor, request, sha256(canonicalJson(asked)))
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
