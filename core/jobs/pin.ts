import type { Reader } from '#db/db.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import { priceOf } from '../economy/prices.ts'
import type { JsonObject } from '../json.ts'
import { inputsHandedDown } from '../models/known-inputs.ts'
import { isModelTool } from '../models/model-tools.ts'
import { asksModel, pinModels } from '../models/pin-models.ts'
import { type ModelPins, modelKey } from '../models/pins.ts'
import type { Pins } from '../runs/pins.ts'
import type { Settings } from '../settings.ts'
import { savedDefaults } from '../tools/defaults.ts'
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

export interface PinOptions {
  nowMs: number
  settings: Settings
  /** Of the run, as far as they are known: what models are asked, and which. */
  inputs?: JsonObject | undefined
  prices?: Map<string, Pins['prices'][string] | undefined>
}

export async function pinWorld(
  on: Reader,
  actor: Actor,
  definition: JobDefinition,
  { nowMs, settings, inputs, prices = new Map() }: PinOptions,
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
    if (priceKey(toolId) !== toolId || toolId === JOB_TOOL || isModelTool(toolId)) continue
    const price = prices.get(toolId) ?? (await priceOf(on, toolId, nowMs))
    if (price) pins.prices[toolId] = price
  }
  if (toolIds.has(JOB_TOOL)) {
    for (const [key, price] of await providerPrices(on, contextKey(actor.context))) pins.prices[key] = price
  }
  if (toolIds.has(AGENT_TOOL)) {
    for (const [key, price] of await agentPrices(on, contextKey(actor.context))) pins.prices[key] = price
  }
  const models = await modelsFor(on, actor, [definition, ...nested.values()], { nowMs, settings, inputs })
  return { pins: models ? { ...pins, models } : pins, nested, toolIds }
}

/** The inputs of a run are those of the job that it is of; the jobs in it get theirs while it goes on, or are handed them. */
async function modelsFor(
  on: Reader,
  actor: Actor,
  jobs: readonly JobDefinition[],
  { nowMs, settings, inputs }: PinOptions,
): Promise<ModelPins | undefined> {
  if (!jobs.some(({ steps }) => steps.some(asksModel))) return undefined
  const context = contextKey(actor.context)
  const defaults = await savedDefaults(on, context, actor.accountId)
  const ofJobId = jobs[0]?.jobId ?? ''
  const at = { on, settings, context, accountId: actor.accountId, ofJobId, nowMs, defaults }
  const pins: ModelPins = {}
  const inputsOf = inputsHandedDown(jobs, inputs)
  for (const job of jobs) Object.assign(pins, await pinModels(at, job, inputsOf(job.jobId)))
  return pins
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
    modelPrice: (jobId, stepId) => pins.models?.[modelKey(jobId, stepId)],
    job: (jobId) => {
      const definition = nested.get(jobId)
      return definition && { definition, version: pins.jobs[jobId]?.version ?? 1 }
    },
    jobIds: () => [...nested.keys()],
    commandTaken: () => undefined,
  }
}
