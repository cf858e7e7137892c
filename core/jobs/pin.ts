import type { Reader } from '#db/db.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import { priceOf } from '../economy/prices.ts'
import type { Pins } from '../runs/pins.ts'
import { quoteOf } from '../tools/price.ts'
import type { ToolRegistry } from '../tools/registry.ts'
import { agentPrices } from './agent-prices.ts'
import type { JobDefinition } from './definition.ts'
import { findJob } from './find.ts'
import { AGENT_TOOL, JOB_TOOL, priceKey } from './price-key.ts'
import { providerPrices } from './provider-prices.ts'
import { NESTING_MAX } from './types.ts'
import type { JobWorld } from './world.ts'

/** Everything a run of this definition could use: the nested jobs as they are now, and the prices in force. */
export interface PinnedWorld {
  pins: Pins
  /** Definitions of the nested jobs, by name. */
  nested: ReadonlyMap<string, JobDefinition>
  toolIds: ReadonlySet<string>
}

export async function pinWorld(
  on: Reader,
  actor: Actor,
  definition: JobDefinition,
  { nowMs, prices = new Map() }: { nowMs: number; prices?: Map<string, Pins['prices'][string] | undefined> },
): Promise<PinnedWorld> {
  const pins: Pins = { prices: {}, jobs: {} }
  const nested = new Map<string, JobDefinition>()
  const toolIds = new Set<string>()
  const collect = async (job: JobDefinition, depth: number): Promise<void> => {
    for (const step of job.steps) {
      // Who closes HTTP calls to a team closes its endpoints as well.
      if ('toolId' in step) toolIds.add(step.toolId).add(priceKey(step.toolId))
      if (!('jobId' in step) || nested.has(step.jobId) || depth > NESTING_MAX) continue
      const found = await findJob(on, actor, step.jobId)
      if (!found) continue
      nested.set(step.jobId, found.definition)
      pins.jobs[step.jobId] = { id: found.row.id, version: found.row.version }
      await collect(found.definition, depth + 1)
    }
  }
  await collect(definition, 1)
  for (const toolId of toolIds) {
    if (priceKey(toolId) !== toolId || toolId === JOB_TOOL) continue
    const price = prices.get(toolId) ?? (await priceOf(on, toolId, nowMs))
    if (price) pins.prices[toolId] = price
  }
  if (toolIds.has(JOB_TOOL)) {
    for (const [key, price] of await providerPrices(on, contextKey(actor.context))) pins.prices[key] = price
  }
  if (toolIds.has(AGENT_TOOL)) {
    for (const [key, price] of await agentPrices(on, contextKey(actor.context))) pins.prices[key] = price
  }
  return { pins, nested, toolIds }
}

/** The pinned world in the form in which definitions are quoted and checked. */
export function worldOf({ pins, nested }: PinnedWorld, tools: ToolRegistry): JobWorld {
  return {
    tool: (toolId) => tools.find(toolId),
    toolIds: () => tools.list().map(({ toolId }) => toolId),
    price: (key) => {
      const price = pins.prices[key]
      return price && quoteOf(price)
    },
    job: (jobId) => {
      const definition = nested.get(jobId)
      return definition && { definition, version: pins.jobs[jobId]?.version ?? 1 }
    },
    jobIds: () => [...nested.keys()],
    commandTaken: () => undefined,
  }
}
