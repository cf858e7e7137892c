import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { inject } from 'vitest'
import type { Db, Dialect } from '#db/db.ts'
import { migrateDown, migrateUp } from '#db/migrate.ts'
import { openDatabase } from '#db/open.ts'

/** Everything that touches the database is tested on both: `describe.each(DIALECTS)('… on %s', (dialect) => …)`. */
export const DIALECTS: Dialect[] = ['sqlite', 'postgres']

/** For what plays whole programs for a minute, and whose parts are tested on both: `npm run test:long` has it on both as well. */
export const WHOLE_DIALECTS: Dialect[] = process.env.LONG_PROOFS === '1' ? DIALECTS : ['sqlite']

export interface TestDatabase {
  db: Db
  url: string
  /** Closes and removes it. */
  drop(): Promise<void>
}

let databases = 0

/** A new, migrated, empty database. */
export async function createDatabase(dialect: Dialect): Promise<TestDatabase> {
  const { url, remove } = dialect === 'sqlite' ? await sqliteFile() : await postgresDatabase()
  // Tests do not pull the plug; the crash tests open their own with FULL.
  const db = await openDatabase(url, { synchronous: 'OFF', watchMs: 50 })
  return {
    db,
    url,
    async drop() {
      await db.close()
      await remove()
    },
  }
}

/** Takes every migration back: as a database is on a new machine. */
export async function undoMigrations(url: string): Promise<void> {
  while ((await migrateDown(url, 0)).reverted.length > 0);
}

/** Migrated once for each process that runs tests; each database is a copy of it. */
let migrated: Promise<string> | undefined

async function migratedFile(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-test-'))
  const path = join(directory, 'muster.db')
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  await migrateUp(`sqlite:${path}`, 0)
  return path
}

async function sqliteFile(): Promise<{ url: string; remove(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-test-'))
  copyFileSync(await (migrated ??= migratedFile()), join(directory, 'muster.db'))
  return {
    url: `sqlite:${join(directory, 'muster.db')}`,
    remove: async () => rmSync(directory, { recursive: true, force: true }),
  }
}

async function postgresDatabase(): Promise<{ url: string; remove(): Promise<void> }> {
  const serverUrl = inject('postgresUrl')
  const name = `test_${process.pid}_${++databases}_${Math.random().toString(36).slice(2, 8)}`
  await onServer(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${inject('postgresTemplate')} STRATEGY FILE_COPY`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, remove: () => onServer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`) }
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}
