import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { BodyTx } from './body-tx.ts'
import {
  type ChangeListener,
  DatabaseBusyError,
  type Db,
  type Executor,
  executor,
  type Tx,
  type WriteBody,
  type WriteOptions,
} from './db.ts'
import { connectionTo, TransactionExecutor } from './postgres-executor.ts'
import { withPatience } from './postgres-patience.ts'
import { PipelinedReader } from './postgres-pipeline.ts'
import { TogetherWriter } from './postgres-together.ts'

export interface PostgresOptions {
  maxConnections?: number
  /** How often listeners are told to look even when nothing was heard: a safety net for lost notifications. */
  pollMs?: number
  maxWaiting?: number
}

const CHANNEL = 'muster_change'
const ANNOUNCE_MS = 50
/** Connections that are shared by reads, each with several on their way. */
const READ_LANES = 3
/**
 * How often a transaction is tried that failed so: serialization failure, deadlock; and a unique key that another
 * transaction took between our look and our insert: the next try sees its row. One that stays is a bug and is thrown.
 */
const MAX_TRIES: Record<string, number> = { '40001': 8, '40P01': 8, '23505': 2 }

/** Opens a pool. A write is one transaction, tried again on deadlocks; changes are heard through LISTEN. */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<Db> {
  const pool = new pg.Pool({ ...connectionTo(url), max: options.maxConnections ?? 10 })
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {})
  // So would one that breaks while it is lent out, between two statements.
  pool.on('connect', (client) => client.on('error', () => {}))
  const db = new PostgresDb(pool, url, options)
  await db.start()
  return db
}

class PostgresDb implements Db {
  readonly dialect = 'postgres'
  readonly [executor]: Executor
  readonly #pool: pg.Pool
  readonly #maxWaiting: number
  readonly #listeners = new Set<ChangeListener>()
  readonly #changes: Notifications
  readonly #together: TogetherWriter
  readonly #reader: PipelinedReader
  #announcement: NodeJS.Timeout | undefined

  constructor(pool: pg.Pool, url: string, options: PostgresOptions) {
    this.#pool = pool
    this.#maxWaiting = options.maxWaiting ?? 20_000
    this.#reader = new PipelinedReader(url, pool, READ_LANES)
    this[executor] = this.#reader
    this.#changes = new Notifications(url, options.pollMs ?? 1_000, () => this.#changed('elsewhere'))
    this.#together = new TogetherWriter({
      url,
      alone: (body) => this.#writeAlone(body),
      committed: () => this.#committed(),
    })
  }

  start(): Promise<void> {
    return this.#changes.start()
  }

  async write<T>(body: WriteBody<T>, { together = false }: WriteOptions = {}): Promise<T> {
    const waiting = this.#pool.waitingCount + this.#together.waitingCount
    if (waiting >= this.#maxWaiting) throw new DatabaseBusyError(waiting)
    return together ? this.#together.write(body) : this.#writeAlone(body)
  }

  async #writeAlone<T>(body: WriteBody<T>): Promise<T> {
    const failures = new Map<string, number>()
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#writePatiently(body)
      } catch (error) {
        if (!mayTryAgain(error, failures)) throw error
        // Those that met should not meet again: spread by attempt and connection, no randomness needed.
        await sleep(attempt * 5 + (this.#pool.waitingCount % 7))
      }
    }
  }

  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    clearTimeout(this.#announcement)
    await this.#changes.stop()
    await this.#together.close()
    await this.#reader.close()
    await this.#pool.end()
  }

  /** Up to its commit a transaction leaves nothing behind when the server goes away; then it may be made again. */
  #writePatiently<T>(body: WriteBody<T>): Promise<T> {
    let isCommitting = false
    const committing = (): void => {
      isCommitting = true
    }
    return withPatience(
      () => this.#writeOnce(body, committing),
      () => !isCommitting,
    )
  }

  async #writeOnce<T>(body: WriteBody<T>, committing: () => void): Promise<T> {
    const client = await this.#pool.connect()
    const on = new TransactionExecutor(client)
    const tx = new BodyTx(on)
    let broken: Error | undefined
    try {
      const begun = client.query('BEGIN')
      begun.catch(() => {})
      const value = await on.complete(() => body(tx as unknown as Tx))
      await begun
      committing()
      await client.query('COMMIT')
      for (const action of tx.actions) action()
      this.#committed()
      return value
    } catch (error) {
      await client.query('ROLLBACK').catch((cause: Error) => {
        broken = cause
      })
      throw error
    } finally {
      tx.end()
      client.release(broken)
    }
  }

  #committed(): void {
    this.#changed('here')
    this.#announce()
  }

  // NOTIFY takes a lock that the whole server shares: one for all commits of the last moment, in a transaction of its own.
  #announce(): void {
    this.#announcement ??= setTimeout(() => {
      this.#announcement = undefined
      this.#pool.query(`NOTIFY ${CHANNEL}`).catch(() => {})
    }, ANNOUNCE_MS)
  }

  #changed(origin: 'here' | 'elsewhere'): void {
    for (const listener of this.#listeners) listener(origin)
  }
}

/** Each kind of failure has its own patience. */
function mayTryAgain(error: unknown, failures: Map<string, number>): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const count = (failures.get(code) ?? 0) + 1
  failures.set(code, count)
  return count < (MAX_TRIES[code] ?? 1)
}

/** Hears of other processes' commits. Notifications carry nothing and may be lost; a slow poll stands behind them. */
class Notifications {
  readonly #url: string
  readonly #pollMs: number
  readonly #changed: () => void
  #timer: NodeJS.Timeout | undefined
  #client: pg.Client | undefined
  #stopped = false

  constructor(url: string, pollMs: number, changed: () => void) {
    this.#url = url
    this.#pollMs = pollMs
    this.#changed = changed
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => this.#look(), this.#pollMs)
    this.#timer.unref()
    await this.#connect()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await this.#client?.end().catch(() => {})
  }

  #look(): void {
    if (!this.#client) void this.#connect().catch(() => {})
    this.#changed()
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#url })
    this.#client = client
    const forget = (): void => {
      if (this.#client === client) this.#client = undefined
    }
    client.on('error', forget)
    client.on('end', forget)
    client.on('notification', () => this.#changed())
    try {
      await client.connect()
      await client.query(`LISTEN ${CHANNEL}`)
    } catch (error) {
      forget()
      await client.end().catch(() => {})
      if (!this.#stopped) throw error
    }
  }
}
