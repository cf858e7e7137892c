import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import pg from 'pg'
import { migrateUp } from '#db/migrate.ts'
import { startPostgres } from './postgres.ts'

const FOLDER = join(import.meta.dirname, '..', '..', 'db')
export const SNAPSHOTS = { sqlite: join(FOLDER, 'schema.sqlite.sql'), postgres: join(FOLDER, 'schema.postgres.sql') }

/** The schema of a migrated SQLite file, as SQLite itself remembers it. */
export async function photographSqlite(path: string): Promise<string> {
  await migrateUp(`sqlite:${path}`, 0)
  const db = new Database(path, { readonly: true })
  const rows = db
    .prepare(
      "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, name",
    )
    .pluck()
    .all() as string[]
  db.close()
  return `${rows.map((sql) => `${sql};`).join('\n\n')}\n`
}

const TABLES = `
  SELECT c.table_name, string_agg(
    '  ' || c.column_name || ' ' || c.data_type
    || CASE WHEN c.is_nullable = 'NO' THEN ' NOT NULL' ELSE '' END
    || CASE WHEN c.is_identity = 'YES' THEN ' GENERATED ' || c.identity_generation || ' AS IDENTITY' ELSE '' END,
    E',\\n' ORDER BY c.ordinal_position) AS columns
  FROM information_schema.columns c WHERE c.table_schema = 'public' GROUP BY c.table_name ORDER BY c.table_name`
const CONSTRAINTS = `
  SELECT conrelid::regclass::text AS table_name, conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1, 2`
const INDEXES = `
  SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace) ORDER BY indexname`
const TRIGGERS = `
  SELECT pg_get_triggerdef(t.oid) AS definition FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace ORDER BY t.tgname`

/** The schema of a Postgres database of ours, from its catalogue; pg-boss keeps its own beside it. */
export async function photographPostgres(url: string): Promise<string> {
  await migrateUp(url, 0)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const ask = async (sql: string) => (await client.query(sql)).rows
  const tables = (await ask(TABLES)).map((row) => `CREATE TABLE ${row.table_name} (\n${row.columns}\n);`)
  const constraints = (await ask(CONSTRAINTS)).map(
    (row) => `ALTER TABLE ${row.table_name} ADD CONSTRAINT ${row.conname} ${row.definition};`,
  )
  const indexes = (await ask(INDEXES)).map((row) => `${row.indexdef};`)
  const triggers = (await ask(TRIGGERS)).map((row) => `${row.definition};`)
  await client.end()
  return `${[...tables, constraints.join('\n'), indexes.join('\n'), triggers.join('\n')].join('\n\n')}\n`
}

/** `npm run db:snapshot`: writes both photographs anew, to be read in the change that made them differ. */
if (import.meta.main) {
  const { mkdtempSync, rmSync } = await import('node:fs')
  const { tmpdir } = await import('node:os')
  const directory = mkdtempSync(join(tmpdir(), 'muster-snapshot-'))
  writeFileSync(SNAPSHOTS.sqlite, await photographSqlite(join(directory, 'muster.db')))
  const postgres = await startPostgres()
  writeFileSync(SNAPSHOTS.postgres, await photographPostgres(postgres.url))
  await postgres.stop()
  rmSync(directory, { recursive: true, force: true })
}
