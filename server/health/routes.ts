import { Hono, type MiddlewareHandler } from 'hono'
import type { Env, ServerDeps } from '../env.ts'
import { describe, type RouteDoc } from '../openapi/describe.ts'
import { isInsider } from './insider.ts'
import { HealthReport } from './report.ts'

const ALIVE: RouteDoc = { summary: 'The process answers', group: 'ops', asks: 'nobody', answers: { 200: 'Alive' } }
const READY: RouteDoc = {
  summary: 'It can do its work',
  more: 'Down to an item that a worker takes from the queue. Kept for ten seconds; 503 from when it was told to stop.',
  group: 'ops',
  asks: 'nobody',
  answers: { 200: 'Alive', 503: 'Alive' },
}
const PARTS: RouteDoc = {
  summary: 'How each part of it is',
  more: 'Why a part is not well is told to platform admins, and on the machine itself.',
  group: 'ops',
  asks: 'nobody',
  answers: { 200: 'Health', 503: 'Health' },
}

/**
 * `/healthz`: the process answers. `/readyz`: it can do its work, down to an item that goes through the queue. `/health`: the
 * same with each part by name; why a part is not well is told to who runs the instance, not to strangers.
 */
export function healthRoutes(deps: ServerDeps): Hono<Env> {
  const { core, config } = deps
  const health = new HealthReport(deps)
  const app = new Hono<Env>()
  app.use('/healthz', noStore)
  app.use('/readyz', noStore)
  app.use('/health', noStore)
  app.get('/healthz', describe(ALIVE), (c) => c.json({ status: 'ok' }))
  app.get('/readyz', describe(READY), async (c) => {
    const { status } = await health.read()
    const isReady = status !== 'unavailable'
    return c.json({ status: isReady ? 'ok' : 'unavailable' }, isReady ? 200 : 503)
  })
  app.get('/health', describe(PARTS), async (c) => {
    const [{ status, parts }, isShown] = await Promise.all([health.read(), isInsider(core, config, c)])
    const shown = Object.entries(parts).map(([name, { status, detail }]) => [
      name,
      { ok: status !== 'fail', status, ...(isShown ? { detail } : {}) },
    ])
    return c.json({ status, parts: Object.fromEntries(shown) }, status === 'unavailable' ? 503 : 200)
  })
  return app
}

const noStore: MiddlewareHandler<Env> = async (c, next) => {
  await next()
  c.res.headers.set('Cache-Control', 'no-store')
}
