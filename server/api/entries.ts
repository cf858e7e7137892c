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
    if (format === 'csv') return csvAnswer(c, statementCsv(core, actor, { context }))
    const { items, nextBeforeSeq } = await statement(core, actor, page)
    return c.json({ items, nextCursor: nextBeforeSeq === null ? null : String(nextBeforeSeq) })
  }
  return app
}

/** Sent as it is read. The first piece is awaited, so that a refusal is still an answer with its own status. */
async function csvAnswer(c: HttpContext<Env>, pieces: AsyncGenerator<string>): Promise<Response> {
  const first = await pieces.next()
  async function* all(): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder()
    if (!first.done) yield encoder.encode(first.value)
    for await (const piece of pieces) yield encoder.encode(piece)
  }
  return c.body(ReadableStream.from(all()) as ReadableStream, 200, {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': 'attachment; filename="statement.csv"',
  })
}
