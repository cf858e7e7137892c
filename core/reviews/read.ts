import type { Reader } from '#db/db.ts'
import { listTeamsOfPerson } from '#db/memberships.ts'
import { findReview, listReviews, newestReviews, type ReviewRow } from '#db/reviews.ts'
import type { ReviewStatus } from '#db/schema.ts'
import type { Actor } from '../actor.ts'
import { type Context, contextKey, contextOf, personal, teamContext } from '../context.ts'
import type { Core } from '../core.ts'
import { idCursor } from '../cursor.ts'
import { notFound } from '../errors.ts'
import { requireReader } from '../runs/reader.ts'
import { mayDecide, type ReviewView, reviewView } from './view.ts'

/** A review this person may look at; others do not exist. */
export async function readableReview(on: Reader, actor: Actor, reviewId: string): Promise<ReviewRow> {
  const review = await findReview.first(on, { id: reviewId })
  if (!review) throw notFound('such review')
  await requireReader(on, actor, contextOf(review.context), 'such review')
  return review
}

export async function getReview(core: Pick<Core, 'db'>, actor: Actor, reviewId: string): Promise<ReviewView> {
  return reviewView(core.db, actor.accountId, await readableReview(core.db, actor, reviewId))
}

export interface ReviewQuery {
  /** Of one context; without it those of every context the person is in. */
  context?: Context
  status?: ReviewStatus
  runId?: string
  cursor?: string
  limit: number
}

/** Newest first. The cursor is the last review of the page before. */
export async function findReviews(
  core: Pick<Core, 'db'>,
  actor: Actor,
  { context, status, runId, cursor, limit }: ReviewQuery,
): Promise<{ items: ReviewView[]; nextCursor: string | null }> {
  if (context) await requireReader(core.db, actor, context, 'such context')
  const contexts = context ? [contextKey(context)] : await contextsOf(core.db, actor.accountId)
  const rows = await listReviews(core.db, {
    contexts,
    ...(status ? { status } : {}),
    ...(runId ? { runId } : {}),
    ...(cursor === undefined ? {} : { beforeId: idCursor('rev', cursor) }),
    limit: limit + 1,
  })
  const page = rows.slice(0, limit)
  const items: ReviewView[] = []
  for (const row of page) items.push(await reviewView(core.db, actor.accountId, row))
  return { items, nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null }
}

/** More than these are not looked through for what waits for one person. */
const OPEN_MAX = 200

/** Every open review that this person may decide now, in all their contexts, oldest first. */
export async function reviewsFor(on: Reader, accountId: string): Promise<ReviewRow[]> {
  const contexts = await contextsOf(on, accountId)
  const open = await listReviews(on, { contexts, status: 'open', limit: OPEN_MAX })
  const mine: ReviewRow[] = []
  for (const row of open) if (await mayDecide(on, accountId, row)) mine.push(row)
  return mine.reverse()
}

async function contextsOf(on: Reader, accountId: string): Promise<string[]> {
  const teams = await listTeamsOfPerson.all(on, { accountId })
  return [personal(accountId), ...teams.map(({ id }) => teamContext(id))].map(contextKey)
}

/** The newest review of each run, those of its nested runs included. */
export async function reviewIdsOf(on: Reader, runIds: readonly string[]): Promise<Map<string, string>> {
  if (runIds.length === 0) return new Map()
  const rows = await newestReviews(on, runIds)
  return new Map(rows.map(({ root_run_id, id }) => [root_run_id, id]))
}

/** The same as views. */
export async function waitingFor(core: Pick<Core, 'db'>, { accountId }: Actor): Promise<ReviewView[]> {
  const rows = await reviewsFor(core.db, accountId)
  return Promise.all(rows.map((row) => reviewView(core.db, accountId, row)))
}
