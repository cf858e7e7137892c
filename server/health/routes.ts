import { Hono, type MiddlewareHandler } from 'hono'
import type { Env, ServerDeps } from '../env.ts'
import { isInsider } from './insider.ts'
import { HealthReport } from './report.ts'

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
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    const { status } = await health.read()
    const isReady = status !== 'unavailable'
    return c.json({ status: isReady ? 'ok' : 'unavailable' }, isReady ? 200 : 503)
  })
  app.get('/health', async (c) => {
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
