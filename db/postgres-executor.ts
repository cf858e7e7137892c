import pg from 'pg'
import { decodeIntegers } from './codec.ts'
import type { Executed, Executor, Preparable } from './db.ts'

const INT8 = 20
const NUMERIC = 1700

const asText = (value: string): string => value
/** 64-bit integers and sums stay text until the column's name says what they are; see codec.ts. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 || oid === NUMERIC ? asText : pg.types.getTypeParser(oid, format as 'text'),
} as unknown as pg.CustomTypesConfig

/**
 * A process that is frozen in the midst of a transaction keeps its locks, and with them what it works on, also when its
 * leases are over: the server ends it then. Ours take milliseconds.
 */
const IDLE_IN_TRANSACTION_MS = 10_000

/** How every connection that writes or reads is made. */
export const connectionTo = (url: string): pg.ClientConfig => ({
  connectionString: url,
  types,
  pipeline: true,
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
})

/** A connection, or any of a pool's. */
export interface Queryable {
  query(config: pg.QueryConfig): Promise<pg.QueryResult>
}

/** Statements on one connection, or on any of a pool's. */
export class PostgresExecutor implements Executor {
  readonly dialect = 'postgres'
  readonly #client: Queryable

  constructor(client: Queryable) {
    this.#client = client
  }

  async execute(statement: Preparable, values: unknown[]): Promise<Executed> {
    return this.#query({ name: `s${statement.id}`, text: statement.sql('postgres'), values })
  }

  async executeText(text: string, values: readonly unknown[]): Promise<Executed> {
    return this.#query({ text, values: [...values] })
  }

  async #query(config: pg.QueryConfig): Promise<Executed> {
    const result = await this.#client.query(config)
    const integers = result.fields.filter(({ dataTypeID }) => dataTypeID === INT8 || dataTypeID === NUMERIC)
    if (integers.length > 0) {
      decodeIntegers(
        result.rows,
        integers.map(({ name }) => name),
        'string',
      )
    }
    return { rows: result.rows, changes: result.rowCount ?? 0 }
  }
}

const NOTHING: Executed = { rows: [], changes: 0 }

/** In a transaction: a body does not wait for statements whose result it does not need, but its commit does. */
export class TransactionExecutor extends PostgresExecutor {
  readonly #underway: Promise<Executed>[] = []

  override async execute(statement: Preparable, values: unknown[]): Promise<Executed> {
    const executed = super.execute(statement, values)
    if (!statement.isBlind) return executed
    // Whoever fails first tells; the others must not count as unhandled.
    executed.catch(() => {})
    this.#underway.push(executed)
    return NOTHING
  }

  /**
   * The body with all it has begun. When something that nobody waited for has failed, that is the reason, not that the
   * transaction takes nothing more.
   */
  async complete<T>(body: () => Promise<T>): Promise<T> {
    try {
      const value = await body()
      for (const executed of this.#underway) await executed
      return value
    } catch (error) {
      if (!isInFailedTransaction(error)) throw error
      const ended = await Promise.allSettled(this.#underway)
      throw firstOf(ended) ?? error
    }
  }
}

/** Refused only because something before it in the transaction has failed. */
export const isInFailedTransaction = (error: unknown): boolean => (error as { code?: unknown })?.code === '25P02'

const firstOf = (ended: readonly PromiseSettledResult<unknown>[]): unknown =>
  ended.flatMap((one) => (one.status === 'rejected' ? [one.reason] : [])).find((why) => !isInFailedTransaction(why))
