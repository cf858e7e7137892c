import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { type Dialect, executor, type Reader } from './db.ts'
import { init } from './migrations/0001-init.ts'
import { outbound } from './migrations/0002-outbound.ts'
import { addReviews } from './migrations/0003-reviews.ts'
import { funds } from './migrations/0004-funds.ts'
import { variants } from './migrations/0005-variants.ts'
import { schedules } from './migrations/0006-schedules.ts'
import { processes } from './migrations/0007-processes.ts'
import { upkeep } from './migrations/0008-upkeep.ts'
import { chatHistory } from './migrations/0009-chat-history.ts'
import { addForms } from './migrations/0010-forms.ts'
import { notifications } from './migrations/0011-notifications.ts'
import { board } from './migrations/0012-board.ts'
import { connections } from './migrations/0013-connections.ts'
import { api } from './migrations/0014-api.ts'
import { signIn } from './migrations/0015-sign-in.ts'
import { triggers } from './migrations/0016-triggers.ts'
import { taskTemplates } from './migrations/0017-mcp.ts'
import { agents } from './migrations/0018-agents.ts'
import { models } from './migrations/0019-models.ts'
import { policy } from './migrations/0020-policy.ts'
import { agentRun } from './migrations/0021-agent-run.ts'
import { agentMemory } from './migrations/0022-agent-memory.ts'
import { plans } from './migrations/0023-plans.ts'
import { words } from './migrations/0024-words.ts'
import { email } from './migrations/0025-email.ts'
import { memoryOrigin } from './migrations/0026-memory-origin.ts'
import { blobPieces } from './migrations/0027-blob-pieces.ts'
import type { Migration } from './migrations/migration.ts'

/** Every migration, oldest first. Named here, never found by scanning a folder. */
const MIGRATIONS: readonly Migration[] = [
  init,
  outbound,
  addReviews,
  funds,
  variants,
  schedules,
  processes,
  upkeep,
  chatHistory,
  addForms,
  notifications,
  board,
  connections,
  api,
  signIn,
  triggers,
  taskTemplates,
  agents,
  models,
  policy,
  agentRun,
  agentMemory,
  plans,
  words,
  email,
  memoryOrigin,
  blobPieces,
]

const WORDS: Record<Dialect, Record<string, string>> = {
  sqlite: {
    int: 'INTEGER',
    id: 'INTEGER PRIMARY KEY',
    blob: 'BLOB',
    table: ' STRICT',
    keyed: ' STRICT, WITHOUT ROWID',
  },
  postgres: {
    int: 'BIGINT',
    id: 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
    blob: 'BYTEA',
    table: '',
    keyed: '',
  },
}

/** One name for the migration lock on a Postgres server; any number that nothing else uses. */
export const MIGRATION_LOCK = 7_301_942

export interface Migrated {
  applied: string[]
  reverted: string[]
  /** Copy made before anything was changed (SQLite with data in it). */
  backup?: string
}

/** Brings the database up to the newest schema, each migration in a transaction of its own. Nothing to do is fine. */
export function migrateUp(url: string, nowMs: number): Promise<Migrated> {
  return withMigrator(url, async (migrator) => {
    const done = new Set(await migrator.applied())
    const missing = MIGRATIONS.filter(({ name }) => !done.has(name))
    if (missing.length === 0) return { applied: [], reverted: [] }
    const backup = done.size > 0 ? migrator.backup(nowMs) : undefined
    const applied: string[] = []
    for (const { name, up } of missing) {
      const list = [...statements(up, migrator.dialect), `INSERT INTO migration VALUES ('${name}', ${nowMs})`]
      // Another process may have been first since we looked.
      if (await migrator.apply(list, (done) => !done.includes(name))) applied.push(name)
    }
    return { applied, reverted: [], ...(backup ? { backup } : {}) }
  })
}

