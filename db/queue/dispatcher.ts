import type { Clock } from '../clock.ts'
import type { Db, Tx } from '../db.ts'
import { Active } from './active.ts'
import { Looking } from './looking.ts'
import { type Claim, LeaseLostError, WORK_KINDS, type WorkItem, type WorkKind, type WorkStore } from './queue.ts'
import { Room } from './room.ts'

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
  /** How many runs of one context this process begins by itself; beyond, they wait their turn in the queue. */
  perContext: number
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
/** What is due sooner is seen to by the timers of those who work; a call for it would only be one write more. */
const CALL_AHEAD_MS = 10_000
/** What was aborted and still does not end is given back all the same: it cannot write any more. */
const LET_GO_MS = 1_000

/** Looks for due work when it is woken, gives it to the handlers and keeps their leases alive. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #leaseMs: number
  readonly #active = new Active()
  readonly #looking: Looking
  readonly #room: Room
  #handlers: Record<WorkKind, Handler> | undefined
  /** Of these kinds more is taken; on the way to a stop only messages are. */
  #kinds: readonly WorkKind[] = []
  #reaches: (item: WorkItem) => boolean = () => true
  #intervals: NodeJS.Timeout[] = []
  #unsubscribe: () => void = () => {}
  #companions: Companion[] = []
  /** Since the last beat: this process wrote for a claim that was another's by then. */
  #hasLost = false

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#leaseMs = options.leaseMs ?? LEASE_MS
    this.#room = new Room(this.#active, options)
    this.#looking = new Looking({
      clock: options.clock,
      look: async () => {
        for (const kind of this.#kinds) await this.#claim(kind)
      },
      nextDueMs: () => options.store.nextDueMs(),
      onError: (error) => options.onError(error),
    })
  }

  /** In the caller's transaction; workers here and elsewhere are woken by its commit. */
  async enqueue(tx: Tx, item: WorkItem): Promise<void> {
    // A card and the message below it ask for the same delivery.
    if ((tx.enqueued.get(item.key) ?? Number.POSITIVE_INFINITY) <= item.runAtMs) return
    tx.enqueued.set(item.key, item.runAtMs)
    await this.#options.store.enqueue(tx, item)
    await this.#callAbout(tx, item)
    tx.afterCommit(() => this.wake())
  }

  /**
   * Puts in a new item, and claims it for this process when it works and has room: then `begin` is to be called after
   * the commit, and a write and a look are saved. Undefined when it waits in the queue as usual.
   */
  async enqueueClaimed(tx: Tx, item: WorkItem): Promise<Claim | undefined> {
    const { store } = this.#options
    const takesIt = this.#kinds.includes(item.kind) && this.#room.hasFor(item)
    const claim = takesIt ? await store.enqueueClaimed(tx, item, this.#leaseMs) : undefined
    if (claim) return claim
    if (this.#handlers && item.kind === 'run') this.#room.fellBehind(item.fairGroup)
    await this.enqueue(tx, item)
    return undefined
  }

  /**
   * Puts in an item that this process goes on with as soon as it is committed, where it can: a claim and a look are saved, and
   * whoever waits for an answer waits for fewer commits. Otherwise it waits in the queue as usual.
   */
  async enqueueNow(tx: Tx, item: WorkItem): Promise<void> {
    const handler = this.#handlers?.[item.kind]
    if (!handler || tx.enqueued.has(item.key) || !this.#reaches(item)) return this.enqueue(tx, item)
    const claim = await this.enqueueClaimed(tx, item)
    if (!claim) return
    tx.enqueued.set(item.key, item.runAtMs)
    tx.afterCommit(() => this.begin(claim, (signal) => handler(claim, signal)))
  }

  /** Works on what `enqueueClaimed` claimed, once it is committed. */
  begin(claim: Claim, work: (signal: AbortSignal) => Promise<void>): void {
    this.#run(claim, (_, signal) => work(signal))
  }

  async release(tx: Tx, claim: Claim, nextAtMs: number | null): Promise<boolean> {
    tx.enqueued.delete(claim.key)
    const released = await this.#options.store.release(tx, claim, nextAtMs)
    if (nextAtMs === null) return released
    tx.afterCommit(() => this.wake())
    if (released) await this.#callAbout(tx, { ...claim, runAtMs: nextAtMs })
    return released
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

  /**
   * Begins to work. Without it this process only puts work in. What it does not reach, it does not take before others had a
   * chance to.
   */
  async start(handlers: Record<WorkKind, Handler>, reaches: (item: WorkItem) => boolean = () => true): Promise<void> {
    const { store, db, pollMs = POLL_MS } = this.#options
    this.#reaches = reaches
    await store.takeOver()
    this.#handlers = handlers
    this.#kinds = WORK_KINDS
    await store.onCall(() => this.wake())
    this.#unsubscribe = db.onChange((origin) => {
      if (origin === 'elsewhere') this.wake()
    })
    this.#intervals = [
      setInterval(() => this.wake(), pollMs),
      setInterval(() => void this.#heartbeat(), this.#leaseMs / 3),
      setInterval(() => void this.#sweep(), SWEEP_MS),
    ]
    this.#looking.open()
  }

  /** From now until the stop; one that is put in is running already. */
  accompany(companion: Companion): void {
    this.#companions.push(companion)
  }

  /** To be called after a commit that made something due for them. */
  wakeCompanions(): void {
    for (const companion of this.#companions) companion.wake()
  }

  /**
   * Takes no more runs and incoming messages, and waits for what is under way and for the messages that come of it, at
   * most that long. What is not done by then is aborted and given back, for whoever comes next.
   */
  async stop(graceMs = 5_000): Promise<void> {
    this.#kinds = ['outbox']
    this.#unsubscribe()
    await Promise.all(this.#companions.splice(0).map((companion) => companion.stop()))
    const untilMs = performance.now() + graceMs
    do {
      await this.#active.ended(untilMs)
      // The last run that ended may have left a message.
      this.wake()
      await this.#looking.ended()
    } while (this.#active.size > 0 && performance.now() < untilMs)
    this.#handlers = undefined
    this.#kinds = []
    await this.#looking.close()
    await this.#letGo()
    for (const interval of this.#intervals) clearInterval(interval)
  }

  wake(): void {
    this.#looking.wake()
  }

  async #letGo(): Promise<void> {
    const left = this.#active.abortAll()
    await this.#active.ended(performance.now() + LET_GO_MS)
    await Promise.all(left.filter((claim) => this.#active.has(claim)).map((claim) => this.#putBack(claim, 0)))
  }

  async #callAbout(tx: Tx, item: WorkItem): Promise<void> {
    const { store, clock } = this.#options
    const isSeenTo = this.#kinds.includes(item.kind) && item.runAtMs < clock.nowMs() + CALL_AHEAD_MS
    if (!isSeenTo) await store.call(tx, item)
  }

  async #claim(kind: WorkKind): Promise<void> {
    const free = this.#room.freeFor(kind)
    if (free <= 0) return
    const limit = Math.min(free, CLAIM_BATCH)
    const behind = kind === 'run' ? this.#room.behind() : []
    const claims = await this.#options.store.claimDue(kind, limit, this.#leaseMs)
    const handler = this.#kinds.includes(kind) ? this.#handlers?.[kind] : undefined
    // Told to stop while it looked: what it claimed is free again at once.
    if (!handler) await Promise.all(claims.map((claim) => this.#putBack(claim, 0)))
    else for (const claim of claims) this.#run(claim, handler)
    if (claims.length === limit) this.#looking.again()
    else this.#room.caughtUp(behind)
  }

  #run(claim: Claim, handler: Handler): void {
    this.#active.begin(
      claim,
      (signal) => this.#handle(claim, handler, signal),
      () => this.wake(),
    )
  }

  async #handle(claim: Claim, handler: Handler, signal: AbortSignal): Promise<void> {
    try {
      await handler(claim, signal)
    } catch (error) {
      if (error instanceof LeaseLostError) this.#hasLost = true
      else if (!signal.aborted) this.#options.onError(error, claim)
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
    const claims = this.#active.claims()
    try {
      const extended = claims.length > 0 ? await this.#options.store.extend(claims, this.#leaseMs) : []
      for (const [claim, held] of extended) {
        if (held) continue
        // One that has ended meanwhile holds nothing, and has lost nothing.
        this.#hasLost ||= this.#active.has(claim)
        this.#active.abort(claim)
      }
      this.#room.beat({ hasLost: this.#hasLost })
      this.#hasLost = false
    } catch (error) {
      this.#options.onError(error)
    }
  }

  async #sweep(): Promise<void> {
    try {
      if (await this.#options.store.sweep()) this.wake()
    } catch (error) {
      this.#options.onError(error)
    }
  }
}
