import { sql } from 'kysely'
import { statement } from './statement.ts'

type None = Record<never, never>

/** What is in the queue by kind: of all, what is due and untaken with the time of its oldest, and what somebody is at. */
export const measureWork = statement((q, p: { nowMs: number }) =>
  q
    .selectFrom('work_item')
    .select([
      'kind',
      sql<number>`count(*)`.as('items'),
      sql<number>`sum(case when token is null and run_at_ms <= ${p.nowMs} then 1 else 0 end)`.as('due'),
      sql<number | null>`min(case when token is null and run_at_ms <= ${p.nowMs} then run_at_ms end)`.as(
        'oldest_at_ms',
      ),
      sql<number>`sum(case when token is null then 0 else 1 end)`.as('taken'),
    ])
    .groupBy('kind'),
)

/** Runs that have not ended, by status; how many of each hold money, and since when the oldest of those. */
export const measureRuns = statement((q, _: None) =>
  q
    .selectFrom('run')
    .select([
      'status',
      sql<number>`count(*)`.as('runs'),
      sql<number | null>`min(case when held_micros > 0 then created_at_ms end)`.as('oldest_hold_at_ms'),
    ])
    .where('finished_at_ms', 'is', null)
    .groupBy('status'),
)

/** Written out, not bound: only so does SQLite see that the partial indexes serve. */
const isNew = sql<boolean>`status = 'new'`
const isWaiting = sql<boolean>`status in ('new', 'sending')`

/** Messages that came in and are not handled, and that are to go out and have not. */
export const measureMessages = statement((q, _: None) =>
  q
    .selectFrom('inbox')
    .select([
      sql<string>`'in'`.as('way'),
      'channel',
      sql<number>`count(*)`.as('messages'),
      sql<number>`min(received_at_ms)`.as('oldest_at_ms'),
    ])
    .where(isNew)
    .groupBy('channel')
    .unionAll(
      q
        .selectFrom('outbox')
        .select([
          sql<string>`'out'`.as('way'),
          'channel',
          sql<number>`count(*)`.as('messages'),
          sql<number>`min(created_at_ms)`.as('oldest_at_ms'),
        ])
        .where(isWaiting)
        .groupBy('channel'),
    ),
)

/** What is held, leases, and what is due by the clock. */
export const measureRest = statement((q, p: { nowMs: number }) =>
  q.selectNoFrom((on) => [
    on.selectFrom('ledger_account').select(sql<bigint>`coalesce(sum(posted_micros), 0)`.as('micros')).as('sum_micros'),
    on
      .selectFrom('ledger_account')
      .select(sql<bigint>`coalesce(sum(pending_micros), 0)`.as('micros'))
      .as('held_micros'),
    on.selectFrom('lease').select(sql<number>`count(*)`.as('n')).where('released_at_ms', 'is', null).as('leases'),
    on
      .selectFrom('board_lease')
      .select(sql<number>`count(*)`.as('n'))
      .where('released_at_ms', 'is', null)
      .as('board_leases'),
    on.selectFrom('schedule').select(sql<number>`count(*)`.as('n')).where('next_at_ms', 'is not', null).as('schedules'),
    on
      .selectFrom('schedule')
      .select(sql<number | null>`min(next_at_ms)`.as('at'))
      .where('next_at_ms', 'is not', null)
      .where('next_at_ms', '<=', p.nowMs)
      .as('oldest_fire_at_ms'),
  ]),
)

/** How many transfers there are, counted no further than that. */
export const countTransfersUpTo = statement((q, p: { most: number }) =>
  q
    .selectFrom(q.selectFrom('transfer').select('id').limit(p.most).as('some'))
    .select((row) => row.fn.countAll<number>().as('transfers')),
)
