import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { decodeIntegers, isMoneyColumn } from './codec.ts'
import {
  type ChangeListener,
  type Db,
  type Executed,
  type Executor,
  executor,
  type Preparable,
  type WriteBody,
} from './db.ts'
import { GroupCommit } from './group-commit.ts'

export interface SqliteOptions {
  /** FULL survives a power cut; OFF is for tests only. */
  synchronous?: 'FULL' | 'OFF'
  /** How often to look whether another process has written. */
  watchMs?: number
  /** Writes that may wait before new ones are refused. */
  maxWaiting?: number
}

const TEXT_CACHE_SIZE = 500

/** Opens a file in WAL mode: one connection that writes, in groups, and one that only reads. */
export function openSqlite(path: string, options: SqliteOptions = {}): Db {
  mkdirSync(dirname(path), { recursive: true })
  const writer = new Database(path)
  // The order matters: WAL first, so that the reader finds it.
  writer.pragma('journal_mode = WAL')
  writer.pragma(`synchronous = ${options.synchronous ?? 'FULL'}`)
  writer.pragma('foreign_keys = ON')
  writer.pragma('busy_timeout = 5000')
  // Savepoints keep their undo log here; in memory a group commit is twice as fast.
  writer.pragma('temp_store = memory')
  writer.pragma('cache_size = -32000')
  writer.pragma('wal_autocheckpoint = 4000')
  const reader = new Database(path, { readonly: true })
  reader.pragma('busy_timeout = 5000')
  reader.pragma('temp_store = memory')
  return new SqliteDb(writer, reader, options)
}

class SqliteDb implements Db {
  readonly dialect = 'sqlite'
  readonly [executor]: Executor
  readonly #writer: Database.Database
  readonly #reader: Database.Database
  readonly #commits: GroupCommit
  readonly #listeners = new Set<ChangeListener>()
  readonly #watch: NodeJS.Timeout
  #dataVersion: unknown

  constructor(writer: Database.Database, reader: Database.Database, options: SqliteOptions) {
    this.#writer = writer
    this.#reader = reader
    this[executor] = new ReadExecutor(writer, reader)
    this.#commits = new GroupCommit(writer, new SqliteExecutor(writer), () => this.#changed('here'), options.maxWaiting)
    this.#dataVersion = this.#readDataVersion()
    this.#watch = setInterval(() => this.#noticeOthers(), options.watchMs ?? 400)
    this.#watch.unref()
  }

  write<T>(body: WriteBody<T>): Promise<T> {
    return this.#commits.write(body)
  }

  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    clearInterval(this.#watch)
    await this.#commits.close()
    this.#reader.close()
    this.#writer.close()
  }

  // data_version of a connection moves when any other connection committed, never by its own commits.
  #readDataVersion(): unknown {
    return this.#writer.pragma('data_version', { simple: true })
  }

  #noticeOthers(): void {
    const version = this.#readDataVersion()
    if (version === this.#dataVersion) return
    this.#dataVersion = version
    this.#changed('elsewhere')
  }

  #changed(origin: 'here' | 'elsewhere'): void {
    for (const listener of this.#listeners) listener(origin)
  }
}

interface Prepared {
  statement: Database.Statement<unknown[]>
  /** Columns that may hold integers to be turned from bigint; empty when the result holds no money. */
  integerColumns: string[]
}

/**
 * Reads what is committed. Between two batches that is what the writing connection sees, and it alone still has the pages
 * in its cache: every commit empties the other one's. While a batch is open, the connection that only reads answers.
 */
class ReadExecutor implements Executor {
  readonly dialect = 'sqlite'
  readonly #writer: Database.Database
  readonly #warm: SqliteExecutor
  readonly #apart: SqliteExecutor

  constructor(writer: Database.Database, reader: Database.Database) {
    this.#writer = writer
    this.#warm = new SqliteExecutor(writer, { readsOnly: true })
    this.#apart = new SqliteExecutor(reader)
  }

  execute(statement: Preparable, values: unknown[]): Executed {
    return this.#now().execute(statement, values)
  }

  executeText(sql: string, values: readonly unknown[]): Executed {
    return this.#now().executeText(sql, values)
  }

  #now(): SqliteExecutor {
    return this.#writer.inTransaction ? this.#apart : this.#warm
  }
}

class SqliteExecutor implements Executor {
  readonly dialect = 'sqlite'
  readonly #connection: Database.Database
  readonly #readsOnly: boolean
  readonly #byId: (Prepared | undefined)[] = []
  readonly #byText = new Map<string, Prepared>()

  constructor(connection: Database.Database, { readsOnly = false }: { readsOnly?: boolean } = {}) {
    this.#connection = connection
    this.#readsOnly = readsOnly
  }

  execute(statement: Preparable, values: unknown[]): Executed {
    const prepared = (this.#byId[statement.id] ??= this.#prepare(statement.sql('sqlite')))
    return run(prepared, values)
  }

  executeText(sql: string, values: readonly unknown[]): Executed {
    let prepared = this.#byText.get(sql)
    if (!prepared) {
      if (this.#byText.size >= TEXT_CACHE_SIZE) this.#byText.clear()
      prepared = this.#prepare(sql)
      this.#byText.set(sql, prepared)
    }
    return run(prepared, values)
  }

  #prepare(sql: string): Prepared {
    const statement = this.#connection.prepare<unknown[]>(sql)
    if (this.#readsOnly && !statement.readonly) throw new Error(`What writes belongs into db.write: ${sql}`)
    const columns = statement.reader ? statement.columns() : []
    const hasMoney = columns.some(({ name }) => isMoneyColumn(name))
    if (hasMoney) statement.safeIntegers(true)
    // Money is a bigint as it comes; what is text by its table holds no integers.
    const others = columns.filter(({ name, type }) => !isMoneyColumn(name) && type !== 'TEXT')
    return { statement, integerColumns: hasMoney ? others.map(({ name }) => name) : [] }
  }
}

function run({ statement, integerColumns }: Prepared, values: readonly unknown[]): Executed {
  if (!statement.reader) return { rows: [], changes: statement.run(...values).changes }
  const rows = statement.all(...values) as Record<string, unknown>[]
  if (integerColumns.length > 0) decodeIntegers(rows, integerColumns, 'bigint')
  return { rows, changes: rows.length }
}
