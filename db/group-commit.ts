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
/** After a refusal the next ones are likely: so many batches run apart before the quick way is tried again. */
const APART_BATCHES = 20

/**
 * Write bodies that arrive in the same turn share one transaction and so one fsync. When one throws, it alone is undone:
 * the batch is run again, each body in a savepoint of its own. Their promises settle after the commit.
 */
export class GroupCommit {
  readonly #connection: Database.Database
  readonly #sql: Record<'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'undo', Database.Statement>
  readonly #executor: Executor
  readonly #committed: () => void
  readonly #maxWaiting: number
  readonly #watch = new TurnWatch()
  #waiting: Waiting[] = []
  #apartBatches = 0
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
    const finished = (await this.#tryTogether(batch)) ?? (await this.#runApart(batch))
    for (const { actions } of finished) for (const action of actions) action()
    if (finished.length > 0) this.#committed()
    for (const { resolve, value } of finished) resolve(value)
  }

  /**
   * All bodies one after the other, nothing between them: most of the time none throws, and SQLite need not be ready to
   * undo each. Undefined, and nothing changed, when one did throw, or lately one has.
   */
  async #tryTogether(batch: Waiting[]): Promise<Finished[] | undefined> {
    if (this.#apartBatches > 0) {
      this.#apartBatches--
      return undefined
    }
    try {
      return await this.#transaction(async () => {
        const finished: Finished[] = []
        for (const waiting of batch) finished.push(await this.#run(waiting))
        return finished
      })
    } catch {
      // Which one it was and why, running them apart will tell.
      this.#apartBatches = APART_BATCHES
      return undefined
    }
  }

  /** Each in a savepoint of its own: one that throws is undone alone. */
  async #runApart(batch: Waiting[]): Promise<Finished[]> {
    try {
      return await this.#transaction(async () => {
        const finished: Finished[] = []
        for (const waiting of batch) {
          const one = await this.#runIsolated(waiting)
          if (one) finished.push(one)
        }
        return finished
      })
    } catch (error) {
      for (const waiting of batch) waiting.reject(error)
      return []
    }
  }

  async #transaction<T>(body: () => Promise<T>): Promise<T> {
    try {
      this.#watch.arm()
      this.#sql.begin.run()
      const value = await body()
      this.#sql.commit.run()
      return value
    } catch (error) {
      if (this.#connection.inTransaction) this.#sql.rollback.run()
      throw error
    } finally {
      this.#watch.disarm()
    }
  }

  async #runIsolated(waiting: Waiting): Promise<Finished | undefined> {
    this.#sql.savepoint.run()
    try {
      const finished = await this.#run(waiting)
      this.#sql.release.run()
      return finished
    } catch (error) {
      // A full disk or a corrupt page ends the whole transaction, savepoint and all; then the batch fails.
      if (!this.#connection.inTransaction) throw error
      this.#sql.undo.run()
      this.#sql.release.run()
      waiting.reject(error)
      return undefined
    }
  }

  async #run(waiting: Waiting): Promise<Finished> {
    const { body, resolve, reject } = waiting
    const tx = new BodyTx(this.#executor)
    try {
      return { body, resolve, reject, value: await body(tx as unknown as Tx), actions: tx.actions }
    } finally {
      tx.end()
      if (this.#watch.turned) this.#refuse(body)
    }
  }

  /** By name, and whatever else the body did. */
  #refuse(body: WriteBody<unknown>): never {
    this.#watch.arm()
    throw new Error(`The write body ${body.name || '(no name)'} awaited something other than its statements`)
  }
}

/**
 * Statements run synchronously underneath, so bodies that await nothing else end before the event loop turns. One that
 * does is a bug that would hold everybody's transaction open. One watch for the batch: arming one for each body costs more
 * than a statement.
 */
class TurnWatch {
  turned = false
  #next: NodeJS.Immediate | undefined

  arm(): void {
    this.disarm()
    this.turned = false
    this.#next = setImmediate(() => {
      this.turned = true
    })
  }

  disarm(): void {
    if (this.#next) clearImmediate(this.#next)
  }
}
