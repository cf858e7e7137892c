import { Hono } from 'hono'
import type { Env, ServerDeps } from '../env.ts'
import { describe, type RouteDoc } from '../openapi/describe.ts'
import { problem } from '../problem.ts'
import { mailConfirmRoutes } from './mail-confirm.ts'
import { mailUnsubscribeRoutes } from './mail-unsubscribe.ts'

const ANYTHING = { media: '*/*', says: 'As the platform has it' }
const WEBHOOK: Omit<RouteDoc, 'summary'> = {
  group: 'inbound',
  asks: 'signed',
  body: [ANYTHING],
  answers: { 200: ANYTHING },
}

/** `/webhooks/telegram`, `/webhooks/slack`, `/webhooks/email`: each channel verifies and answers its own platform. */
export function webhookRoutes({ core, channels }: Pick<ServerDeps, 'core' | 'channels'>): Hono<Env> {
  const app = new Hono<Env>()
  app.route('/email/confirm', mailConfirmRoutes({ core }))
  app.route('/email/unsubscribe', mailUnsubscribeRoutes({ core }))
  for (const channel of channels) {
    if (!channel.webhook) continue
    app.post(
      `/${channel.name}`,
      describe({ ...WEBHOOK, summary: `What ${channel.name} sends` }),
      (c) => channel.webhook?.(c.req.raw) ?? c.notFound(),
    )
  }
  app.all('/*', (c) => problem(c, 404, { code: 'not_found', detail: 'No channel listens here.' }))
  return app
}
