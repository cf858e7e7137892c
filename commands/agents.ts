import { AGENT_ROLES } from '#core/agents/agent.ts'
import { pauseAgent, resumeAgent, retireAgent } from '#core/agents/change.ts'
import { hireAgent } from '#core/agents/hire.ts'
import { agentMetrics, findAgents, getAgent } from '#core/agents/read.ts'
import { ROLES } from '#core/agents/roles.ts'
import type { AgentView } from '#core/agents/view.ts'
import { reply } from '#core/chat/message.ts'
import { contextTitle } from '#core/contexts/resolve.ts'
import { claimForAgent, giveTask } from '#core/tasks/by-agent/give.ts'
import { matchTask } from '#core/tasks/match/match.ts'
import { agentParts } from './agents/show.ts'
import { matchReply } from './board/match.ts'
import { taskParts } from './board/show.ts'
import { defineCommand, type UserCall } from './command.ts'
import { renderLine } from './grammar/render.ts'
import { buttons, heading } from './replies.ts'

export const hire = defineCommand({
  name: 'hire',
  summary: 'Hire an agent, which begins with a task',
  group: 'agents',
  args: [
    { name: 'role', kind: 'word', optional: true, choices: AGENT_ROLES, summary: AGENT_ROLES.join(', ') },
    { name: 'name', kind: 'rest', optional: true, summary: 'What it is called' },
  ],
  examples: ['/hire marketing Max', '/hire support'],
  run: async (call) => {
    const { core, actor, args, incoming } = call
    const { role, name } = args
    if (role === undefined) {
      const choices = AGENT_ROLES.map((one) => ({
        label: ROLES[one].title,
        command: renderLine('hire', { words: [one] }),
      }))
      return reply('What shall it be good at?', buttons(...choices))
    }
    const { conversation } = incoming
    const agent = await hireAgent(core, actor, { role, conversation, ...(name === undefined ? {} : { name }) })
    return reply(`${agent.name} is hired, and begins with: ${ROLES[role].welcome}.`, ...(await parts(call, agent)))
  },
})

export const agents = defineCommand({
  name: 'agents',
  summary: 'The agents here, and how they do',
  group: 'agents',
  args: [{ name: 'agent', kind: 'rest', optional: true, summary: 'Its name, for one of them' }],
  run: async (call) => {
    const { core, actor, args, resolved } = call
    if (args.agent !== undefined) return reply(...(await parts(call, await getAgent(core, actor, args.agent))))
    const all = (await findAgents(core, actor)).filter(({ status }) => status !== 'retired')
    const [only, another] = all
    if (!only)
      return reply(
        `There are no agents in ${contextTitle(resolved)}.`,
        buttons({ label: 'Hire one', command: '/hire' }),
      )
    if (!another) return reply(...(await parts(call, only)))
    return reply(
      heading(`Agents · ${contextTitle(resolved)}`),
      {
        type: 'table',
        columns: ['Agent', 'Role', 'Status'],
        rows: all.map(({ name, role, status }) => [name, role, status]),
      },
      buttons(
        ...all.slice(0, 8).map(({ id, name }) => ({ label: name, command: renderLine('agents', { words: [id] }) })),
      ),
    )
  },
})

const agent = { name: 'agent', kind: 'word', summary: 'Its id' } as const

export const pauseagent = changed('pauseagent', 'Has an agent take nothing up', pauseAgent)
export const resumeagent = changed('resumeagent', 'Has an agent work again', resumeAgent)
export const retireagent = changed('retireagent', 'Lets an agent go', retireAgent)

function changed(name: string, summary: string, change: typeof pauseAgent) {
  return defineCommand({
    name,
    summary,
    group: 'agents',
    isHidden: true,
    args: [agent],
    run: async (call) => reply(...(await parts(call, await change(call.core, call.actor, call.args.agent)))),
  })
}

export const nexttask = defineCommand({
  name: 'nexttask',
  summary: 'Has an agent take the most urgent task',
  group: 'agents',
  isHidden: true,
  args: [agent],
  run: async ({ core, actor, args, incoming: { conversation } }) => {
    const taken = await claimForAgent(core, actor, { agent: args.agent, conversation })
    return reply('It takes this one.', ...(await taskParts(core, actor, taken)))
  },
})

export const givetask = defineCommand({
  name: 'givetask',
  summary: 'Gives a task to an agent',
  group: 'agents',
  isHidden: true,
  args: [{ name: 'task', kind: 'word' }, agent],
  run: async ({ core, actor, args, incoming: { conversation } }) => {
    const given = await giveTask(core, actor, { id: args.task, agent: args.agent, conversation })
    return reply('It is given.', ...(await taskParts(core, actor, given)))
  },
})

export const matchtask = defineCommand({
  name: 'matchtask',
  summary: 'Gives a task to the agent that fits it best',
  group: 'agents',
  isHidden: true,
  args: [{ name: 'task', kind: 'word' }],
  run: async ({ core, actor, args, incoming: { conversation } }) =>
    matchReply({ core, actor }, await matchTask(core, actor, { id: args.task, conversation })),
})

async function parts({ core, actor, account }: UserCall, view: AgentView) {
  return agentParts(view, await agentMetrics(core, actor, view.id), account.timeZone)
}
