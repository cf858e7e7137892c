import { Hono } from 'hono'
import type { Env, ServerDeps } from '../env.ts'
import { problem } from '../problem.ts'

/** `/webhooks/telegram`, `/webhooks/slack`: each channel verifies and answers its own platform. */
export function webhookRoutes({ channels }: Pick<ServerDeps, 'channels'>): Hono<Env> {
  const app = new Hono<Env>()
  for (const channel of channels) {
    if (channel.webhook) app.post(`/${channel.name}`, (c) => channel.webhook?.(c.req.raw) ?? c.notFound())
  }
  app.all('/*', (c) => problem(c, 404, { code: 'not_found', detail: 'No channel listens here.' }))
  return app
}