/** Takes the newest applied migration back, after a copy. */
export function migrateDown(url: string, nowMs: number): Promise<Migrated> {
  return withMigrator(url, async (migrator) => {
    const done = await migrator.applied()
    const last = MIGRATIONS.findLast(({ name }) => done.includes(name))
    if (!last) return { applied: [], reverted: [] }
    const backup = migrator.backup(nowMs)
    const list = [...statements(last.down, migrator.dialect), `DELETE FROM migration WHERE name = '${last.name}'`]
    await migrator.apply(list, (applied) => applied.includes(last.name))
    return { applied: [], reverted: [last.name], ...(backup ? { backup } : {}) }
  })
}

/** Names of migrations that are not applied yet. */
export function pendingMigrations(url: string): Promise<string[]> {
  return withMigrator(url, async (migrator) => {
    const done = await migrator.applied()
    return MIGRATIONS.map(({ name }) => name).filter((name) => !done.includes(name))
  })
}

/** Those of a list that this program does not know: they were made by a newer one. */
export const unknownMigrations = (names: readonly string[]): string[] =>
  names.filter((name) => !MIGRATIONS.some((known) => known.name === name))

/** The same on an open database that was migrated once, without waiting for whoever migrates it now. */
export async function missingMigrations(on: Reader): Promise<string[]> {
  const { rows } = await on[executor].executeText('SELECT name FROM migration', [])
  const done = new Set(rows.map(({ name }) => name))
  return MIGRATIONS.map(({ name }) => name).filter((name) => !done.has(name))
}

function statements(part: Migration['up'], dialect: Dialect): string[] {
  return part(dialect)
    .map((sql) => sql.replace(/\{(\w+)\}/g, (_, word: string) => WORDS[dialect][word] ?? word).trim())
    .filter(Boolean)
}

interface Migrator {
  dialect: Dialect
  applied(): Promise<string[]>
  /** In one transaction, when it is still needed by then; false when it was not. */
  apply(statements: string[], isNeeded: (applied: string[]) => boolean): Promise<boolean>
  backup(nowMs: number): string | undefined
}

const CREATE = `CREATE TABLE IF NOT EXISTS migration (name TEXT NOT NULL PRIMARY KEY, at_ms {int} NOT NULL){table}`

function withMigrator<T>(url: string, use: (migrator: Migrator) => Promise<T>): Promise<T> {
  return url.startsWith('sqlite:') ? withSqlite(url.slice('sqlite:'.length), use) : withPostgres(url, use)
}

async function withSqlite<T>(path: string, use: (migrator: Migrator) => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true })
  const db = new Database(path)
  try {
    db.pragma('journal_mode = WAL')
    db.pragma('busy_timeout = 10000')
    for (const sql of statements(() => [CREATE], 'sqlite')) db.exec(sql)
    const applied = () => db.prepare('SELECT name FROM migration ORDER BY name').pluck().all() as string[]
    return await use({
      dialect: 'sqlite',
      applied: async () => applied(),
      // Kysely gives SQLite no transaction around a migration; half of one would stay behind after a crash.
      apply: async (list, isNeeded) =>
        db
          .transaction(() => {
            if (!isNeeded(applied())) return false
            db.exec(list.join(';\n'))
            return true
          })
          .immediate(),
      backup: (nowMs) => {
        const copy = `${path}.before-${nowMs}`
        if (!existsSync(copy)) db.prepare('VACUUM INTO ?').run(copy)
        return copy
      },
    })
  } finally {
    db.close()
  }
}

async function withPostgres<T>(url: string, use: (migrator: Migrator) => Promise<T>): Promise<T> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    // Two nodes that start together: the second waits and then finds nothing to do.
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK])
    for (const sql of statements(() => [CREATE], 'postgres')) await client.query(sql)
    const applied = async (): Promise<string[]> =>
      (await client.query('SELECT name FROM migration ORDER BY name')).rows.map(({ name }) => name)
    return await use({
      dialect: 'postgres',
      applied,
      apply: async (list, isNeeded) => {
        if (!isNeeded(await applied())) return false
        await client.query('BEGIN')
        try {
          for (const sql of list) await client.query(sql)
          await client.query('COMMIT')
          return true
        } catch (error) {
          await client.query('ROLLBACK')
          throw error
        }
      },
      backup: () => undefined,
    })
  } finally {
    await client.end()
  }
}
