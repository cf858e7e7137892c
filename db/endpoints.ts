import { sql } from 'kysely'
import { statement } from './statement.ts'

/** Fails when the name is taken in its context. */
export const insertEndpoint = statement(
  (
    q,
    p: {
      id: string
      context: string
      name: string
      definitionJson: string
      sealed: string | null
      createdBy: string
      nowMs: number
    },
  ) =>
    q
      .insertInto('endpoint')
      .values({
        id: p.id,
        context: p.context,
        name: p.name,
        definition_json: p.definitionJson,
        sealed: p.sealed,
        created_by: p.createdBy,
        created_at_ms: p.nowMs,
        updated_at_ms: p.nowMs,
        breaker: 'closed',
        open_until_ms: 0,
        trial_until_ms: 0,
        failed_1_at_ms: 0,
        failed_2_at_ms: 0,
        failed_3_at_ms: 0,
        failed_4_at_ms: 0,
        failed_5_at_ms: 0,
      })
      .onConflict((conflict) => conflict.columns(['context', 'name']).doNothing()),
)

/** A changed endpoint gets a fresh start: what failed was perhaps what was mended. */
export const updateEndpoint = statement(
  (q, p: { id: string; name: string; definitionJson: string; sealed: string | null; nowMs: number }) =>
    q
      .updateTable('endpoint')
      .set({
        name: p.name,
        definition_json: p.definitionJson,
        sealed: p.sealed,
        updated_at_ms: p.nowMs,
        ...CLOSED,
      })
      .where('id', '=', p.id),
)

const CLOSED = {
  breaker: 'closed',
  open_until_ms: 0,
  trial_until_ms: 0,
  failed_1_at_ms: 0,
  failed_2_at_ms: 0,
  failed_3_at_ms: 0,
  failed_4_at_ms: 0,
  failed_5_at_ms: 0,
} as const

export const deleteEndpoint = statement((q, p: { id: string }) => q.deleteFrom('endpoint').where('id', '=', p.id))

export const findEndpoint = statement((q, p: { context: string; name: string }) =>
  q.selectFrom('endpoint').selectAll().where('context', '=', p.context).where('name', '=', p.name),
)

/** By its id or its name. */
export const findEndpointIn = statement((q, p: { context: string; id: string }) =>
  q
    .selectFrom('endpoint')
    .selectAll()
    .where('context', '=', p.context)
    .where((row) => row.or([row('id', '=', p.id), row('name', '=', p.id)])),
)

export const listEndpoints = statement((q, p: { context: string }) =>
  q.selectFrom('endpoint').selectAll().where('context', '=', p.context).orderBy('name'),
)

export const countEndpoints = statement((q, p: { context: string }) =>
  q
    .selectFrom('endpoint')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('context', '=', p.context),
)

/**
 * Makes the caller the one who tries an endpoint that rests: when its rest is over and nobody else tries it, or who did
 * has not come back. Of several at once one is.
 */
export const takeTrial = statement((q, p: { id: string; nowMs: number; trialUntilMs: number }) =>
  q
    .updateTable('endpoint')
    .set({ breaker: 'half_open', trial_until_ms: p.trialUntilMs })
    .where('id', '=', p.id)
    .where((row) =>
      row.or([
        row.and([row('breaker', '=', 'open'), row('open_until_ms', '<=', p.nowMs)]),
        row.and([row('breaker', '=', 'half_open'), row('trial_until_ms', '<=', p.nowMs)]),
      ]),
    ),
)

/** The trial went well. Who lost it meanwhile changes nothing. */
export const closeBreaker = statement((q, p: { id: string; trialUntilMs: number }) =>
  q
    .updateTable('endpoint')
    .set(CLOSED)
    .where('id', '=', p.id)
    .where('breaker', '=', 'half_open')
    .where('trial_until_ms', '=', p.trialUntilMs),
)

/** The trial failed: another rest. */
export const reopenBreaker = statement((q, p: { id: string; trialUntilMs: number; openUntilMs: number }) =>
  q
    .updateTable('endpoint')
    .set({ breaker: 'open', open_until_ms: p.openUntilMs, trial_until_ms: 0 })
    .where('id', '=', p.id)
    .where('breaker', '=', 'half_open')
    .where('trial_until_ms', '=', p.trialUntilMs),
)

/**
 * Notes a failure beside the four before it, and opens a closed breaker when all five lie in the window. One statement:
 * however many processes fail at once, each is counted, and the one that makes it five opens it. What fails when it is not
 * closed any more changes nothing and gives nothing.
 */
export const noteFailure = statement((q, p: { id: string; nowMs: number; sinceMs: number; openUntilMs: number }) =>
  q
    .updateTable('endpoint')
    .set({
      failed_1_at_ms: p.nowMs,
      failed_2_at_ms: sql<number>`failed_1_at_ms`,
      failed_3_at_ms: sql<number>`failed_2_at_ms`,
      failed_4_at_ms: sql<number>`failed_3_at_ms`,
      failed_5_at_ms: sql<number>`failed_4_at_ms`,
      breaker: sql<'open'>`case when failed_4_at_ms > cast(${p.sinceMs} as bigint) then 'open' else breaker end`,
      open_until_ms: sql<number>`case when failed_4_at_ms > cast(${p.sinceMs} as bigint)
        then cast(${p.openUntilMs} as bigint) else open_until_ms end`,
    })
    .where('id', '=', p.id)
    .where('breaker', '=', 'closed')
    .returning('breaker'),
)
