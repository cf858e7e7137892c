import { type Context, contextOf } from '../context.ts'
import type { JsonObject } from '../json.ts'
import type { Agent, AgentProfile, AgentRole } from './agent.ts'

/** As clients see it. */
export type AgentView = {
  id: string
  context: Context
  name: string
  role: AgentRole
  status: Agent['status']
  profile: { [K in keyof AgentProfile]: AgentProfile[K] } & JsonObject
  hiredBy: string
  hiredAt: string
  lastSeenAt: string | null
  version: number
  etag: string
}

export const agentView = (agent: Agent): AgentView => ({
  id: agent.id,
  context: contextOf(agent.context),
  name: agent.name,
  role: agent.role,
  status: agent.status,
  profile: { ...agent.profile } as AgentView['profile'],
  hiredBy: agent.hiredBy,
  hiredAt: new Date(agent.hiredAtMs).toISOString(),
  lastSeenAt: agent.seenAtMs === null ? null : new Date(agent.seenAtMs).toISOString(),
  version: agent.version,
  etag: `"${agent.id}-${agent.version}"`,
})
