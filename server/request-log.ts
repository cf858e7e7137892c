import type { Context, MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { Logger } from 'pino'
import type { Env } from './env.ts'
import type { RequestTold } from './metrics/metrics.ts'

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
/** Asked every second by machines, or many at once by every page. */
const QUIET = /^\/(healthz|readyz|health|metrics)$|^\/webhooks\/|^console$/

/**
 * One line for each request that was answered, and one count: which route by its pattern, never its path, because paths hold
 * tokens and there is no end of them.
 */
export function tellRequests(log: Logger, count: (told: RequestTold) => void): MiddlewareHandler<Env> {
  return async function tellRequest(c, next) {
    const beganMs = performance.now()
    await next()
    const ms = performance.now() - beganMs
    const told = { method: methodOf(c), route: routeOf(c), status: c.res.status }
    count({ ...told, seconds: ms / 1_000 })
    const facts = { requestId: c.get('requestId'), ...told, ms: Math.round(ms), ...accountOf(c) }
    if (told.status < 400 && QUIET.test(told.route)) log.debug(facts, 'Request')
    else log.info(facts, 'Request')
  }
}

const methodOf = ({ req }: Context<Env>): string => (METHODS.has(req.method) ? req.method : 'other')

/** What the last handler that was reached is registered for. */
function routeOf(c: Context<Env>): string {
  const pattern = routePath(c)
  if (pattern === '/v1/*') return 'unmatched'
  return pattern === '*' || pattern === '/*' || pattern === '/assets/*' ? 'console' : pattern
}

function accountOf(c: Context<Env>): { accountId?: string } {
  const principal = c.get('principal')
  return principal ? { accountId: principal.account.id } : {}
}
