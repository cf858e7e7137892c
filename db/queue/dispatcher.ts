import type { Clock } from '../clock.ts'
import type { Db, Tx } from '../db.ts'
import { type Claim, LeaseLostError, WORK_KINDS, type WorkItem, type WorkKind, type WorkStore } from './queue.ts'

/** Works on a key until there is nothing to do, then releases the claim in its last transaction. */
export type Handler = (claim: Claim, signal: AbortSignal) => Promise<void>

/** Works beside the kinds of work, on rows of its own: told when something may be due, and stopped with all the rest. */
export interface Companion {
  wake(): void
  stop(): Promise<void>
}

export interface DispatcherOptions {
  db: Db
  store: WorkStore
  clock: Clock
  /** How many of each kind at once in this process. */
  capacity: Record<WorkKind, number>
  leaseMs?: number
  /** A look even when nobody called; finds what other processes left. */
  pollMs?: number
  onError(error: unknown, claim?: Claim): void
}

const LEASE_MS = 30_000
const POLL_MS = 1_000
/** How soon after the end of its lease a dead worker's work is found. */
const SWEEP_MS = 1_000
const CLAIM_BATCH = 32
/** After a handler threw: long enough not to spin, short enough to be forgiven. */
const RETRY_MS = 2_000

interface Active {
  claim: Claim
  abort: AbortController
  done: Promise<void>
}

