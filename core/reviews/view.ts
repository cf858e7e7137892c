import type { Reader } from '#db/db.ts'
import { listDecisions, type ReviewRow } from '#db/reviews.ts'
import type { ReviewStatus } from '#db/schema.ts'
import { type Context, contextOf } from '../context.ts'
import { AppError } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import type { JsonSchema } from '../schema.ts'
import { questionOf, requireDecider } from './deciders.ts'
import { candidatesOf } from './variants.ts'

export type DecisionView = {
  accountId: string
  handle: string
  decision: string
  comment: string | null
  at: string
  channel: string
}

export type ReviewView = {
  id: string
  /** The run a person started; the step may be in a run nested in it. */
  runId: string
  stepId: string
  round: number
  context: Context
  title: string
  requestedBy: string
  kind: ReviewRow['kind']
  status: ReviewStatus
  prompt: string | null
  payload: JsonObject
  payloadHash: string
  approvers: { people: string[]; roles: string[]; count: number; selfApproval: boolean; twoPerson: boolean }
  /** Of a form. */
  schema: JsonSchema | null
  /** What can be chosen. */
  variants: { id: string; label: string }[]
  decisions: DecisionView[]
  /** Whether whoever looks may decide now. */
  canDecide: boolean
  /** Why it ended without anybody's decision. */
  reason: string | null
  createdAt: string
  closedAt: string | null
}

/** A review as one person sees it. */
export async function reviewView(on: Reader, accountId: string, review: ReviewRow): Promise<ReviewView> {
  const { terms } = questionOf(review)
  const payload = JSON.parse(review.payload_json) as JsonObject
  const decisions = await listDecisions.all(on, { reviewId: review.id })
  const isOpen = review.status === 'open' && !decisions.some((one) => one.account_id === accountId)
  return {
    id: review.id,
    runId: review.root_run_id,
    stepId: review.step_id,
    round: review.round,
    context: contextOf(review.context),
    title: review.title,
    requestedBy: review.account_id,
    kind: review.kind,
    status: review.status,
    prompt: review.prompt,
    payload,
    payloadHash: review.payload_hash,
    approvers: {
      people: terms.people,
      roles: terms.isAnyone ? ['member'] : terms.roles,
      count: review.needed,
      selfApproval: terms.selfApproval,
      twoPerson: terms.isTwoPerson,
    },
    schema: terms.schema,
    variants: review.kind === 'choose' ? candidatesOf(payload).map(({ id, label }) => ({ id, label })) : [],
    decisions: decisions.map((one) => ({
      accountId: one.account_id,
      handle: one.handle,
      decision: one.decision,
      comment: one.comment,
      at: new Date(one.at_ms).toISOString(),
      channel: one.channel,
    })),
    canDecide: isOpen && (await mayDecide(on, accountId, review)),
    reason: review.closed_reason,
    createdAt: new Date(review.created_at_ms).toISOString(),
    closedAt: review.closed_at_ms === null ? null : new Date(review.closed_at_ms).toISOString(),
  }
}

export async function mayDecide(on: Reader, accountId: string, review: ReviewRow): Promise<boolean> {
  try {
    await requireDecider(on, { accountId }, questionOf(review))
    return true
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  }
}

/** The same as JSON, for answers that are kept. */
export const asJson = (view: ReviewView): Json => view as unknown as Json
