import { Hono } from 'hono'
import { requestId } from 'hono/request-id'
import { adminRoutes } from './api/admin.ts'
import { adminTaskRoutes } from './api/admin-tasks.ts'
import { agentRoutes } from './api/agents.ts'
import { artifactRoutes } from './api/artifacts.ts'
import { authRoutes } from './api/auth.ts'
import { authGoogleRoutes } from './api/auth-google.ts'
import { authMailRoutes } from './api/auth-mail.ts'
import { authOwnRoutes } from './api/auth-own.ts'
import { budgetRequestRoutes } from './api/budget-requests.ts'
import { budgetRoutes } from './api/budgets.ts'
import { chatRoutes } from './api/chat.ts'
import { collabRoutes } from './api/collab.ts'
import { connectionRoutes } from './api/connections.ts'
import { endpointRoutes } from './api/endpoints.ts'
import { eventRoutes } from './api/events.ts'
import { formRoutes } from './api/forms.ts'
import { jobRoutes } from './api/jobs.ts'
import { meRoutes } from './api/me.ts'
import { moneyRoutes } from './api/money.ts'
import { notificationRoutes } from './api/notifications.ts'
import { planRoutes } from './api/plans.ts'
import { policyRoutes } from './api/policies.ts'
import { preferenceRoutes } from './api/preferences.ts'
import { priceRoutes } from './api/prices.ts'
import { providerRoutes } from './api/providers.ts'
import { remoteRoutes } from './api/remote.ts'
import { reviewRoutes } from './api/reviews.ts'
import { ruleRoutes } from './api/rules.ts'
import { runRoutes } from './api/runs.ts'
import { scheduleRoutes } from './api/schedules.ts'
import { signingRoutes } from './api/signing.ts'
import { taskExtraRoutes } from './api/task-extras.ts'
import { taskRoutes } from './api/tasks.ts'
import { teamRoutes } from './api/teams.ts'
import { toolRoutes } from './api/tools.ts'
import { triggerRoutes } from './api/triggers.ts'
import { variantRoutes } from './api/variants.ts'
import { authenticate } from './auth/principal.ts'
import { RequestLimits } from './auth/request-limits.ts'
import { consoleRoutes } from './console-files.ts'
import type { Env, ServerDeps } from './env.ts'
import { healthRoutes } from './health/routes.ts'
import { mcpRoutes } from './mcp/http.ts'
import { metricsRoutes } from './metrics/routes.ts'
import { Tally } from './metrics/tally.ts'
import { readerRoutes } from './openapi/reader.ts'
import { openApiRoutes } from './openapi/routes.ts'
import { problem, problemOf } from './problem.ts'
import { tellRequests } from './request-log.ts'
import { callbackRoutes } from './webhooks/callbacks.ts'
import { webhookRoutes } from './webhooks/channels.ts'
import { hookRoutes } from './webhooks/hooks.ts'

const NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/** The whole HTTP side: webhooks, API, health and the console, over one core. */
export function createApp(deps: ServerDeps): Hono<Env> {
  const { core, config, log } = deps
  const app = new Hono<Env>()
  const isSecure = config.publicUrl.startsWith('https:')
  app.onError((error, c) => problemOf(error, c, log))
  app.use(requestId())
  if (deps.tracing) app.use(deps.tracing.requests)
  const { tally = new Tally() } = deps
  app.use(tellRequests(log, (told) => tally.tell((metrics) => metrics.request(told))))
  app.use(async function safeHeaders(c, next) {
    await next()
    c.res.headers.set('X-Content-Type-Options', 'nosniff')
    c.res.headers.set('Referrer-Policy', 'no-referrer')
    if (isSecure) c.res.headers.set('Strict-Transport-Security', 'max-age=63072000')
    // Answers are data: whoever opens one as a page runs nothing. Pages say themselves what they may.
    if (!c.res.headers.has('Content-Security-Policy')) c.res.headers.set('Content-Security-Policy', NOTHING)
  })
  app.route('/', healthRoutes(deps))
  app.route('/', metricsRoutes(deps, tally))
  app.route(
    '/',
    openApiRoutes(deps, () => app),
  )
  app.route('/', readerRoutes())
  app.route('/webhooks', webhookRoutes(deps))
  app.route('/callbacks', callbackRoutes(deps))
  app.route('/hooks', hookRoutes(deps))
  const limits = new RequestLimits(deps)
  for (const path of ['/v1/*', '/mcp']) {
    app.use(path, authenticate(core, config, limits))
    app.use(path, async function noStore(c, next) {
      await next()
      c.res.headers.set('Cache-Control', 'no-store')
    })
  }
  const api = [
    authRoutes,
    authMailRoutes,
    authOwnRoutes,
    authGoogleRoutes,
    meRoutes,
    preferenceRoutes,
    notificationRoutes,
    teamRoutes,
    moneyRoutes,
    budgetRequestRoutes,
    budgetRoutes,
    policyRoutes,
    toolRoutes,
    connectionRoutes,
    endpointRoutes,
    providerRoutes,
    priceRoutes,
    signingRoutes,
    jobRoutes,
    runRoutes,
    variantRoutes,
    reviewRoutes,
    scheduleRoutes,
    planRoutes,
    triggerRoutes,
    ruleRoutes,
    remoteRoutes,
    taskExtraRoutes,
    taskRoutes,
    agentRoutes,
    adminTaskRoutes,
    adminRoutes,
    collabRoutes,
    eventRoutes,
    artifactRoutes,
    chatRoutes,
    formRoutes,
  ]
  for (const routes of api) app.route('/v1', routes(deps))
  app.route('/mcp', mcpRoutes(deps))
  app.all('/v1/*', (c) => problem(c, 404, { code: 'not_found', detail: `There is no ${c.req.method} ${c.req.path}.` }))
  app.route('/', consoleRoutes())
  app.notFound((c) => problem(c, 404, { code: 'not_found', detail: `There is no ${c.req.path}.` }))
  return app
}
