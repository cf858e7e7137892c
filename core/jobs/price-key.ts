import { endpointOf } from '../endpoints/endpoint.ts'
import type { JsonObject } from '../json.ts'
import type { StepDefinition } from './definition.ts'

/** A tool whose price its providers have, each its own. */
export const JOB_TOOL = 'http.job'
export const REQUEST_TOOL = 'http.request'

/**
 * Under which name the price of a call stands: the tool's id as a rule. A stored endpoint costs what any HTTP call costs.
 * A provider's job costs what the provider asks: `http.job/<provider>`; plain `http.job` stands for whichever it will be.
 */
export function priceKey(toolId: string, provider?: unknown): string {
  if (endpointOf(toolId) !== undefined) return REQUEST_TOOL
  if (toolId !== JOB_TOOL || typeof provider !== 'string') return toolId
  return `${JOB_TOOL}/${provider}`
}

type ToolStep = Extract<StepDefinition, { toolId: string }>

/** The same for a step of a definition, as far as it is known before the step begins. */
export function priceKeyOf(step: ToolStep, inputs?: JsonObject): string {
  if (step.toolId !== JOB_TOOL) return priceKey(step.toolId)
  const mapping = step.inputMappings?.provider
  if (mapping === undefined) return JOB_TOOL
  if ('value' in mapping) return priceKey(JOB_TOOL, mapping.value)
  if ('input' in mapping && inputs && Object.hasOwn(inputs, mapping.input)) {
    return priceKey(JOB_TOOL, inputs[mapping.input])
  }
  return JOB_TOOL
}
