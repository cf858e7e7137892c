import type { Db } from './db.ts'
import type { PostgresOptions } from './postgres.ts'
import { openSqlite, type SqliteOptions } from './sqlite.ts'

/**
 * `sqlite:./data/muster.db` or `postgres://user:password@host/name`. Does not migrate. What talks to Postgres is loaded only
 * where there is one: every start and every command line would wait for it.
 */
export async function openDatabase(url: string, options: SqliteOptions & PostgresOptions = {}): Promise<Db> {
  if (url.startsWith('sqlite:')) return openSqlite(url.slice('sqlite:'.length), options)
  const { openPostgres } = await import('./postgres.ts')
  return openPostgres(url, options)
}
