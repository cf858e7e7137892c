import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemClock } from '#core/clock.ts'
import { migrateUp, pendingMigrations } from '#db/migrate.ts'
import { init } from '#db/migrations/0001-init.ts'
import type { Config } from '../config.ts'
import { CliError } from './output.ts'

const SQLITE = 'sqlite:'

/** The file of an SQLite database; undefined on Postgres. */
export const fileOf = (databaseUrl: string): string | undefined =>
  databaseUrl.startsWith(SQLITE) ? databaseUrl.slice(SQLITE.length) : undefined

/** A new SQLite database needs a folder to be in. */
export function makeFolder({ databaseUrl }: Pick<Config, 'databaseUrl'>): void {
  const file = fileOf(databaseUrl)
  if (file !== undefined) mkdirSync(dirname(file), { recursive: true })
}

/** True before anything was ever put in: there is no file, or no schema in the database. */
export async function isEmpty({ databaseUrl }: Pick<Config, 'databaseUrl'>): Promise<boolean> {
  const file = fileOf(databaseUrl)
  if (file !== undefined && !existsSync(file)) return true
  return (await pendingMigrations(databaseUrl)).includes(init.name)
}

/** An empty database gets its schema; one with data in it is only changed by who means to. */
export async function ensureMigrated(config: Pick<Config, 'databaseUrl'>): Promise<void> {
  makeFolder(config)
  const missing = await pendingMigrations(config.databaseUrl)
  if (missing.length === 0) return
  if (missing.includes(init.name)) return void (await migrateUp(config.databaseUrl, systemClock.nowMs()))
  const what = missing.length === 1 ? 'a migration' : `${missing.length} migrations`
  throw new CliError('migrations_pending', `The database lacks ${what}. Run: npm run muster -- migrate`)
}

/** As it may be shown: without user and password. */
export function shownUrl(databaseUrl: string): string {
  if (fileOf(databaseUrl) !== undefined || !URL.canParse(databaseUrl)) return databaseUrl
  const { protocol, host, pathname } = new URL(databaseUrl)
  return `${protocol}//${host}${pathname}`
}
