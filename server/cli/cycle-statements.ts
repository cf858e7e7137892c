import type { Reader } from '#db/db.ts'
import { query, statement } from '#db/statement.ts'

/** What is to be done and that nobody is at. */
export interface DueWork {
  runs: number
  messages: number
  schedules: number
}

/** Runs and schedules that are due by now; messages of channels that this process can reach, due by `messagesByMs`. */
export async function countDueWork(
  on: Reader,
  { channels, nowMs, messagesByMs }: { channels: readonly string[]; nowMs: number; messagesByMs: number },
): Promise<DueWork> {
  const [counts] = await query(on, (q) =>
    q.selectNoFrom((from) => [
      from
        .selectFrom('work_item')
        .select((row) => row.fn.countAll<number>().as('n'))
        .where('kind', '=', 'run')
        .where('token', 'is', null)
        .where('run_at_ms', '<=', nowMs)
        .as('runs'),
      from
        .selectFrom('work_item')
        .select((row) => row.fn.countAll<number>().as('n'))
        .where('kind', 'in', ['inbox', 'outbox'])
        .where('fair_group', 'in', [...channels])
        .where('token', 'is', null)
        .where('run_at_ms', '<=', messagesByMs)
        .as('messages'),
      from
        .selectFrom('schedule')
        .select((row) => row.fn.countAll<number>().as('n'))
        .where('next_at_ms', 'is not', null)
        .where('next_at_ms', '<=', nowMs)
        .as('schedules'),
    ]),
  )
  const number = (value: number | null | undefined): number => Number(value ?? 0)
  return {
    runs: number(counts?.runs),
    messages: number(counts?.messages),
    schedules: number(counts?.schedules),
  }
}

/** What came to an end from a moment on, and how. Messages that cannot be delivered have no time; they are counted in all. */
export const countOutcomes = statement((q, p: { sinceMs: number }) =>
  q.selectNoFrom((from) => [
    from
      .selectFrom('run')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('finished_at_ms', '>=', p.sinceMs)
      .as('runs_ended'),
    from
      .selectFrom('run')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('finished_at_ms', '>=', p.sinceMs)
      .where('status', 'in', ['failed', 'payment_failed'])
      .as('runs_failed'),
    from
      .selectFrom('inbox')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('handled_at_ms', '>=', p.sinceMs)
      .as('messages_handled'),
    from
      .selectFrom('inbox')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('handled_at_ms', '>=', p.sinceMs)
      .where('status', '=', 'failed')
      .as('messages_failed'),
    from
      .selectFrom('outbox')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('sent_at_ms', '>=', p.sinceMs)
      .as('messages_sent'),
    from
      .selectFrom('outbox')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('status', '=', 'undelivered')
      .as('undelivered'),
    from
      .selectFrom('schedule_fire')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('at_ms', '>=', p.sinceMs)
      .where('status', '=', 'started')
      .as('fires_started'),
    from
      .selectFrom('schedule_fire')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('at_ms', '>=', p.sinceMs)
      .where('status', '=', 'skipped')
      .as('fires_skipped'),
    from
      .selectFrom('schedule_fire')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('at_ms', '>=', p.sinceMs)
      .where('status', '=', 'missed')
      .as('fires_missed'),
  ]),
)
