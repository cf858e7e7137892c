import { Hono } from 'hono'
import type { Env, ServerDeps } from '../env.ts'
import { hasMetricsToken, isInsider } from '../health/insider.ts'
import { describe, type RouteDoc } from '../openapi/describe.ts'
import { problem } from '../problem.ts'
import { Gauges } from './gauges.ts'
import type { Tally } from './tally.ts'

const METRICS: RouteDoc = {
  summary: 'What is counted and measured, as Prometheus reads it',
  more: 'For this machine, for the bearer token `METRICS_TOKEN`, and for platform admins.',
  group: 'ops',
  asks: 'nobody',
  answers: { 200: { media: 'text/plain', says: 'The text format of Prometheus' } },
  refuses: ['unauthorized'],
}

/** `/metrics`, as Prometheus reads it: for this machine, for METRICS_TOKEN and for platform admins. */
export function metricsRoutes({ core, config }: ServerDeps, tally: Tally): Hono<Env> {
  const app = new Hono<Env>()
  let gauges: Gauges | undefined
  app.get('/metrics', describe(METRICS), async (c) => {
    if (!hasMetricsToken(c, config) && !(await isInsider(core, config, c))) {
      const detail = 'Metrics are for this machine, for a bearer token (METRICS_TOKEN) and for platform admins.'
      return problem(c, 401, { code: 'unauthorized', detail })
    }
    const counted = await tally.open()
    gauges ??= new Gauges(core, counted)
    await gauges.refresh()
    return c.body(await counted.read(), 200, { 'Content-Type': counted.contentType, 'Cache-Control': 'no-store' })
  })
  return app
}
