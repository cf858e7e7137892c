import Database from 'better-sqlite3'
import pg from 'pg'

export type Row = Record<string, string | number | bigint | null>

/** Asks the database itself, past everything of ours. Sums of Postgres come as text, integers of SQLite as bigint. */
export async function askDatabase(url: string, sql: string): Promise<Row[]> {
  return url.startsWith('sqlite:') ? askSqlite(url.slice('sqlite:'.length), sql) : askPostgres(url, sql)
}

function askSqlite(path: string, sql: string): Row[] {
  const database = new Database(path, { readonly: true })
  try {
    return database.prepare(sql).safeIntegers().all() as Row[]
  } finally {
    database.close()
  }
}

async function askPostgres(connectionString: string, sql: string): Promise<Row[]> {
  const connection = new pg.Client({ connectionString })
  await connection.connect()
  try {
    return (await connection.query(sql)).rows as Row[]
  } finally {
    await connection.end()
  }
}
