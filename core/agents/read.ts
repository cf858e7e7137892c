import { listAgents } from '#db/agents.ts'
import { countEventsOfType } from '#db/events.ts'
import { listWorkOfAgent } from '#db/task-work.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { notFound } from '../errors.ts'
import { formatUsd } from '../money.ts'
import { requireReader } from '../runs/reader.ts'
import { type Agent, agentIn, agentOf } from './agent.ts'
import { AGENT_BEGAN } from './run/at-work.ts'
import { type AgentView, agentView } from './view.ts'

/** Of the newest so many tasks of an agent. */
const MEASURED_MOST = 1_000
/** After a person has said that it counts. */
const APPROVED = ['approved', 'merging', 'done']

export type AgentMetrics = {
  /** How often it was set to work, on a task or in a job. */
  runs: number
  tasks: number
  done: number
  failed: number
  /** Of what was approved, the part that was so the first time; null while nothing was. */
  firstPassRate: number | null
  successRate: number | null
  costUsd: string
  /** What its approved tasks would have taken people, without what it took to look at them. */
  minutesSaved: number
  /** What that is told by; both stand in its profile. */
  assumptions: { taskMinutes: number; reviewMinutes: number }
}

/** Of the actor's context, in the order in which they were hired; also those that are retired. */
export async function findAgents(core: Pick<Core, 'db'>, actor: Actor): Promise<AgentView[]> {
  await requireReader(core.db, actor, actor.context, 'such context')
  const rows = await listAgents.all(core.db, { context: contextKey(actor.context) })
  return rows.map((row) => agentView(agentOf(row)))
}

/** By id or name. `not_found` for agents of other contexts than the one the actor stands in. */
export async function getAgent(core: Pick<Core, 'db'>, actor: Actor, idOrName: string): Promise<AgentView> {
  return agentView(await readableAgent(core, actor, idOrName))
}

async function readableAgent(core: Pick<Core, 'db'>, actor: Actor, idOrName: string): Promise<Agent> {
  await requireReader(core.db, actor, actor.context, 'such agent')
  const agent = await agentIn(core.db, contextKey(actor.context), idOrName)
  if (!agent) throw notFound('such agent')
  return agent
}

/** How an agent does, by the tasks it has had. */
export async function agentMetrics(core: Pick<Core, 'db'>, actor: Actor, idOrName: string): Promise<AgentMetrics> {
  const { id, profile } = await readableAgent(core, actor, idOrName)
  const { taskMinutes, reviewMinutes } = profile
  const all = await listWorkOfAgent.all(core.db, { agentId: id, limit: MEASURED_MOST })
  const done = all.filter(({ status }) => status === 'done')
  const failed = all.filter(({ status }) => status === 'failed')
  const ended = done.length + failed.length
  const approved = all.filter(({ status }) => APPROVED.includes(status))
  const looks = approved.reduce((sum, { round }) => sum + round, 0)
  const runs = Number((await countEventsOfType.first(core.db, { subject: id, type: AGENT_BEGAN }))?.count ?? 0)
  return {
    runs,
    tasks: all.length,
    done: done.length,
    failed: failed.length,
    firstPassRate: done.length === 0 ? null : done.filter(({ round }) => round === 1).length / done.length,
    successRate: ended === 0 ? null : done.length / ended,
    costUsd: formatUsd(all.reduce((sum, { cost_micros }) => sum + cost_micros, 0n)),
    minutesSaved: approved.length * taskMinutes - looks * reviewMinutes,
    assumptions: { taskMinutes, reviewMinutes },
  }
}
