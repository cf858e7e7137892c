import { executor, type Reader } from './db.ts'
import { statement } from './statement.ts'

/** Any small read that needs the schema. */
export const countRows = statement((q, _: Record<never, never>) =>
  q
    .selectFrom('ledger_account')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('kind', '=', 'platform'),
)

export const findWork = statement((q, p: { key: string }) =>
  q.selectFrom('work_item').select('key').where('key', '=', p.key),
)

/** What the database's own clock says. SQLite has that of the machine it is on, which is ours. */
export async function databaseClockMs(on: Reader): Promise<number> {
  const sql =
    on.dialect === 'sqlite'
      ? "SELECT cast(unixepoch('subsec') * 1000 AS INTEGER) AS at"
      : 'SELECT cast(extract(epoch FROM clock_timestamp()) * 1000 AS bigint) AS at'
  const [row = {}] = (await on[executor].executeText(sql, [])).rows
  return Number(row.at)
}
