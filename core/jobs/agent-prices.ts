import { listAgentProfiles } from '#db/agent-turns.ts'
import type { Reader } from '#db/db.ts'
import type { AgentProfile } from '../agents/agent.ts'
import type { ContextKey } from '../context.ts'
import type { Price } from '../economy/prices.ts'
import { parseUsd } from '../money.ts'
import { AGENT_TOOL, agentPriceKey } from './price-key.ts'

/** What a piece of work costs as a rule, of what it may cost. */
const USUAL_PART = 5n

/**
 * What each agent of a context may cost in one piece of work, by price key, and under the tool's own name the dearest of them:
 * what is held when only the run will know the agent. Empty where there is none.
 */
export async function agentPrices(on: Reader, context: ContextKey): Promise<Map<string, Price>> {
  const prices = new Map<string, Price>()
  let dearest: Price | undefined
  for (const { id, name, profile_json } of await listAgentProfiles.all(on, { context })) {
    const maxMicros = parseUsd((JSON.parse(profile_json) as AgentProfile).maxRunUsd) ?? 0n
    const price: Price = { unit: 'run', rateMicros: maxMicros / USUAL_PART, maxMicros }
    prices.set(agentPriceKey(name), price)
    prices.set(agentPriceKey(id), price)
    if (!dearest || dearest.maxMicros < maxMicros) dearest = price
  }
  if (dearest) prices.set(AGENT_TOOL, dearest)
  return prices
}
