import type { JobDefinition } from '../jobs/definition.ts'
import { JOB_TOOL, priceKeyOf } from '../jobs/price-key.ts'
import type { JsonObject } from '../json.ts'
import type { CountedAs, Pins } from './pins.ts'
import type { PreparedRun } from './request.ts'

/** The same run, that budgets know by more than its job. */
export const countedAs = (prepared: PreparedRun, more: CountedAs): PreparedRun => {
  const { pinned } = prepared
  const { pins } = pinned
  return { ...prepared, pinned: { ...pinned, pins: { ...pins, counted: { ...pins.counted, ...more } } } }
}

/** What a run is known by from the start: the agents in it, and whoever it asks. Undefined for nearly all. */
export function countedFrom(
  { steps }: JobDefinition,
  { models = {} }: Pick<Pins, 'models'>,
  inputs: JsonObject,
): CountedAs | undefined {
  const agentIds = new Set<string>()
  const providers = new Set<string>()
  for (const { choice, agentId } of Object.values(models)) {
    providers.add(choice.provider)
    if (agentId != null) agentIds.add(agentId)
  }
  for (const step of steps) {
    if (!('toolId' in step) || step.toolId !== JOB_TOOL) continue
    const [, provider] = priceKeyOf(step, inputs).split('/')
    if (provider !== undefined) providers.add(provider)
  }
  if (providers.size === 0) return undefined
  return { providers: [...providers], ...(agentIds.size === 0 ? {} : { agentIds: [...agentIds] }) }
}
