import { Hono } from 'hono'
import { z } from 'zod'
import { exportAudit, findAudit } from '#core/admin/audit.ts'
import { overview } from '#core/admin/overview.ts'
import { findAllRuns } from '#core/admin/runs.ts'
import { type Context, personal, teamContext } from '#core/context.ts'
import { numberCursor } from '#core/cursor.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { cursor } from './pages.ts'
import { CSV, piecewise } from './piecewise.ts'
import { runQuery, runQueryOf } from './run-query.ts'
import { limit, moment, text } from './schemas.ts'

/** Whose runs or events: `team/team_…` or `user/acc_…`. */
const context = z
  .string()
  .regex(/^(team\/team_|user\/acc_)[\w-]{1,60}$/, 'must be like team/team_… or user/acc_…')
  .transform((name): Context => {
    const id = name.slice(5)
    return name.startsWith('team') ? teamContext(id) : personal(id)
  })
  .exactOptional()

const runsQuery = runQuery.extend({ context })
const auditFilter = z.strictObject({
  context,
  /** One, or several with commas; `member.*` is all that begin so. */
  type: text(500)
    .transform((list) => list.split(',').filter((one) => one !== ''))
    .exactOptional(),
  actor: text(100).exactOptional(),
  subject: text(200).exactOptional(),
  from: moment.exactOptional(),
  /** Before, not at. */
  to: moment.exactOptional(),
})
const auditQuery = auditFilter.extend({ cursor, limit: limit(100, 1_000) })
const exportQuery = auditFilter.extend({ format: z.enum(['csv', 'jsonl']).default('jsonl') })
const nothing = z.strictObject({})

const JSON_LINES = 'application/jsonl'

/** What concerns everybody, for platform admins. A key needs the scope admin for it. */
export function adminRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/admin/runs',
    describe({
      summary: 'Everybody’s runs',
      group: 'admin',
      query: runsQuery,
      answers: { 200: { list: 'RunListed' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const { context, ...query } = readQuery(c, runsQuery)
      return c.json(await findAllRuns(core, actor, { ...runQueryOf(query), ...(context ? { context } : {}) }))
    },
  )

  app.get(
    '/admin/metrics',
    describe({
      summary: 'How the instance is, in numbers',
      more: 'For Prometheus there is `/metrics`.',
      group: 'admin',
      query: nothing,
      answers: { 200: 'Overview' },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      readQuery(c, nothing)
      return c.json(await overview(core, actor))
    },
  )

  app.get(
    '/admin/audit',
    describe({
      summary: 'Everything that was done, newest first',
      group: 'admin',
      query: auditQuery,
      answers: { 200: { list: 'Event' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const { cursor, limit, ...query } = readQuery(c, auditQuery)
      const page = { limit, ...(cursor === undefined ? {} : { beforeSeq: numberCursor(cursor) }) }
      return c.json(await findAudit(core, actor, { ...filterOf(query), ...page }))
    },
  )

  app.get(
    '/admin/audit/export',
    describe({
      summary: 'The same as a file, oldest first',
      group: 'admin',
      query: exportQuery,
      answers: {
        200: [
          { media: JSON_LINES, says: 'A line of JSON for each' },
          { media: 'text/csv', says: 'A row for each' },
        ],
      },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const { format, ...query } = readQuery(c, exportQuery)
      const pieces = exportAudit(core, actor, { ...filterOf(query), format })
      return piecewise(c, pieces, { name: `audit.${format}`, media: format === 'csv' ? CSV : JSON_LINES })
    },
  )
  return app
}

const filterOf = ({ type, from, to, ...rest }: z.infer<typeof auditFilter>) => ({
  ...rest,
  ...(type === undefined ? {} : { types: type }),
  ...(from === undefined ? {} : { fromMs: from }),
  ...(to === undefined ? {} : { beforeMs: to }),
})