/** Looks for due work when it is woken, gives it to the handlers and keeps their leases alive. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #leaseMs: number
  readonly #active = new Map<Claim, Active>()
  readonly #counts: Record<WorkKind, number> = { run: 0, inbox: 0, outbox: 0 }
  #handlers: Record<WorkKind, Handler> | undefined
  #looking: Promise<void> | undefined
  #lookAgain = false
  #cancelTimer: () => void = () => {}
  #intervals: NodeJS.Timeout[] = []
  #unsubscribe: () => void = () => {}
  #companions: Companion[] = []

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#leaseMs = options.leaseMs ?? LEASE_MS
  }

  /** In the caller's transaction; workers here and elsewhere are woken by its commit. */
  async enqueue(tx: Tx, item: WorkItem): Promise<void> {
    await this.#options.store.enqueue(tx, item)
    tx.afterCommit(() => this.wake())
  }

  /**
   * Puts in a new item, and claims it for this process when it works and has room: then `begin` is to be called after
   * the commit, and a write and a look are saved. Undefined when it waits in the queue as usual.
   */
  async enqueueClaimed(tx: Tx, item: WorkItem): Promise<Claim | undefined> {
    const hasRoom = this.#handlers !== undefined && this.#count(item.kind) < this.#options.capacity[item.kind]
    if (hasRoom && this.#options.store.enqueueClaimed) {
      return this.#options.store.enqueueClaimed(tx, item, this.#leaseMs)
    }
    await this.enqueue(tx, item)
    return undefined
  }

  /** Works on what `enqueueClaimed` claimed, once it is committed. */
  begin(claim: Claim, work: (signal: AbortSignal) => Promise<void>): void {
    this.#run(claim, (_, signal) => work(signal))
  }

  release(tx: Tx, claim: Claim, nextAtMs: number | null): Promise<boolean> {
    if (nextAtMs !== null) tx.afterCommit(() => this.wake())
    return this.#options.store.release(tx, claim, nextAtMs)
  }

  get activeCount(): number {
    return this.#active.size
  }

  /** From here on work can be put in, whether this process works or not. Ends with `close`. */
  open(): Promise<void> {
    return this.#options.store.open()
  }

  close(): Promise<void> {
    return this.#options.store.close()
  }

  /** Begins to work. Without it this process only puts work in. */
  async start(handlers: Record<WorkKind, Handler>): Promise<void> {
    await this.#options.store.takeOver()
    this.#handlers = handlers
    this.#unsubscribe = this.#options.db.onChange((origin) => {
      if (origin === 'elsewhere') this.wake()
    })
    this.#intervals = [
      setInterval(() => this.wake(), this.#options.pollMs ?? POLL_MS),
      setInterval(() => void this.#heartbeat(), this.#leaseMs / 3),
      setInterval(() => void this.#options.store.sweep().catch(this.#options.onError), SWEEP_MS),
    ]
    this.wake()
  }

  /** From now until the stop; one that is put in is running already. */
  accompany(companion: Companion): void {
    this.#companions.push(companion)
  }

  /** To be called after a commit that made something due for them. */
  wakeCompanions(): void {
    for (const companion of this.#companions) companion.wake()
  }

  /** Takes no more work and waits for what runs, at most that long; then aborts it. */
  async stop(graceMs = 5_000): Promise<void> {
    this.#handlers = undefined
    this.#unsubscribe()
    this.#cancelTimer()
    await Promise.all(this.#companions.splice(0).map((companion) => companion.stop()))
    await this.#looking
    const running = [...this.#active.values()]
    const late = setTimeout(() => {
      for (const { abort } of running) abort.abort()
    }, graceMs)
    await Promise.allSettled(running.map(({ done }) => done))
    clearTimeout(late)
    for (const interval of this.#intervals) clearInterval(interval)
  }

  wake(): void {
    this.#lookAgain = true
    if (this.#looking || !this.#handlers) return
    this.#looking = this.#lookSoon()
  }

  async #lookSoon(): Promise<void> {
    // The rest of this turn may put in more; one look finds it all.
    await new Promise(setImmediate)
    await this.#look()
    this.#looking = undefined
    if (this.#lookAgain) this.wake()
  }

  async #look(): Promise<void> {
    try {
      while (this.#lookAgain && this.#handlers) {
        this.#lookAgain = false
        for (const kind of WORK_KINDS) await this.#claim(kind)
      }
      await this.#setTimer()
    } catch (error) {
      this.#options.onError(error)
    }
  }

  async #claim(kind: WorkKind): Promise<void> {
    const free = this.#options.capacity[kind] - this.#count(kind)
    if (free <= 0) return
    const limit = Math.min(free, CLAIM_BATCH)
    const claims = await this.#options.store.claimDue(kind, limit, this.#leaseMs)
    const handler = this.#handlers?.[kind]
    // Told to stop while it looked: what it claimed is free again at once.
    if (!handler) await Promise.all(claims.map((claim) => this.#putBack(claim, 0)))
    else for (const claim of claims) this.#run(claim, handler)
    if (claims.length === limit) this.#lookAgain = true
  }

  #count(kind: WorkKind): number {
    return this.#counts[kind]
  }

  #run(claim: Claim, handler: Handler): void {
    const abort = new AbortController()
    this.#counts[claim.kind]++
    const done = this.#handle(claim, handler, abort.signal).finally(() => {
      this.#active.delete(claim)
      this.#counts[claim.kind]--
      this.wake()
    })
    this.#active.set(claim, { claim, abort, done })
  }

  async #handle(claim: Claim, handler: Handler, signal: AbortSignal): Promise<void> {
    try {
      await handler(claim, signal)
    } catch (error) {
      if (!(error instanceof LeaseLostError) && !signal.aborted) this.#options.onError(error, claim)
      // Cut off by the stop is no failure: whoever comes next goes on at once.
      await this.#putBack(claim, signal.aborted ? 0 : RETRY_MS)
    }
  }

  async #putBack(claim: Claim, delayMs: number): Promise<void> {
    const { db, store, clock } = this.#options
    const nextAtMs = clock.nowMs() + delayMs
    await db
      .write(async function putBack(tx) {
        // Asked to look again: a second release finds nothing in the way.
        if (!(await store.release(tx, claim, nextAtMs))) await store.release(tx, claim, nextAtMs)
      })
      .catch((error) => {
        if (!(error instanceof LeaseLostError)) this.#options.onError(error, claim)
      })
  }

  async #heartbeat(): Promise<void> {
    const claims = [...this.#active.keys()]
    if (claims.length === 0) return
    try {
      for (const [claim, held] of await this.#options.store.extend(claims, this.#leaseMs)) {
        if (!held) this.#active.get(claim)?.abort.abort()
      }
    } catch (error) {
      this.#options.onError(error)
    }
  }

  async #setTimer(): Promise<void> {
    const dues = await Promise.all(WORK_KINDS.map((kind) => this.#options.store.nextDueMs(kind)))
    const next = Math.min(...dues.map((due) => due ?? Number.POSITIVE_INFINITY))
    this.#cancelTimer()
    const delayMs = next - this.#options.clock.nowMs()
    // What is overdue waits for capacity, and whoever frees some wakes us.
    if (delayMs > 0 && Number.isFinite(delayMs))
      this.#cancelTimer = this.#options.clock.after(delayMs, () => this.wake())
  }
}
