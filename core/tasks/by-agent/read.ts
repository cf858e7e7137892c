import { listAgents } from '#db/agents.ts'
import { findTaskWork } from '#db/task-work.ts'
import { agentIn, agentOf } from '../../agents/agent.ts'
import { contextKey } from '../../context.ts'
import type { Core } from '../../core.ts'
import { formatUsd } from '../../money.ts'
import { matchOf } from '../match/rules.ts'
import type { TaskView } from '../task.ts'
import { isAgentId } from './key.ts'
import { verdictsOf } from './run.ts'

export interface AgentSide {
  /** The name of the agent that has the task. */
  agent?: string
  /** A line for each item. */
  verdicts: string[]
  costUsd?: string
  error?: string
}

const MARKS = { passed: '✓', failed: '✗', unknown: '?' } as const

/** What an agent has to do with a task that its reader may see. */
export async function agentSideOf(core: Pick<Core, 'db'>, { id, assignee, context }: TaskView): Promise<AgentSide> {
  if (!isAgentId(assignee)) return { verdicts: [] }
  const agent = await agentIn(core.db, contextKey(context), assignee)
  const work = await findTaskWork.first(core.db, { taskId: id })
  return {
    ...(agent ? { agent: agent.name } : {}),
    ...(work ? { costUsd: formatUsd(work.cost_micros) } : {}),
    ...(work?.error ? { error: work.error } : {}),
    verdicts: work
      ? verdictsOf({ work }).map(({ verdict, text, evidence }) => `${MARKS[verdict]} ${text}: ${evidence}`)
      : [],
  }
}

export interface Helper {
  id: string
  name: string
  /** Why it fits, and how sure that is; empty where nothing says that it does. */
  reason: string
}

const HELPERS_MOST = 3

/** The agents that could do a task, those that fit it best first. */
export async function agentsFor(core: Pick<Core, 'db'>, task: TaskView): Promise<Helper[]> {
  const rows = await listAgents.all(core.db, { context: contextKey(task.context) })
  return rows
    .map(agentOf)
    .filter(({ status }) => status === 'active')
    .map(({ id, name, ...agent }) => ({ id, name, match: matchOf(agent, task) }))
    .sort((a, b) => (b.match?.confidence ?? 0) - (a.match?.confidence ?? 0))
    .slice(0, HELPERS_MOST)
    .map(({ id, name, match }) => ({
      id,
      name,
      reason: match ? `${Math.round(match.confidence * 100)} %: ${match.reason}` : '',
    }))
}
