import { endpointOf } from '../endpoints/endpoint.ts'
import type { Json, JsonObject } from '../json.ts'
import { parseUsd } from '../money.ts'
import type { StepDefinition } from './definition.ts'

/** A tool whose price its providers have, each its own. */
export const JOB_TOOL = 'http.job'
export const REQUEST_TOOL = 'http.request'
/** A tool that may cost what the agent may spend which is named: `agent.run/<agent>`; plain `agent.run` is the dearest of them. */
export const AGENT_TOOL = 'agent.run'

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
  if (step.toolId === JOB_TOOL) return priceKey(JOB_TOOL, knownInput(step, 'provider', inputs))
  if (step.toolId !== AGENT_TOOL) return priceKey(step.toolId)
  const agent = knownInput(step, 'agent', inputs)
  return typeof agent === 'string' ? agentPriceKey(agent) : AGENT_TOOL
}

export const agentPriceKey = (agent: string): string => `${AGENT_TOOL}/${agent}`

/** The price that stands there; of an agent that is not known, what any of them may cost. */
export const priceUnder = <Price>(key: string, find: (key: string) => Price | undefined): Price | undefined =>
  find(key) ?? (key.startsWith(`${AGENT_TOOL}/`) ? find(AGENT_TOOL) : undefined)

/** What a call says itself that it may cost, where that is less. */
export function withinCap<Quote extends { estimateMicros: bigint; maxMicros: bigint }>(
  step: ToolStep,
  inputs: JsonObject | undefined,
  quote: Quote,
): Quote {
  if (step.toolId !== AGENT_TOOL) return quote
  const said = knownInput(step, 'maxCostUsd', inputs)
  const cap = typeof said === 'string' ? parseUsd(said) : undefined
  if (cap === undefined || cap >= quote.maxMicros) return quote
  return { ...quote, maxMicros: cap, estimateMicros: quote.estimateMicros < cap ? quote.estimateMicros : cap }
}

/** An input as far as it is known before the step begins. */
function knownInput(step: ToolStep, name: string, inputs: JsonObject | undefined): Json | undefined {
  const mapping = step.inputMappings?.[name]
  if (mapping === undefined) return undefined
  if ('value' in mapping) return mapping.value
  if ('input' in mapping && inputs && Object.hasOwn(inputs, mapping.input)) return inputs[mapping.input]
  return undefined
}
