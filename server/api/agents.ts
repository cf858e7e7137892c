import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { AGENT_ROLES } from '#core/agents/agent.ts'
import { changeAgent, pauseAgent, resumeAgent, retireAgent } from '#core/agents/change.ts'
import { hireAgent } from '#core/agents/hire.ts'
import { agentMetrics, findAgents, getAgent } from '#core/agents/read.ts'
import type { AgentView } from '#core/agents/view.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { pageOf, pageQuery } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathId, readRequest } from './request.ts'
import { amountUsd, contextBody, text } from './schemas.ts'

const permission = z.enum(['never', 'ask', 'auto'])
const profile = z.strictObject({
  tone: text(1_000).exactOptional(),
  instructions: text(20_000).exactOptional(),
  capabilities: z.array(text(100).min(1)).exactOptional(),
  tools: z.array(text(100).min(1)).exactOptional(),
  jobs: z.array(text(100).min(1)).exactOptional(),
  permissions: z.strictObject({ read: permission, write: permission, spend: permission }).exactOptional(),
  workingHours: z
    .strictObject({
      hours: z.strictObject({ from: text(5), to: text(5) }),
      timeZone: text(100),
      days: z.array(z.number().int()).max(7),
    })
    .nullable()
    .exactOptional(),
  maxRunUsd: amountUsd.exactOptional(),
  taskMinutes: z.int().exactOptional(),
  reviewMinutes: z.int().exactOptional(),
  model: text(200).nullable().exactOptional(),
})
const hireBody = z.strictObject({
  role: z.enum(AGENT_ROLES),
  name: text(40).min(1).exactOptional(),
  profile: profile.exactOptional(),
  context: contextBody.exactOptional(),
})
const changeBody = z.strictObject({
  name: text(40).min(1).exactOptional(),
  profile: profile.exactOptional(),
  context: contextBody.exactOptional(),
})
const nothing = z.strictObject({ context: contextBody.exactOptional() })

const pathAgent = (c: Context<Env>): string => pathId(c, 'id', 'such agent')

/** Agents of the context that the request is made in; those of others do not exist. */
export function agentRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/agents',
    describe({
      summary: 'Agents that were hired',
      group: 'tasks',
      query: pageQuery,
      answers: { 200: { list: 'Agent' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(pageOf(await findAgents(core, actor), readQuery(c, pageQuery), ({ id }) => id))
    },
  )

  app.post(
    '/agents',
    describe({
      summary: 'Hire an agent, which begins with a task',
      group: 'tasks',
      body: hireBody,
      answers: { 201: 'Agent' },
      refuses: ['bad_input', 'conflict'],
      etag: 'answered',
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, hireBody)
      const { context: _, ...hiring } = body
      const agent = await doOnce(c, actor, (once) => hireAgent(core, once, hiring))
      c.header('Location', `/v1/agents/${agent.id}`)
      return answer(c, agent, 201)
    },
  )

  app.get(
    '/agents/:id',
    describe({ summary: 'An agent', group: 'tasks', answers: { 200: 'Agent' }, etag: 'answered' }),
    async (c) => answer(c, await getAgent(core, await actorOf(core, c), pathAgent(c))),
  )

  app.get(
    '/agents/:id/metrics',
    describe({ summary: 'How an agent does', group: 'tasks', answers: { 200: 'AgentMetrics' } }),
    async (c) => c.json(await agentMetrics(core, await actorOf(core, c), pathAgent(c))),
  )

  app.patch(
    '/agents/:id',
    describe({
      summary: 'Change an agent',
      more: 'What is left out stays.',
      group: 'tasks',
      etag: 'needed',
      body: changeBody,
      answers: { 200: 'Agent' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, changeBody)
      const { context: _, ...said } = body
      const change = { id: pathAgent(c), ifMatch: c.req.header('if-match'), ...said }
      return answer(c, await doOnce(c, actor, (once) => changeAgent(core, once, change)))
    },
  )

  const statuses = [
    ['pause', 'Have it take nothing up', pauseAgent],
    ['resume', 'Have it work again', resumeAgent],
    ['retire', 'Let it go', retireAgent],
  ] as const
  for (const [what, summary, set] of statuses) {
    app.post(
      `/agents/:id/${what}`,
      describe({ summary, group: 'tasks', body: nothing, answers: { 200: 'Agent' }, once: 'taken', etag: 'answered' }),
      async (c) => {
        const { actor } = await readRequest(core, c, nothing)
        return answer(c, await doOnce(c, actor, (once) => set(core, once, pathAgent(c))))
      },
    )
  }
  return app
}

function answer(c: Context<Env>, agent: AgentView, status: 200 | 201 = 200): Response {
  c.header('ETag', agent.etag)
  return c.json(agent, status)
}
