import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import pg from 'pg'
import type { Dialect } from '#db/db.ts'
import type { Schema } from '#db/schema.ts'

/** An integer column is a bigint where it is money and a number elsewhere; a counting key is always there. */
type Plain<Table> = {
  [Column in keyof Table]: Table[Column] extends { __select__: infer Selected } ? Selected : Table[Column]
}
type Rows<Name extends keyof Schema> = Plain<Schema[Name]>[]

const TABLES = [
  'account',
  'identity',
  'ledger_account',
  'transfer',
  'entry',
  'usage_counter',
  'run',
  'run_step',
  'artifact',
  'event',
  'work_item',
  'inbox',
  'outbox',
  'team',
  'membership',
  'callback',
] as const satisfies readonly (keyof Schema)[]

/** Everything the checks look at, as it is stored. */
export type Tables = { [Name in (typeof TABLES)[number]]: Rows<Name> } & {
  /** What SQLite says of its own file; `ok` on Postgres. */
  integrity: string
  /** Items that the queue beneath has not done with; only on Postgres is there one. */
  queued: number
}

/** What a process left behind, counted. */
export interface Backlog {
  /** Updates stored and not handled. */
  inbox: number
  /** Runs that have not ended. */
  runs: number
  /** Messages and cards that wait to go out. */
  outbox: number
  /** Those of them of which nobody knows whether they went out. */
  sending: number
  /** Items of work: waiting, or claimed by somebody. */
  work: number
  claimed: number
  /** Updates ever stored. */
  stored: number
}

const BACKLOG = `SELECT
  (SELECT count(*) FROM inbox WHERE status = 'new') AS inbox,
  (SELECT count(*) FROM run WHERE finished_at_ms IS NULL) AS runs,
  (SELECT count(*) FROM outbox WHERE status IN ('new', 'sending')) AS outbox,
  (SELECT count(*) FROM outbox WHERE status = 'sending') AS sending,
  (SELECT count(*) FROM work_item) AS work,
  (SELECT count(*) FROM work_item WHERE token IS NOT NULL) AS claimed,
  (SELECT count(*) FROM inbox) AS stored`

const DELIVERIES = 'SELECT delivery_id FROM inbox ORDER BY seq'

/** Calls that are due; those for later times are about work that may be done by then. */
const QUEUED = `SELECT count(*) AS queued FROM pgboss.job
  WHERE name = 'call' AND state IN ('created', 'retry', 'active') AND start_after <= now()`

/** An empty database for the real program, and our own eyes on it: no code of the program is used to read it. */
export interface CrashDatabase {
  dialect: Dialect
  url: string
  /** Undefined while there is no schema yet. */
  backlog(): Promise<Backlog | undefined>
  /** Delivery ids of all updates that are stored, in the order in which they came. */
  deliveries(): Promise<string[]>
  tables(): Promise<Tables>
  /** True when the database would not have it. Nothing is changed in any case. */
  refuses(sql: string): Promise<boolean>
  remove(): Promise<void>
}

export function sqliteDatabase(directory = mkdtempSync(join(tmpdir(), 'muster-crash-'))): CrashDatabase {
  const path = join(directory, 'muster.db')
  return {
    dialect: 'sqlite',
    url: `sqlite:${path}`,
    backlog: async () => withSqlite(path, (db) => rowsOf(db, BACKLOG)[0] as unknown as Backlog).catch(() => undefined),
    deliveries: () => withSqlite(path, (db) => rowsOf(db, DELIVERIES).map(deliveryOf)),
    tables: () => withSqlite(path, readSqlite),
    refuses: async (sql) => sqliteRefuses(path, sql),
    remove: async () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** Never open across a kill: whoever starts next must recover the file by itself. */
async function withSqlite<T>(path: string, use: (db: Database.Database) => T): Promise<T> {
  const db = new Database(path, { readonly: true })
  try {
    return use(db)
  } finally {
    db.close()
  }
}

function sqliteRefuses(path: string, sql: string): boolean {
  const db = new Database(path)
  try {
    db.exec('BEGIN IMMEDIATE')
    db.exec(sql)
    return false
  } catch {
    return true
  } finally {
    if (db.inTransaction) db.exec('ROLLBACK')
    db.close()
  }
}

export function readSqlite(db: Database.Database): Tables {
  const tables = Object.fromEntries(TABLES.map((name) => [name, rowsOf(db, `SELECT * FROM ${name}`)]))
  return {
    ...tables,
    integrity: String(db.pragma('integrity_check', { simple: true })),
    queued: 0,
  } as unknown as Tables
}

const rowsOf = (db: Database.Database, sql: string): Row[] =>
  (db.prepare(sql).safeIntegers(true).all() as Row[]).map(decode)

export async function postgresDatabase(serverUrl: string): Promise<CrashDatabase> {
  const name = `crash_${process.pid}_${Math.random().toString(36).slice(2, 8)}`
  await withPostgres(serverUrl, (client) => client.query(`CREATE DATABASE ${name}`))
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const ask = (sql: string): Promise<Row[]> =>
    withPostgres(url.href, async (client) => (await client.query<Row>(sql)).rows.map(decode))
  return {
    dialect: 'postgres',
    url: url.href,
    backlog: async () => {
      const [[backlog], [queue]] = await Promise.all([ask(BACKLOG), ask(QUEUED)]).catch(() => [[], []])
      if (!backlog || !queue) return undefined
      return { ...(backlog as unknown as Backlog), work: Math.max(Number(backlog.work), Number(queue.queued)) }
    },
    deliveries: async () => (await ask(DELIVERIES)).map(deliveryOf),
    async tables() {
      const tables: Record<string, unknown> = { integrity: 'ok', queued: (await ask(QUEUED))[0]?.queued }
      for (const table of TABLES) tables[table] = await ask(`SELECT * FROM ${table}`)
      return tables as unknown as Tables
    },
    refuses: (sql) =>
      withPostgres(url.href, async (client) => {
        await client.query('BEGIN')
        const refused = await client.query(sql).then(
          () => false,
          () => true,
        )
        await client.query('ROLLBACK')
        return refused
      }),
    remove: async () =>
      void (await withPostgres(serverUrl, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`))),
  }
}

const INT8 = 20

async function withPostgres<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  client.setTypeParser(INT8, (text: string) => BigInt(text))
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

type Row = Record<string, unknown>

const deliveryOf = ({ delivery_id }: Row): string => String(delivery_id)

const decode = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'bigint' && !name.endsWith('_micros') ? Number(value) : value,
    ]),
  )
