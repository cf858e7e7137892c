import { executor, type Tx } from '#db/db.ts'
import { statement } from '#db/statement.ts'

/** Everybody who is not closed, oldest first. */
export const listAccounts = statement((q, _: Record<never, never>) =>
  q
    .selectFrom('account')
    .select(['id', 'handle', 'display_name', 'platform_role', 'created_at_ms'])
    .where('disabled_at_ms', 'is', null)
    .orderBy('created_at_ms')
    .orderBy('id'),
)

/** How much of everything there is, in one look. */
export const countEverything = statement((q, _: Record<never, never>) =>
  q.selectNoFrom((on) => [
    on
      .selectFrom('account')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('disabled_at_ms', 'is', null)
      .as('accounts'),
    on
      .selectFrom('account')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('disabled_at_ms', 'is', null)
      .where('platform_role', '=', 'admin')
      .as('admins'),
    on
      .selectFrom('team')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('deleted_at_ms', 'is', null)
      .as('teams'),
    on
      .selectFrom('run')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('finished_at_ms', 'is', null)
      .as('live_runs'),
    on
      .selectFrom('inbox')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('status', '=', 'new')
      .as('incoming'),
    on
      .selectFrom('outbox')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('status', 'in', ['new', 'sending'])
      .as('outgoing'),
    on
      .selectFrom('outbox')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('status', '=', 'undelivered')
      .as('undelivered'),
  ]),
)

/** What is still to come in one conversation, before everything that was said there is answered. */
export const countUnanswered = statement((q, p: { channel: string; conversation: string }) =>
  q.selectNoFrom((on) => [
    on
      .selectFrom('inbox')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('channel', '=', p.channel)
      .where('conversation', '=', p.conversation)
      .where('status', '=', 'new')
      .as('incoming'),
    on
      .selectFrom('outbox')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('channel', '=', p.channel)
      .where('conversation', '=', p.conversation)
      .where('status', 'in', ['new', 'sending'])
      .as('outgoing'),
  ]),
)

export const listLiveRunsIn = statement((q, p: { channel: string; conversation: string }) =>
  q
    .selectFrom('run')
    .select('id')
    .where('channel', '=', p.channel)
    .where('conversation', '=', p.conversation)
    .where('finished_at_ms', 'is', null),
)

export const newestEvent = statement((q, _: Record<never, never>) =>
  q.selectFrom('event').select((event) => event.fn.max('at_ms').as('at_ms')),
)

/** Really writes, for those who want to know whether one can; the caller throws, and nothing stays. */
export const insertProbe = statement((q, p: { key: string }) =>
  q.insertInto('setting').values({ key: p.key, value_json: 'null' }),
)

/** How safe a commit is when the power fails: `2` or `FULL` and above on SQLite, `on` on Postgres. */
export async function durabilityOf(tx: Tx): Promise<string> {
  const sql = tx.dialect === 'sqlite' ? 'PRAGMA synchronous' : 'SHOW synchronous_commit'
  const [row = {}] = (await tx[executor].executeText(sql, [])).rows
  return String(Object.values(row)[0] ?? '')
}
