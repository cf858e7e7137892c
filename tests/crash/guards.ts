import type { Tables } from './database.ts'

/** Something the program never does. The database must refuse it all the same: it is what stands behind the program. */
export interface Attack {
  name: string
  /** Undefined when the story left nothing to attack. */
  sql(tables: Tables): string | undefined
}

/** What came of an attack, in a transaction that was undone in any case. */
export interface Guard {
  name: string
  refused: boolean
}

const quoted = (value: unknown): string => (value === null ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`)

/** The same row once more, with other values in some columns. */
function again(table: string, row: object | undefined, but: Record<string, unknown>): string | undefined {
  if (!row) return undefined
  const values = { ...row, ...but }
  return `INSERT INTO ${table} (${Object.keys(values)}) VALUES (${Object.values(values).map(quoted)})`
}

const change = (table: string, column: string): Attack => ({
  name: `a row of ${table} is changed`,
  sql: () => `UPDATE ${table} SET ${column} = ${column}`,
})
const remove = (table: string): Attack => ({ name: `a row of ${table} is removed`, sql: () => `DELETE FROM ${table}` })

export const ATTACKS: readonly Attack[] = [
  {
    name: 'a hold is resolved a second time',
    sql: ({ transfer }) =>
      again(
        'transfer',
        transfer.find(({ pending_id }) => pending_id !== null),
        { id: 'again' },
      ),
  },
  {
    name: 'a wallet sets aside more than it may',
    sql: ({ ledger_account }) => {
      const wallet = ledger_account.find(({ kind }) => kind === 'wallet')
      if (!wallet) return undefined
      const tooMuch = wallet.posted_micros + wallet.overdraft_floor_micros + 1n
      return `UPDATE ledger_account SET pending_micros = ${tooMuch} WHERE id = ${quoted(wallet.id)}`
    },
  },
  {
    name: 'a request starts a second run',
    sql: ({ run }) =>
      again(
        'run',
        run.find(({ idempotency_key }) => idempotency_key !== null),
        { id: 'run_again' },
      ),
  },
  {
    name: 'an update is stored a second time',
    sql: ({ inbox }) => again('inbox', inbox[0], { seq: 1_000_000_000 }),
  },
  change('transfer', 'amount_micros'),
  remove('transfer'),
  change('entry', 'amount_micros'),
  remove('entry'),
  change('event', 'type'),
  remove('event'),
]
