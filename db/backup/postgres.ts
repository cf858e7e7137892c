import type pg from 'pg'
import { MIGRATION_LOCK } from '../migrate.ts'
import { afterRestore } from './after-restore.ts'
import { COUNTS } from './counts.ts'
import { BackupError, type Manifest } from './manifest.ts'
import { restoreThrough, runTool, type ToolPlace } from './postgres-tools.ts'
import { checkCounts, inUse, type Taken } from './sqlite.ts'

/** Dumps a database that others go on writing to, as it is at one moment, with counts of that same moment. */
export async function dumpPostgres(url: string, to: string, place: ToolPlace): Promise<Taken> {
  return withClient(url, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const [{ snapshot }] = (await client.query('SELECT pg_export_snapshot() AS snapshot')).rows as [
      { snapshot: string },
    ]
    const taken = await lookAt(client)
    // What pg-boss keeps only wakes workers, and is made anew; old databases that were put aside stay where they are.
    await runTool(place, url, 'pg_dump', [
      '--format=custom',
      '--schema=public',
      `--snapshot=${snapshot}`,
      `--file=${to}`,
    ])
    await client.query('COMMIT')
    return taken
  })
}

/**
 * Fills an empty database with a dump; with `isForced` also one with something in it, of which everything stays in a schema of the
 * name that is returned. All of it happens in one transaction: whoever dies in between has changed nothing. Nobody can
 * start meanwhile, and nobody may be connected.
 */
export async function fillPostgres(
  url: string,
  dump: string,
  place: ToolPlace,
  { manifest, nowMs }: { manifest: Manifest; nowMs: number },
): Promise<string | undefined> {
  return withClient(url, async (client) => {
    // Who starts now waits here, as for a migration.
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK])
    await refuseOthers(client)
    const isEmpty = await hasNoTables(client)
    const aside = isEmpty ? undefined : `before_restore_${nowMs}`
    await restoreThrough(place, url, dump, {
      before: aside ? [`ALTER SCHEMA public RENAME TO ${aside}`, 'CREATE SCHEMA public'] : ['SELECT 1'],
      after: ['SET search_path TO public', ...afterRestore('postgres', { takenAtMs: manifest.takenAtMs, nowMs })],
    })
    await client.query('SET search_path TO public')
    const { counts } = await lookAt(client)
    checkCounts(counts, manifest)
    return aside
  })
}

export const isPostgresEmpty = (url: string): Promise<boolean> => withClient(url, hasNoTables)

async function hasNoTables(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1")
  return rows.length === 0
}

async function refuseOthers(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND backend_type = 'client backend' LIMIT 1`,
  )
  if (rows.length > 0) throw inUse()
}

async function lookAt(client: pg.Client): Promise<Taken> {
  const counts: Record<string, number> = {}
  for (const [name, sql] of Object.entries(COUNTS)) counts[name] = Number((await client.query(sql)).rows[0]?.n)
  const { rows } = await client.query('SELECT name FROM migration ORDER BY name')
  return { migrations: rows.map(({ name }) => String(name)), counts }
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const { default: driver } = await import('pg')
  const client = new driver.Client({ connectionString: url })
  await client.connect().catch((error: Error) => {
    throw new BackupError('unreachable', `The database cannot be reached: ${error.message}`)
  })
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
