import { Hono } from 'hono'
import type { Env, ServerDeps } from '../env.ts'

/**
 * MCP over HTTP, without sessions: each request stands for itself, and any process can answer it. Only for who has a key; a
 * cookie would let any page that a person opens speak for them.
 */
export function mcpRoutes(deps: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()
  let answer: Promise<ReturnType<typeof import('./answer.ts').createAnswer>> | undefined
  app.all('/', async (c) => {
    answer ??= import('./answer.ts').then(({ createAnswer }) => createAnswer(deps))
    return (await answer)(c)
  })
  return app
}
