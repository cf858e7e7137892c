import type { Db } from './db.ts'
import { openPostgres, type PostgresOptions } from './postgres.ts'
import { openSqlite, type SqliteOptions } from './sqlite.ts'

/** `sqlite:./data/muster.db` or `postgres://user:password@host/name`. Does not migrate. */
export async function openDatabase(url: string, options: SqliteOptions & PostgresOptions = {}): Promise<Db> {
  if (url.startsWith('sqlite:')) return openSqlite(url.slice('sqlite:'.length), options)
  return openPostgres(url, options)
}
