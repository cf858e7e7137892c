import { BodyTx } from './body-tx.ts'
import type { Tx, WriteBody } from './db.ts'
import { isInFailedTransaction, TransactionExecutor } from './postgres-executor.ts'
import { withPatience } from './postgres-patience.ts'
import { Pipeline } from './postgres-pipeline.ts'

interface Waiting {
  body: WriteBody<unknown>
  /** How often the transaction it was in has failed. */
  failures: number
  resolve(value: unknown): void
  reject(error: unknown): void
}

interface Tried {
  waiting: Waiting
  tx: BodyTx
  outcome: PromiseSettledResult<unknown>
}

/** Enough to share a commit well, few enough to keep a transaction within some milliseconds. */
const BATCH_SIZE = 64
/** A body that met failing transactions this often, its own fault or not, gets one of its own. */
const MAX_FAILURES = 2
/**
 * Many rows are held at once, in the order in which the bodies came: two processes could wait for each other. Whoever waits
 * this long gives way, and its bodies run one by one.
 */
const LOCK_TIMEOUT_MS = 250

export interface TogetherOptions {
  url: string
  /** Runs a body in a transaction of its own. */
  alone<T>(body: WriteBody<T>): Promise<T>
  committed(): void
}

/**
 * Bodies that may share a transaction: those that wait run side by side on one connection, each statement on its way while
 * the answers to others come in, and one commit makes them all durable. A row that all of them write is taken once and not
 * handed from transaction to transaction. When one throws, nothing of any is kept: that one runs again alone, the others
 * together.
 */
export class TogetherWriter {
  readonly #options: TogetherOptions
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #client: Pipeline | undefined

  constructor(options: TogetherOptions) {
    this.#options = options
  }

  get waitingCount(): number {
    return this.#waiting.length
  }

  write<T>(body: WriteBody<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ body, failures: 0, resolve: resolve as (value: unknown) => void, reject })
      this.#running ??= this.#drain()
    })
  }

  async close(): Promise<void> {
    while (this.#running) await this.#running
    await this.#client?.end()
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // The rest of this turn may bring more bodies; they join.
      await new Promise(setImmediate)
      const batch = this.#waiting.splice(0, BATCH_SIZE)
      await this.#runPatiently(batch)
    }
    this.#running = undefined
  }

  async #runPatiently(batch: readonly Waiting[]): Promise<void> {
    let isCommitting = false
    const committing = (): void => {
      isCommitting = true
    }
    const once = (): Promise<void> =>
      this.#runBatch(batch, committing).catch((error) => {
        this.#forgetClient()
        throw error
      })
    try {
      await withPatience(once, () => !isCommitting)
    } catch (error) {
      // The connection broke: whether it was committed nobody knows.
      for (const { reject } of batch) reject(error)
    }
  }

  async #runBatch(batch: readonly Waiting[], committing: () => void): Promise<void> {
    const client = await this.#connected()
    const begun = client.query('BEGIN')
    begun.catch(() => {})
    const tried = await Promise.all(batch.map((waiting) => this.#try(client, waiting)))
    await begun
    if (tried.some(({ outcome }) => outcome.status === 'rejected')) {
      await client.query('ROLLBACK')
      this.#tryAgain(tried)
      return
    }
    committing()
    await client.query('COMMIT')
    for (const { tx } of tried) for (const action of tx.actions) action()
    this.#options.committed()
    for (const { waiting, outcome } of tried) {
      if (outcome.status === 'fulfilled') waiting.resolve(outcome.value)
    }
  }

  async #try(client: Pipeline, waiting: Waiting): Promise<Tried> {
    const on = new TransactionExecutor(client)
    const tx = new BodyTx(on)
    const [outcome] = await Promise.allSettled([on.complete(() => waiting.body(tx as unknown as Tx))])
    tx.end()
    return { waiting, tx, outcome }
  }

  #tryAgain(tried: readonly Tried[]): void {
    const together: Waiting[] = []
    for (const { waiting, outcome } of tried) {
      waiting.failures++
      if (isOwnFault(outcome) || waiting.failures >= MAX_FAILURES) {
        this.#options.alone(waiting.body).then(waiting.resolve, waiting.reject)
      } else together.push(waiting)
    }
    this.#waiting.unshift(...together)
  }

  async #connected(): Promise<Pipeline> {
    if (this.#client && !this.#client.isBroken) return this.#client
    const client = await Pipeline.connect(this.#options.url)
    await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`)
    this.#client = client
    return client
  }

  #forgetClient(): void {
    const client = this.#client
    this.#client = undefined
    void client?.end()
  }
}

const isOwnFault = (outcome: PromiseSettledResult<unknown>): boolean =>
  outcome.status === 'rejected' && !isInFailedTransaction(outcome.reason)
