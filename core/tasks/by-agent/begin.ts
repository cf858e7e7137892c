import { markSeen } from '#db/agents.ts'
import { listUnfinished } from '#db/tasks.ts'
import { type Agent, agentIn } from '../../agents/agent.ts'
import { worksAgainMs } from '../../agents/hours.ts'
import { AGENT_TOOL } from '../../jobs/price-key.ts'
import type { JsonObject } from '../../json.ts'
import { singleToolJob } from '../../runs/single-tool.ts'
import { itemsOf } from '../task.ts'
import { textOf } from './run.ts'
import { type AgentTask, isAsRead, keep, moveIn, type Needs, type Next, runFor, stopTask } from './world.ts'

/** The end of what it waits for wakes it; this is for a board that was changed past all of that. */
const LOOK_AGAIN_MS = 600_000
const COMMENT_MOST = 4_000

/** The agent takes its task up, for the first time or again; or waits until it may. */
export async function beginWork(core: Needs, task: AgentTask): Promise<Next> {
  const { row, work } = task
  const nowMs = core.clock.nowMs()
  const agent = await agentIn(core.db, row.context, work.agent_id)
  if (!agent || agent.status === 'retired') {
    if (row.status === 'queued') return null
    return stopTask(core, task, 'The agent that had it is retired. Give it to another.', 'blocked')
  }
  if (agent.status === 'paused') return null
  const fromMs = worksAgainMs(agent.profile.workingHours, nowMs)
  if (fromMs !== null) return fromMs
  const words = (JSON.parse(row.blockers_json) as string[]).some((one) => !one.startsWith('task_'))
  if (
    row.status !== 'changes_requested' &&
    (words || (await listUnfinished.all(core.db, { taskId: row.id })).length > 0)
  ) {
    return nowMs + LOOK_AGAIN_MS
  }
  if (row.status === 'queued') return claim(core, task)
  return start(core, task, agent)
}

const claim = (core: Needs, task: AgentTask): Promise<Next> =>
  core.db.write(async function claimByAgent(tx): Promise<Next> {
    if (!(await isAsRead(tx, task))) return 'again'
    await moveIn(core, tx, task.row, 'claimed', { by: task.work.agent_id })
    return 'again'
  })

function start(core: Needs, task: AgentTask, agent: Agent): Promise<Next> {
  const { row, work } = task
  const round = work.round + 1
  const definition = { ...singleToolJob(core.tools, AGENT_TOOL), displayName: `${agent.name}: ${row.title}` }
  return runFor(
    core,
    task,
    {
      name: `work:${round}`,
      isShown: true,
      target: { job: definition.jobId },
      definition,
      inputs: inputsOf(task, agent),
    },
    async (tx, runId) => {
      if (row.status !== 'in_progress') await moveIn(core, tx, row, 'in_progress', { by: work.agent_id })
      await keep(tx, { ...work, phase: 'work', round, run_id: runId, error: null })
      await markSeen.run(tx, { id: agent.id, nowMs: core.clock.nowMs() })
    },
  )
}

function inputsOf({ row, work }: AgentTask, agent: Agent): JsonObject {
  const items = itemsOf(row)
  const goal = [
    row.title,
    row.description,
    work.comment === null ? '' : `Make it anew with these changes: ${work.comment.slice(0, COMMENT_MOST)}`,
    items.length === 0 ? '' : `It counts when:\n${items.map(({ text }) => `- ${text}`).join('\n')}`,
  ].filter((part) => part !== '')
  const former = row.result_json === null || work.comment === null ? undefined : textOf(JSON.parse(row.result_json))
  return {
    agent: agent.name,
    goal: goal.join('\n\n').slice(0, 20_000),
    ...(former === undefined ? {} : { context: former.slice(0, 100_000) }),
    taskId: row.id,
  }
}
