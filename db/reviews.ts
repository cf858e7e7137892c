import { sql } from 'kysely'
import type { Reader } from './db.ts'
import type { ReviewDecisionTable, ReviewStatus, ReviewTable } from './schema.ts'
import { query, statement } from './statement.ts'

export type ReviewRow = ReviewTable

export const insertReview = statement((q, p: ReviewRow) =>
  q.insertInto('review').values({
    id: p.id,
    context: p.context,
    run_id: p.run_id,
    root_run_id: p.root_run_id,
    seq: p.seq,
    step_id: p.step_id,
    round: p.round,
    title: p.title,
    account_id: p.account_id,
    kind: p.kind,
    prompt: p.prompt,
    terms_json: p.terms_json,
    payload_json: p.payload_json,
    payload_hash: p.payload_hash,
    needed: p.needed,
    votes: p.votes,
    status: p.status,
    outcome_json: p.outcome_json,
    closed_by: p.closed_by,
    closed_reason: p.closed_reason,
    stood_in_at_ms: p.stood_in_at_ms,
    created_at_ms: p.created_at_ms,
    closed_at_ms: p.closed_at_ms,
  }),
)

export const findReview = statement((q, p: { id: string }) => q.selectFrom('review').selectAll().where('id', '=', p.id))

/** Written out, not bound: only so does SQLite see that the partial index serves. */
const isOpen = sql<boolean>`status = 'open'`

/**
 * Holds on to an open review until the transaction ends: who decides at the same moment waits here, and then finds what
 * was decided. Nothing comes back once it is closed.
 */
export const holdReview = statement((q, p: { id: string }) =>
  q
    .updateTable('review')
    .set({ votes: sql`votes + 1` })
    .where('id', '=', p.id)
    .where('status', '=', 'open')
    .returningAll(),
)

/** Closes an open review; 0 rows for one that is closed. */
export const closeReview = statement(
  (
    q,
    p: {
      id: string
      status: Exclude<ReviewStatus, 'open'>
      outcomeJson: string | null
      closedBy: string | null
      reason: string | null
      nowMs: number
    },
  ) =>
    q
      .updateTable('review')
      .set({
        status: p.status,
        outcome_json: p.outcomeJson,
        closed_by: p.closedBy,
        closed_reason: p.reason,
        closed_at_ms: p.nowMs,
      })
      .where('id', '=', p.id)
      .where('status', '=', 'open'),
)

/** Once: from then on the stand-in may decide too. */
export const letStandIn = statement((q, p: { id: string; nowMs: number }) =>
  q
    .updateTable('review')
    .set({ stood_in_at_ms: p.nowMs })
    .where('id', '=', p.id)
    .where('status', '=', 'open')
    .where('stood_in_at_ms', 'is', null),
)

export const listReviewsOfRun = statement((q, p: { runId: string }) =>
  q.selectFrom('review').selectAll().where('run_id', '=', p.runId).orderBy('seq').orderBy('round'),
)

/** Whether somebody is asked about a run, or about one that is nested in it. */
export const findOpenReviewUnder = statement((q, p: { rootRunId: string }) =>
  q.selectFrom('review').select('id').where('root_run_id', '=', p.rootRunId).where('status', '=', 'open').limit(1),
)

/** The newest review of each run, those of its nested runs included. */
export function newestReviews(
  on: Reader,
  rootRunIds: readonly string[],
): Promise<{ root_run_id: string; id: string }[]> {
  return query(on, (q) =>
    q
      .selectFrom('review')
      .select(['root_run_id', (review) => review.fn.max('id').as('id')])
      .where('root_run_id', 'in', [...rootRunIds])
      .groupBy('root_run_id'),
  )
}

export interface ReviewFilter {
  contexts: readonly string[]
  status?: ReviewStatus
  runId?: string
  /** Reviews made before this one. */
  beforeId?: string
  limit: number
}

