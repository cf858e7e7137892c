import type { Reader } from '#db/db.ts'
import { listEndpoints } from '#db/endpoints.ts'
import { listVisibleJobs } from '#db/jobs.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import { priceOf } from '../economy/prices.ts'
import { definitionOf, endpointOf, toolIdOf } from '../endpoints/endpoint.ts'
import { isModelTool } from '../models/model-tools.ts'
import { endpointTool } from '../tools/endpoint-tool.ts'
import { quoteOf } from '../tools/price.ts'
import type { ToolRegistry } from '../tools/registry.ts'
import { agentPrices } from './agent-prices.ts'
import { commandOf, type JobDefinition } from './definition.ts'
import { JOB_TOOL, REQUEST_TOOL } from './price-key.ts'
import { providerPrices } from './provider-prices.ts'
import { RESERVED_COMMANDS } from './reserved.ts'
import type { JobWorld, ToolPrice } from './world.ts'

/** What a definition is checked against when it is saved in the actor's context under this name. */
export async function loadWorld(
  on: Reader,
  tools: ToolRegistry,
  actor: Actor,
  { jobKey, nowMs }: { jobKey: string; nowMs: number },
): Promise<JobWorld> {
  const context = contextKey(actor.context)
  const rows = await listVisibleJobs.all(on, { context, accountId: actor.accountId })
  // The context's own job stands before a public one of the same name.
  const own = rows.filter((row) => row.context === context)
  const shared = rows.filter((row) => row.context !== context && row.status === 'published')
  const jobs = new Map([...shared, ...own].map((row) => [row.job_key, row]))
  const prices = new Map<string, ToolPrice>()
  for (const { toolId } of tools.list()) {
    if (toolId === JOB_TOOL) continue
    // Which model will be asked, and what that costs, is known when a run is submitted.
    if (isModelTool(toolId)) {
      prices.set(toolId, { estimateMicros: 0n, maxMicros: 0n })
      continue
    }
    const price = await priceOf(on, toolId, nowMs)
    if (price) prices.set(toolId, quoteOf(price))
  }
  for (const [key, price] of await providerPrices(on, context)) prices.set(key, quoteOf(price))
  for (const [key, price] of await agentPrices(on, context)) prices.set(key, quoteOf(price))
  const endpoints = new Map((await listEndpoints.all(on, { context })).map((row) => [toolIdOf(row.name), row]))
  const takenByJobs = new Set(
    own
      .map((row) => row.job_key)
      .filter((key) => key !== jobKey)
      .map(commandOf),
  )
  return {
    tool: (toolId) => {
      const endpoint = endpoints.get(toolId)
      if (endpoint) return endpointTool(tools.find(REQUEST_TOOL), toolId, definitionOf(endpoint))
      return endpointOf(toolId) === undefined ? tools.find(toolId) : undefined
    },
    toolIds: () => [...tools.list().map(({ toolId }) => toolId), ...endpoints.keys()],
    price: (key) => prices.get(key),
    job: (jobId) => {
      const row = jobs.get(jobId)
      return row && { definition: JSON.parse(row.definition_json) as JobDefinition, version: row.version }
    },
    jobIds: () => [...jobs.keys()],
    commandTaken: (command) =>
      RESERVED_COMMANDS.has(command) ? 'builtin' : takenByJobs.has(command) ? 'job' : undefined,
  }
}
