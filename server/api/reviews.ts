import { Hono } from 'hono'
import { z } from 'zod'
import { decideReview } from '#core/reviews/decide.ts'
import { findReviews, getReview } from '#core/reviews/read.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { cursor } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathId, readRequest } from './request.ts'
import { jsonObject, limit, text } from './schemas.ts'

const listQuery = z.strictObject({
  status: z.enum(['open', 'approved', 'rejected', 'changes_requested', 'expired']).exactOptional(),
  runId: text(64).exactOptional(),
  cursor,
  limit: limit(50, 200),
})

export const decisionBody = z.strictObject({
  decision: z.enum(['approve', 'reject', 'request_changes', 'choose', 'submit']),
  /** Of the payload that was shown to whoever decides. */
  payloadHash: text(64),
  comment: text(4_000).exactOptional(),
  variantId: text(100).exactOptional(),
  values: jsonObject.exactOptional(),
})

/** Questions to people. Only the POST decides; looking changes nothing. */
export function reviewRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()
  const pathReview = (c: Parameters<typeof pathId>[0]): string => pathId(c, 'id', 'such review')

  app.get(
    '/reviews',
    describe({
      summary: 'Questions to people',
      more: 'Of every context one is in, unless one is named.',
      group: 'reviews',
      query: listQuery,
      answers: { 200: { list: 'Review' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const query = readQuery(c, listQuery)
      // Who names a context means that one; otherwise reviews are one's own wherever they come from.
      const context = c.req.header('X-Execution-Context') === undefined ? {} : { context: actor.context }
      return c.json(await findReviews(core, actor, { ...query, ...context }))
    },
  )

  app.get(
    '/reviews/:id',
    describe({ summary: 'A question', group: 'reviews', answers: { 200: 'Review' } }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await getReview(core, actor, pathReview(c)))
    },
  )

  app.post(
    '/reviews/:id/decision',
    describe({
      summary: 'Decide',
      more: 'The first decision wins; who is late gets 409.',
      group: 'reviews',
      body: decisionBody,
      answers: { 200: 'Review' },
      refuses: ['conflict', 'bad_input'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, decisionBody)
      const reviewId = pathReview(c)
      return c.json(await doOnce(c, actor, (once) => decideReview(core, once, { ...body, reviewId })))
    },
  )

  return app
}
