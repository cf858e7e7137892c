import type { Reader } from '#db/db.ts'
import { listEndpoints } from '#db/endpoints.ts'
import type { Actor } from '../../actor.ts'
import { contextKey } from '../../context.ts'
import type { Core } from '../../core.ts'
import { definitionOf, toolIdOf } from '../../endpoints/endpoint.ts'
import { sha256 } from '../../ids.ts'
import { findJob } from '../../jobs/find.ts'
import { AGENT_TOOL, JOB_TOOL, REQUEST_TOOL } from '../../jobs/price-key.ts'
import { NESTING_MAX } from '../../jobs/types.ts'
import { canonicalJson, type Json } from '../../json.ts'
import { EXTRACT_TOOL, GENERATE_TOOL } from '../../models/model-tools.ts'
import { CHAT_TOOL, MAIL_TOOL, MEMORY_TOOL } from '../../sending/order.ts'
import { endpointTool } from '../../tools/endpoint-tool.ts'
import type { SideEffect, Tool } from '../../tools/tool.ts'
import type { AgentProfile } from '../agent.ts'
import { effectOfJob, effectOfTool } from './effect.ts'
import type { Offer, Offers } from './offer.ts'

const NAME_MAX = 64
/** They wait, call back, ask models, or say or keep something with the move of their step: a run of its own knows how to do that. */
const AS_RUNS: ReadonlySet<string> = new Set([
  'wait',
  JOB_TOOL,
  AGENT_TOOL,
  GENERATE_TOOL,
  EXTRACT_TOOL,
  CHAT_TOOL,
  MAIL_TOOL,
  MEMORY_TOOL,
])

/** What an agent may call at this moment, with the eyes of who it works for. Tools and jobs that are not there are left out. */
export async function offersFor(
  core: Pick<Core, 'db' | 'tools'>,
  payer: Actor,
  profile: AgentProfile,
): Promise<Offers> {
  const rows = await listEndpoints.all(core.db, { context: contextKey(payer.context) })
  const endpoints = new Map(rows.map((row) => [row.name, definitionOf(row)]))
  const request = core.tools.find(REQUEST_TOOL)
  const tools = [
    ...core.tools.list().filter(({ visibility }) => visibility !== 'internal'),
    ...[...endpoints].flatMap(([name, definition]) => endpointTool(request, toolIdOf(name), definition) ?? []),
  ]
  const list = tools
    .filter(({ toolId }) => profile.tools.some((pattern) => matches(pattern, toolId)))
    .map((tool) => offerOfTool(tool, endpoints))
  for (const jobKey of profile.jobs) {
    const offer = await offerOfJob(core, payer, jobKey)
    if (offer) list.push(offer)
  }
  return { list: withNames(list), endpoints }
}

/** `docs.*` stands for all that begin so. */
const matches = (pattern: string, toolId: string): boolean =>
  pattern.endsWith('.*') ? toolId.startsWith(pattern.slice(0, -1)) : pattern === toolId

function offerOfTool(tool: Tool, endpoints: Offers['endpoints']): Offer {
  const { toolId, displayName, description, category, inputSchema, outputSchema, sideEffect, version } = tool
  const endpoint = [...endpoints.values()].find(({ name }) => toolIdOf(name) === toolId)
  const definition = { toolId, version, description, inputSchema, outputSchema, sideEffect, endpoint: endpoint ?? null }
  return {
    name: toolId,
    toolId,
    title: displayName,
    description,
    inputSchema,
    effect: effectOfTool(toolId, sideEffect),
    target: AS_RUNS.has(toolId) ? { kind: 'run', of: { tool: toolId } } : { kind: 'call' },
    uses: [toolId],
    isForeign: category === 'mcp',
    definitionHash: sha256(canonicalJson(definition as unknown as Json)),
  }
}

const JOB_PREFIX = 'job_'

const toolIdOfJob = (jobKey: string): string => `${JOB_PREFIX}${jobKey}`

/** The job that an offer stands for; undefined where it is a tool, whose ids have no such beginning. */
export const jobOfOffer = (toolId: string): string | undefined =>
  toolId.startsWith(JOB_PREFIX) && !toolId.includes('.') ? toolId.slice(JOB_PREFIX.length) : undefined

async function offerOfJob(
  { db, tools }: Pick<Core, 'db' | 'tools'>,
  payer: Actor,
  jobKey: string,
): Promise<Offer | undefined> {
  const found = await findJob(db, payer, jobKey)
  if (!found) return undefined
  const { definition } = found
  const { effect, versions, uses } = await inside(db, payer, tools, jobKey)
  return {
    name: toolIdOfJob(jobKey),
    toolId: toolIdOfJob(jobKey),
    title: definition.displayName,
    description: definition.description,
    inputSchema: definition.inputSchema,
    effect,
    target: { kind: 'run', of: { job: jobKey } },
    uses,
    isForeign: false,
    definitionHash: sha256(versions.join(' ')),
  }
}

/** The most that a job does with the jobs in it, and the versions and tools of all of them. */
async function inside(
  on: Reader,
  payer: Actor,
  tools: Core['tools'],
  jobKey: string,
  depth = 1,
): Promise<{ effect: SideEffect; versions: string[]; uses: string[] }> {
  const found = depth > NESTING_MAX ? undefined : await findJob(on, payer, jobKey)
  if (!found) return { effect: 'write', versions: [], uses: [] }
  const versions = [`${found.row.id}@${found.row.version}`]
  const uses = found.definition.steps.flatMap((step) => ('toolId' in step ? [step.toolId] : []))
  const nested = new Map<string, SideEffect>()
  for (const step of found.definition.steps) {
    if (!('jobId' in step)) continue
    const within = await inside(on, payer, tools, step.jobId, depth + 1)
    nested.set(step.jobId, within.effect)
    versions.push(...within.versions)
    uses.push(...within.uses)
  }
  return { effect: effectOfJob(found.definition, tools, (jobId) => nested.get(jobId) ?? 'write'), versions, uses }
}

/** In the letters that providers take, and no two the same. */
function withNames(offers: readonly Offer[]): Offer[] {
  const taken = new Set<string>()
  return offers.map((offer) => {
    const plain = offer.name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, NAME_MAX)
    let name = plain
    for (let count = 2; taken.has(name); count++) name = `${plain.slice(0, NAME_MAX - 3)}_${count}`
    taken.add(name)
    return { ...offer, name }
  })
}
