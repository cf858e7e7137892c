import type { Actor } from '../actor.ts'
import { contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError, type Problem } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { formatUsd } from '../money.ts'
import { requireKeeper } from '../schedules/keeper.ts'
import { type TriggerFilter, whyIgnored } from './filter.ts'
import { mapPayload, mappingProblems, type TriggerMapping } from './mapping.ts'
import { payloadOf } from './replay.ts'
import { prepareMapped } from './start.ts'
import { type Example, targetDefinition } from './terms.ts'
import { requireTrigger } from './trigger.ts'

/** What a request would lead to. */
export interface Preview {
  /** Why it would start nothing although it is right; null when it would. */
  ignored: string | null
  /** What the job would be given. */
  inputs: JsonObject
  problems: Problem[]
  /** Nothing stands in the way of a run, as far as can be known before. */
  fits: boolean
  estimateUsd: string | null
  maxUsd: string | null
}

type Needs = Pick<Core, 'db' | 'clock' | 'tools' | 'settings'>

/** What a mapping makes of a request, before it is saved. Writes nothing, costs nothing. */
export async function previewTrigger(
  core: Needs,
  actor: Actor,
  given: { jobId: string; mapping: TriggerMapping; filter?: TriggerFilter | undefined; example: Example },
): Promise<Preview> {
  await requireKeeper(core.db, actor, actor.context)
  const { jobId, mapping, filter = {} } = given
  const payload = payloadOf(given.example)
  const faults = mappingProblems(mapping, await targetDefinition(core, actor, jobId))
  const { inputs, problems } = mapPayload(mapping, payload)
  const ignored = whyIgnored(filter, payload) ?? null
  const preview = { ignored, inputs, estimateUsd: null, maxUsd: null }
  if (faults.length > 0) return { ...preview, problems: [...faults, ...problems], fits: false }
  try {
    const { quote } = await prepareMapped(
      core,
      actor,
      { job_key: jobId, mapping_json: JSON.stringify(mapping) },
      payload,
    )
    const prices = { estimateUsd: formatUsd(quote.estimateMicros), maxUsd: formatUsd(quote.maxMicros) }
    return { ...preview, ...prices, problems: [], fits: ignored === null }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const found = error.details.problems ?? [{ path: '', message: error.message }]
    return { ...preview, problems: [...found], fits: false }
  }
}

/** The same with the terms of a trigger that is there: with its own example when none is given. */
export async function tryTrigger(
  core: Needs,
  actor: Actor,
  { id, request }: { id: string; request?: Example | undefined },
): Promise<Preview> {
  const row = await requireTrigger(core.db, actor, id)
  const example = request ?? (JSON.parse(row.example_json ?? '{}') as Example)
  return previewTrigger(
    core,
    { ...actor, context: contextOf(row.context) },
    {
      jobId: row.job_key,
      mapping: JSON.parse(row.mapping_json),
      filter: JSON.parse(row.filter_json),
      example,
    },
  )
}
