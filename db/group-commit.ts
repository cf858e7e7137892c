import type Database from 'better-sqlite3'
import { BodyTx } from './body-tx.ts'
import { DatabaseBusyError, type Executor, type Tx, type WriteBody } from './db.ts'

interface Waiting {
  body: WriteBody<unknown>
  resolve(value: unknown): void
  reject(error: unknown): void
}

interface Finished extends Waiting {
  value: unknown
  actions: (() => void)[]
}

/** Enough to share one fsync well, few enough to keep a batch within some milliseconds. */
const BATCH_SIZE = 256
const MAX_WAITING = 20_000

/**
 * Write bodies that arrive in the same turn share one transaction and so one fsync. Each runs in a savepoint of its own:
 * when it throws, it alone is undone. Their promises settle after the commit.
 */
export class GroupCommit {
  readonly #connection: Database.Database
  readonly #sql: Record<'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'undo', Database.Statement>
  readonly #executor: Executor
  readonly #committed: () => void
  readonly #maxWaiting: number
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined

  constructor(connection: Database.Database, on: Executor, committed: () => void, maxWaiting = MAX_WAITING) {
    this.#connection = connection
    this.#sql = {
      begin: connection.prepare('BEGIN IMMEDIATE'),
      commit: connection.prepare('COMMIT'),
      rollback: connection.prepare('ROLLBACK'),
      savepoint: connection.prepare('SAVEPOINT body'),
      release: connection.prepare('RELEASE body'),
      undo: connection.prepare('ROLLBACK TO body'),
    }
    this.#executor = on
    this.#committed = committed
    this.#maxWaiting = maxWaiting
  }

  write<T>(body: WriteBody<T>): Promise<T> {
    if (this.#waiting.length >= this.#maxWaiting) return Promise.reject(new DatabaseBusyError(this.#waiting.length))
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ body, resolve: resolve as (value: unknown) => void, reject })
      this.#running ??= this.#drain()
    })
  }

  async close(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // The rest of this turn may bring more bodies; they join the batch.
      await new Promise(setImmediate)
      const batch = this.#waiting.slice(0, BATCH_SIZE)
      this.#waiting = this.#waiting.slice(BATCH_SIZE)
      await this.#commitBatch(batch)
    }
    this.#running = undefined
  }

  async #commitBatch(batch: Waiting[]): Promise<void> {
    const finished: Finished[] = []
    try {
      this.#sql.begin.run()
      for (const waiting of batch) await this.#runIsolated(waiting, finished)
      this.#sql.commit.run()
    } catch (error) {
      if (this.#connection.inTransaction) this.#sql.rollback.run()
      for (const waiting of batch) waiting.reject(error)
      return
    }
    for (const { actions } of finished) for (const action of actions) action()
    if (finished.length > 0) this.#committed()
    for (const { resolve, value } of finished) resolve(value)
  }

  async #runIsolated(waiting: Waiting, finished: Finished[]): Promise<void> {
    const tx = new BodyTx(this.#executor)
    this.#sql.savepoint.run()
    try {
      const value = await onlyStatements(waiting.body, tx)
      this.#sql.release.run()
      finished.push({ ...waiting, value, actions: tx.actions })
    } catch (error) {
      // A full disk or a corrupt page ends the whole transaction, savepoint and all; then the batch fails.
      if (!this.#connection.inTransaction) throw error
      this.#sql.undo.run()
      this.#sql.release.run()
      waiting.reject(error)
    } finally {
      tx.end()
    }
  }
}

/**
 * Statements run synchronously underneath, so a body that awaits nothing else ends before the event loop turns.
 * One that does not is a bug that would hold everybody's transaction open: it fails, by name.
 */
async function onlyStatements<T>(body: WriteBody<T>, tx: BodyTx): Promise<T> {
  let turned = false
  const watchdog = setImmediate(() => {
    turned = true
  })
  try {
    return await body(tx as unknown as Tx)
  } finally {
    clearImmediate(watchdog)
    if (turned) {
      // biome-ignore lint/correctness/noUnsafeFinally: this error explains all others
      throw new Error(`The write body ${body.name || '(no name)'} awaited something other than its statements`)
    }
  }
}