/** Newest first. */
export function listReviews(on: Reader, filter: ReviewFilter): Promise<ReviewRow[]> {
  return query(on, (q) => {
    let reviews = q
      .selectFrom('review')
      .selectAll()
      .where('context', 'in', [...filter.contexts])
    if (filter.status === 'open') reviews = reviews.where(isOpen)
    else if (filter.status) reviews = reviews.where('status', '=', filter.status)
    if (filter.runId) reviews = reviews.where('root_run_id', '=', filter.runId)
    if (filter.beforeId) reviews = reviews.where('id', '<', filter.beforeId)
    return reviews.orderBy('id', 'desc').limit(filter.limit)
  })
}

/** Writes nothing when this person has decided about this review before. */
export const insertDecision = statement((q, p: ReviewDecisionTable) =>
  q
    .insertInto('review_decision')
    .values({
      review_id: p.review_id,
      account_id: p.account_id,
      decision: p.decision,
      comment: p.comment,
      answer_json: p.answer_json,
      channel: p.channel,
      at_ms: p.at_ms,
    })
    .onConflict((conflict) => conflict.columns(['review_id', 'account_id']).doNothing()),
)

export const listDecisions = statement((q, p: { reviewId: string }) =>
  q
    .selectFrom('review_decision')
    .innerJoin('account', 'account.id', 'review_decision.account_id')
    .selectAll('review_decision')
    .select('account.handle')
    .where('review_id', '=', p.reviewId)
    .orderBy('at_ms')
    .orderBy('review_decision.account_id'),
)

/** Writes nothing when it is shown there already. */
export const insertReviewCard = statement((q, p: { reviewId: string; channel: string; conversation: string }) =>
  q
    .insertInto('review_card')
    .values({ review_id: p.reviewId, channel: p.channel, conversation: p.conversation })
    .onConflict((conflict) => conflict.columns(['review_id', 'channel', 'conversation']).doNothing()),
)

export const listReviewCards = statement((q, p: { reviewId: string }) =>
  q
    .selectFrom('review_card')
    .select(['channel', 'conversation'])
    .where('review_id', '=', p.reviewId)
    .orderBy('channel')
    .orderBy('conversation'),
)

/** Where a review is shown goes along when the conversation does. */
export const moveReviewCards = statement((q, p: { channel: string; from: string; to: string }) =>
  q
    .updateTable('review_card')
    .set({ conversation: p.to })
    .where('channel', '=', p.channel)
    .where('conversation', '=', p.from)
    .where(
      sql<boolean>`not exists (select 1 from review_card as there where there.review_id = review_card.review_id
        and there.channel = review_card.channel and there.conversation = ${p.to})`,
    ),
)

/** 0 rows when this person was reminded of it before. */
export const insertReminder = statement((q, p: { reviewId: string; accountId: string; nowMs: number }) =>
  q
    .insertInto('review_reminder')
    .values({ review_id: p.reviewId, account_id: p.accountId, at_ms: p.nowMs })
    .onConflict((conflict) => conflict.columns(['review_id', 'account_id']).doNothing()),
)

export const listReminders = statement((q, p: { reviewId: string }) =>
  q.selectFrom('review_reminder').select('account_id').where('review_id', '=', p.reviewId),
)

/** Everybody in a team whose account is open, by how long they are in it. */
export const listPeopleOfTeam = statement((q, p: { teamId: string }) =>
  q
    .selectFrom('membership')
    .innerJoin('account', 'account.id', 'membership.account_id')
    .innerJoin('team', 'team.id', 'membership.team_id')
    .select(['membership.account_id', 'membership.role', 'account.handle', 'account.time_zone'])
    .where('membership.team_id', '=', p.teamId)
    .where('account.disabled_at_ms', 'is', null)
    .where('team.deleted_at_ms', 'is', null)
    .orderBy('membership.created_at_ms')
    .orderBy('membership.account_id'),
)
