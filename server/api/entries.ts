import { Hono, type Context as HttpContext } from 'hono'
import { z } from 'zod'
import type { Actor } from '#core/actor.ts'
import { type Context, teamContext } from '#core/context.ts'
import { numberCursor } from '#core/cursor.ts'
import { statement } from '#core/economy/statement.ts'
import { statementCsv } from '#core/economy/statement-csv.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { cursor } from './pages.ts'
import { CSV, piecewise } from './piecewise.ts'
import { pathTeam } from './request.ts'
import { limit } from './schemas.ts'

const entriesQuery = z.strictObject({
  cursor,
  limit: limit(50, 500),
  format: z.enum(['json', 'csv']).default('json'),
})

/** The statement of a wallet: a page as JSON, or all of it as CSV. */
export function entryRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/wallet/entries',
    describe({
      summary: 'The statement of the context’s wallet',
      more: 'Newest first; with `format=csv` all of it, as CSV.',
      group: 'money',
      query: entriesQuery,
      answers: { 200: [{ list: 'Entry' }, { media: 'text/csv', says: 'All of it' }] },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return answer(c, actor, actor.context)
    },
  )

  app.get(
    '/teams/:id/wallet/entries',
    describe({
      summary: 'The statement of a team’s wallet',
      group: 'money',
      query: entriesQuery,
      answers: { 200: [{ list: 'Entry' }, { media: 'text/csv', says: 'All of it' }] },
    }),
    async (c) => answer(c, await actorOf(core, c), teamContext(pathTeam(c))),
  )

  async function answer(c: HttpContext<Env>, actor: Actor, context: Context): Promise<Response> {
    const { cursor, limit, format } = readQuery(c, entriesQuery)
    const page = { context, limit, ...(cursor === undefined ? {} : { beforeSeq: numberCursor(cursor) }) }
    if (format === 'csv')
      return piecewise(c, statementCsv(core, actor, { context }), { name: 'statement.csv', media: CSV })
    const { items, nextBeforeSeq } = await statement(core, actor, page)
    return c.json({ items, nextCursor: nextBeforeSeq === null ? null : String(nextBeforeSeq) })
  }
  return app
}
