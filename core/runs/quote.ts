import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import type { JobDefinition } from '../jobs/definition.ts'
import { usableJob } from '../jobs/find.ts'
import { pinWorld, worldOf } from '../jobs/pin.ts'
import { type JobQuote, quoteJob } from '../jobs/quote.ts'
import type { JsonObject } from '../json.ts'
import type { RunRequest } from './request.ts'
import { singleToolJob } from './single-tool.ts'

/** What a name means, as a definition: a job of the context, a public one, or one tool by itself. */
export async function definitionOf(
  core: Pick<Core, 'db' | 'tools'>,
  actor: Actor,
  target: RunRequest['target'],
): Promise<JobDefinition> {
  if ('tool' in target) return singleToolJob(core.tools, target.tool)
  return (await usableJob(core.db, actor, target.job)).definition
}

/** What a run would cost with these inputs, complete or not. Holds nothing; refused (`price_unknown`) without a price. */
export async function quoteRun(
  core: Pick<Core, 'db' | 'clock' | 'tools' | 'settings'>,
  actor: Actor,
  definition: JobDefinition,
  inputs?: JsonObject,
): Promise<JobQuote> {
  const pinned = await pinWorld(core.db, actor, definition, {
    nowMs: core.clock.nowMs(),
    settings: core.settings,
    inputs,
  })
  const quote = quoteJob(definition, worldOf(pinned, core.tools), inputs)
  if (!('unknownPrices' in quote)) return quote
  throw new AppError('price_unknown', `There is no price for ${quote.unknownPrices.join(', ')}, so it cannot run.`)
}
