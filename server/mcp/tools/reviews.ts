import { z } from 'zod'
import { decideReview } from '#core/reviews/decide.ts'
import { findReviews, getReview } from '#core/reviews/read.ts'
import { decisionBody } from '../../api/reviews.ts'
import { text } from '../../api/schemas.ts'
import { defineTool, READING, type Tool, WRITING } from '../tool.ts'

const reviewId = text(64).min(1).describe('The id of a review: rev_…')

export const REVIEW_TOOLS: Tool[] = [
  defineTool({
    name: 'reviews.list',
    title: 'List reviews',
    description:
      'Questions to people that runs wait for, the newest first; without a context those of all contexts. payload is what is decided about, payloadHash proves that it was seen.',
    args: z.strictObject({
      status: z.enum(['open', 'approved', 'rejected', 'changes_requested', 'expired']).exactOptional(),
      runId: text(64).exactOptional(),
      cursor: text(200).exactOptional(),
      limit: z.number().int().min(1).max(100).default(20),
      ...READING,
    }),
    hints: { readOnly: true },
    run: (core, actor, { context, ...query }) =>
      findReviews(core, actor, { ...query, ...(context === undefined ? {} : { context: actor.context }) }),
  }),
  defineTool({
    name: 'reviews.get',
    title: 'Look at a review',
    description: 'One review: what is asked, about what, who may decide, and what was decided.',
    args: z.strictObject({ reviewId, ...READING }),
    hints: { readOnly: true },
    run: (core, actor, { reviewId }) => getReview(core, actor, reviewId),
  }),
  defineTool({
    name: 'reviews.decide',
    title: 'Decide a review',
    description:
      'Decides in the name of the person whose key this is: only what they said themselves after they saw the payload. The first legal decision wins and cannot be taken back. payloadHash is that of the payload they saw.',
    args: decisionBody.extend({ reviewId, ...WRITING }),
    hints: { readOnly: false, destructive: true, idempotent: false },
    run: (core, actor, { context: _, idempotencyKey: __, ...input }) => decideReview(core, actor, input),
  }),
]
