import { Hono } from 'hono'
import { z } from 'zod'
import { policyDocument } from '#core/policy/document.ts'
import { explainPolicy, readPolicies } from '#core/policy/read.ts'
import { savePolicy } from '#core/policy/save.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { doOnce } from './replay.ts'
import { readRequest } from './request.ts'
import { contextBody, text } from './schemas.ts'

const policyBody = z.strictObject({
  document: policyDocument,
  /** As it was read; 0 where there was none. */
  version: z.int().min(0),
  /** `instance` is for platform admins. */
  owner: z.enum(['context', 'instance']).default('context'),
  context: contextBody.exactOptional(),
})

const name = text(200).min(1).exactOptional()
const explainQuery = z.strictObject({
  job: name.describe('A published job that asks'),
  agent: name.describe('An agent that asks, by its id or name'),
  tool: name.describe('The tool that asks; left out, `agent.run` for an agent and `llm.generate` otherwise'),
  model: name.describe('What the request itself asks for'),
})

/** Which models a context asks, and why. */
export function policyRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/policies',
    describe({
      summary: 'The policy that reigns in the context, and what it is made of',
      more: 'What the context leaves out comes from the instance.',
      group: 'settings',
      answers: { 200: 'Policy' },
    }),
    async (c) => c.json(await readPolicies(core, await actorOf(core, c))),
  )

  app.put(
    '/policies',
    describe({
      summary: 'Put another policy in place of the one that was read',
      more: 'What runs already keeps the models that were chosen for it.',
      group: 'settings',
      body: policyBody,
      answers: { 200: 'Policy' },
      refuses: ['bad_input', 'precondition_failed'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, policyBody)
      const { context: _, ...policy } = body
      await doOnce(c, actor, (once) => savePolicy(core, once, policy))
      return c.json(await readPolicies(core, actor))
    },
  )

  app.get(
    '/policies/explain',
    describe({
      summary: 'Which model a job, an agent or a tool would get at this moment, and why',
      group: 'settings',
      query: explainQuery,
      answers: { 200: 'PolicyExplained' },
      refuses: ['not_found'],
    }),
    async (c) => c.json(await explainPolicy(core, await actorOf(core, c), readQuery(c, explainQuery))),
  )
  return app
}
