import { handlesOf } from '#db/accounts.ts'
import type { Reader } from '#db/db.ts'
import { listEventsOf } from '#db/events.ts'
import { findFundsWait } from '#db/funds-waits.ts'
import { listLiveRuns, listRuns, type RunFilter } from '#db/runs.ts'
import type { Actor } from '../actor.ts'
import { type Context, contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { idCursor } from '../cursor.ts'
import { AppError, notFound } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { reviewIdsOf } from '../reviews/read.ts'
import { variantIdsOf } from '../variants/list.ts'
import { waitingForOf } from './funds-wait.ts'
import { requireReader } from './reader.ts'
import { loadRun, type StoredRun } from './stored.ts'
import { type RunListItem, type RunView, summaryOf, viewOf } from './view.ts'
import { isWithheld } from './withheld.ts'

export async function readableRun(on: Reader, actor: Actor, runId: string): Promise<StoredRun> {
  const run = await loadRun(on, runId)
  if (!run) throw notFound('such run')
  await requireReader(on, actor, run.context, 'such run')
  return run
}

export async function getRun(core: Pick<Core, 'db'>, actor: Actor, runId: string): Promise<RunView> {
  const run = await readableRun(core.db, actor, runId)
  const wait = run.row.status === 'waiting' ? await findFundsWait.first(core.db, { runId }) : undefined
  const variants = await variantIdsOf(core.db, [run.row])
  const view = viewOf(run, variants.get(runId) ?? [], {
    isWithheld: await isWithheld(core.db, run.row),
    waitingFor: wait?.state === 'waiting' ? waitingForOf(wait) : null,
  })
  return { ...view, reviewId: await reviewIdOfRun(core.db, run) }
}

async function reviewIdOfRun(on: Reader, { row }: StoredRun): Promise<string | null> {
  return (await reviewIdsOf(on, [row.id])).get(row.id) ?? null
}

export interface RunQuery {
  context?: Context
  accountId?: string
  jobId?: string
  scheduleId?: string
  statuses?: string[]
  text?: string
  from?: number
  before?: number
  cursor?: string
  limit: number
}

/** Newest first. Without a context: the actor's. The cursor is the last run of the page before. */
export async function findRuns(
  core: Pick<Core, 'db'>,
  actor: Actor,
  query: RunQuery,
): Promise<{ items: RunListItem[]; nextCursor: string | null }> {
  const context = query.context ?? actor.context
  await requireReader(core.db, actor, context, 'such context')
  return pageOfRuns(core.db, { contexts: [contextKey(context)] }, query)
}

/** One page of what a query asks for, within `scope`: where to look, and whose. */
export async function pageOfRuns(
  on: Reader,
  scope: Pick<RunFilter, 'contexts' | 'accountId'>,
  query: Omit<RunQuery, 'context'>,
): Promise<{ items: RunListItem[]; nextCursor: string | null }> {
  const rows = await listRuns(on, {
    ...(query.accountId ? { accountId: query.accountId } : {}),
    ...scope,
    ...(query.jobId ? { jobKey: query.jobId } : {}),
    ...(query.scheduleId ? { scheduleId: query.scheduleId } : {}),
    ...(query.statuses?.length ? { statuses: query.statuses } : {}),
    ...(query.text ? { text: query.text } : {}),
    ...(query.from === undefined ? {} : { createdFromMs: query.from }),
    ...(query.before === undefined ? {} : { createdBeforeMs: query.before }),
    ...(query.cursor === undefined ? {} : { beforeId: idCursor('run', query.cursor) }),
    limit: query.limit + 1,
  })
  const page = rows.slice(0, query.limit)
  const variants = await variantIdsOf(on, page)
  const reviews = await reviewIdsOf(
    on,
    page.map(({ id }) => id),
  )
  const handles = await handlesOf(
    on,
    page.map((row) => row.account_id),
  )
  const items = page.map((row) => {
    const summary = summaryOf(row, variants.get(row.id) ?? [])
    const handle = handles.get(row.account_id) ?? null
    return { ...summary, initiator: { ...summary.initiator, handle }, reviewId: reviews.get(row.id) ?? null }
  })
  return { items, nextCursor: rows.length > query.limit ? (items.at(-1)?.id ?? null) : null }
}

export interface RunEventView {
  seq: number
  at: string
  type: string
  actor: string
  /** Of a person: what they are called. */
  handle: string | null
  details: JsonObject
}

export async function runEvents(
  core: Pick<Core, 'db'>,
  actor: Actor,
  runId: string,
  { after = 0, limit = 200 }: { after?: number; limit?: number } = {},
): Promise<{ items: RunEventView[]; nextCursor: string | null }> {
  const run = await readableRun(core.db, actor, runId)
  const hidesOutputs = await isWithheld(core.db, run.row)
  const rows = await listEventsOf.all(core.db, { subject: runId, after, limit: limit + 1 })
  const items = rows.slice(0, limit).map((row) => ({
    seq: row.seq,
    at: new Date(row.at_ms).toISOString(),
    type: row.type,
    actor: row.actor,
    handle: row.handle,
    details: detailsOf(row.details_json, hidesOutputs),
  }))
  return { items, nextCursor: rows.length > limit ? String(items.at(-1)?.seq) : null }
}

/** What a step brought stands in its event as well, and in those of the steps that took it up. */
function detailsOf(json: string, hidesOutputs: boolean): JsonObject {
  const details = JSON.parse(json) as JsonObject
  if (!hidesOutputs) return details
  const { output: _, input: __, ...rest } = details
  return rest
}

/** The run that is meant when no id is given: the one live run of the context, or the newest of several. */
export async function runMeant(on: Reader, actor: Actor, which: 'live' | 'newest'): Promise<string> {
  const context = contextKey(actor.context)
  if (which === 'live') {
    const live = await listLiveRuns.all(on, { context, limit: 2 })
    if (live.length === 0) throw new AppError('not_found', 'Nothing is running here.')
    const own = live.filter(({ account_id }) => account_id === actor.accountId)
    const [only] = own.length > 0 ? own : live
    if (only && (own.length === 1 || live.length === 1)) return only.id
    throw new AppError('conflict', 'Several runs are going on. Press Stop on the card of the one you mean.')
  }
  const [newest] = await listRuns(on, { contexts: [context], accountId: actor.accountId, limit: 1 })
  if (!newest) throw new AppError('not_found', 'You have not run anything here yet. /jobs shows what there is.')
  return newest.id
}
