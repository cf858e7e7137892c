import { findAgent } from '#db/agents.ts'
import type { Reader } from '#db/db.ts'
import type { AgentTable } from '#db/schema.ts'
import type { ContextKey } from '../context.ts'
import type { HoursIn } from '../quiet-hours.ts'

export const AGENT_ROLES = ['marketing', 'support', 'analyst', 'content', 'operations', 'custom'] as const
export type AgentRole = (typeof AGENT_ROLES)[number]

/** Whether an agent may use tools of a kind: not at all, after somebody approved the very call, or by itself. */
export type Permission = 'never' | 'ask' | 'auto'

/** What an agent is like and what it may do. Stored whole as JSON. */
export interface AgentProfile {
  tone: string
  instructions: string
  /** What it is good at, in words; what tasks are matched by. */
  capabilities: string[]
  /** Ids of tools it may use; `docs.*` stands for all that begin so. */
  tools: string[]
  /** Names of jobs of its context it may start. */
  jobs: string[]
  /** By what a tool does to the world. Tools without effect are always allowed. */
  permissions: { read: Permission; write: Permission; spend: Permission }
  /** When it takes work up; null for always. Days are 1 (Monday) to 7. */
  workingHours: (HoursIn & { days: number[] }) | null
  /** The most one piece of work may cost; what is held for it. */
  maxRunUsd: string
  /** What one of its tasks would take a person, and what looking at a result takes one: time saved is told by these. */
  taskMinutes: number
  reviewMinutes: number
  /** Asked of policy; null for whatever policy gives. */
  model: string | null
}

export const USUAL_MINUTES = { taskMinutes: 20, reviewMinutes: 3 }

export interface Agent {
  id: string
  context: ContextKey
  name: string
  role: AgentRole
  status: AgentTable['status']
  profile: AgentProfile
  version: number
  hiredBy: string
  hiredAtMs: number
  seenAtMs: number | null
}

/** The agent of a context by id or name; undefined when there is none there. */
export async function agentIn(on: Reader, context: ContextKey, idOrName: string): Promise<Agent | undefined> {
  const row = await findAgent.first(on, { context, id: idOrName })
  return row && agentOf(row)
}

export const agentOf = (row: AgentTable): Agent => ({
  id: row.id,
  context: row.context as ContextKey,
  name: row.name,
  role: row.role as AgentRole,
  status: row.status,
  // Hired before anybody could say how long things take.
  profile: { ...USUAL_MINUTES, ...(JSON.parse(row.profile_json) as AgentProfile) },
  version: row.version,
  hiredBy: row.hired_by,
  hiredAtMs: row.hired_at_ms,
  seenAtMs: row.seen_at_ms,
})
