import { type EndpointDefinition, endpointOf } from '../../endpoints/endpoint.ts'
import type { JobDefinition } from '../../jobs/definition.ts'
import { AGENT_TOOL, REQUEST_TOOL } from '../../jobs/price-key.ts'
import type { JsonObject } from '../../json.ts'
import type { ToolRegistry } from '../../tools/registry.ts'
import type { SideEffect } from '../../tools/tool.ts'
import type { Offer } from './offer.ts'
import type { CallStatus } from './turn.ts'

const ORDER: readonly SideEffect[] = ['none', 'read', 'write', 'spend']
/** What hands something on to somebody writes, whatever it says of itself. */
const SHARES = /^(chat|email|memory|gmail|sheets)\./

const strongest = (effects: readonly SideEffect[]): SideEffect =>
  ORDER.findLast((effect) => effects.includes(effect)) ?? 'none'

/** What a tool does to the world, as far as it is known before its input is. */
export function effectOfTool(toolId: string, sideEffect: SideEffect): SideEffect {
  // What another agent will do is not known; it has permissions of its own.
  if (toolId === AGENT_TOOL) return 'write'
  return SHARES.test(toolId) ? strongest([sideEffect, 'write']) : sideEffect
}

/** What one call would do: an HTTP call that only looks is known by its method. */
export function effectOfCall(
  { toolId, effect }: { toolId: string; effect: SideEffect },
  input: JsonObject,
  endpoints: ReadonlyMap<string, EndpointDefinition>,
): SideEffect {
  const name = endpointOf(toolId) ?? (toolId === REQUEST_TOOL ? input.endpoint : undefined)
  if (toolId !== REQUEST_TOOL && name === undefined) return effect
  const method = name === undefined ? (input.method ?? 'GET') : endpoints.get(String(name))?.method
  return method === 'GET' || method === 'HEAD' ? 'read' : effect
}

/**
 * Whether what a call gives may hold words of strangers: what looks something up, calls others over HTTP, or is a run that
 * may do either; and every failure of what reaches out, because it quotes whoever refused.
 */
export function bringsOutside(
  { toolId, isForeign, target }: Pick<Offer, 'toolId' | 'isForeign' | 'target'>,
  effect: SideEffect,
  status: CallStatus,
): boolean {
  if (effect === 'none') return false
  if (effect === 'read' || isForeign || status === 'failed') return true
  if (target.kind === 'run') return !SHARES.test(toolId)
  return toolId.startsWith('http.') || endpointOf(toolId) !== undefined
}

/** The address stands in the call itself: it can carry away what the agent knows, even when it only looks. */
export const goesAnywhere = (toolId: string, input: JsonObject): boolean =>
  toolId === REQUEST_TOOL && typeof input.endpoint !== 'string'

/** The most that any step of a job does. */
export function effectOfJob(
  { steps }: JobDefinition,
  tools: ToolRegistry,
  nested: (jobId: string) => SideEffect,
): SideEffect {
  return strongest(
    steps.map((step) => {
      if ('jobId' in step) return nested(step.jobId)
      if (!('toolId' in step)) return 'none'
      const tool = tools.find(step.toolId)
      return tool ? effectOfTool(step.toolId, tool.sideEffect) : 'write'
    }),
  )
}
