export type Dialect = 'sqlite' | 'postgres'
export type Row = Record<string, unknown>

export interface Executed {
  rows: Row[]
  /** Rows written; for reads the number of rows. */
  changes: number
}

/** A statement that is built once: what each connection prepares and keeps under its number. */
export interface Preparable {
  readonly id: number
  /** Nobody looks at its result. */
  readonly isBlind: boolean
  sql(dialect: Dialect): string
}

/**
 * Runs one compiled statement somewhere: the read connection, or the transaction one is in. Where the database answers at
 * once so does this: a promise for each layer in between would cost more than many a statement.
 */
export interface Executor {
  readonly dialect: Dialect
  execute(statement: Preparable, values: unknown[]): Executed | Promise<Executed>
  executeText(sql: string, values: readonly unknown[]): Executed | Promise<Executed>
}

export const executor: unique symbol = Symbol('executor')
declare const inTransaction: unique symbol

/** Anything a statement can run on. */
export interface Reader {
  readonly dialect: Dialect
  readonly [executor]: Executor
}

/**
 * The transaction a write body is in. It cannot be made outside `db.write`, and stops working when the body has ended,
 * so what must commit together takes a `Tx` and cannot be called with a `Db`.
 */
export interface Tx extends Reader {
  readonly [inTransaction]: true
  /** What it has put into the queue so far, by key: for when. */
  readonly enqueued: Map<string, number>
  /** The rules that led to it, the first one first; see core/rules/cause.ts. */
  cause?: readonly string[]
  /** Runs after the commit, never after a rollback. Must not throw; not for work that must happen. */
  afterCommit(action: () => void): void
}

/** A write body awaits nothing but statements of its `tx`: no network, no timers, no log. It may run more than once. */
export type WriteBody<T> = (tx: Tx) => Promise<T>

export interface WriteOptions {
  /**
   * The body may share its transaction with others that run at the same time, statement by statement. It must not decide by
   * what it has read under a lock: nobody keeps the others out. Where bodies run one after the other anyhow, as on SQLite, it
   * changes nothing; on Postgres they share round trips, locks and the commit.
   */
  together?: boolean
}

export type ChangeListener = (origin: 'here' | 'elsewhere') => void

export interface Db extends Reader {
  /**
   * The only way to write. Resolves after the commit is durable; rejects when the body threw (its changes are undone,
   * those of other bodies are not). With more bodies waiting than the limit it rejects with `DatabaseBusyError`.
   */
  write<T>(body: WriteBody<T>, options?: WriteOptions): Promise<T>
  /** Calls back, soon, after somebody committed: this process or (perhaps) another one. Returns how to stop listening. */
  onChange(listener: ChangeListener): () => void
  close(): Promise<void>
}

/**
 * There is no server to ask, and has not been for a while. A write that fails so was not made, or nobody knows: whoever
 * can do it again without doing it twice should, later.
 */
export class DatabaseGoneError extends Error {
  constructor(cause: unknown) {
    super('The database cannot be reached', { cause })
    this.name = 'DatabaseGoneError'
  }
}

export class DatabaseBusyError extends Error {
  constructor(waiting: number) {
    super(`The database has ${waiting} writes waiting`)
    this.name = 'DatabaseBusyError'
  }
}
