import type { EventFilter, StoredEvent } from '#db/events.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { requireReader } from '../runs/reader.ts'
import type { EventFeed } from './feed.ts'
import { readForwards, STRETCH } from './read.ts'
import { type EventView, eventView, fits } from './view.ts'

/** What may wait for one reader: little enough that a thousand such readers cost nothing to speak of. */
const WAITING_MOST = 1_000
const WAITING_BYTES_MOST = 1_000_000
/** Handed over at a time: what a slow line carries in a moment. */
const BATCH = 200
const BATCH_BYTES = 64 * 1024
/** Whoever has more to read and takes nothing for so long has stopped reading. */
const STALL_MS = 3_000

export type TailEnd =
  /** The reader has stopped reading, and too much waits for it. It may come again from the last event that it has. */
  | 'overflow'
  /** Whoever reads may not see this context any more, or it is gone. */
  | 'gone'

/**
 * The events of a context from a place on, for one reader: first those that are there, as fast as it reads, then those that
 * come. Where more come than it takes it reads what is there again, so that little waits for it here; one that takes nothing
 * at all is ended. What is handed over its reader may see at that moment.
 */
export class EventTail {
  readonly #core: Pick<Core, 'db'>
  readonly #feed: EventFeed
  readonly #actor: Actor
  readonly #filter: EventFilter
  /** The last one that was handed over. */
  #seen: number
  /** Up to here everything that fits was handed over, or waits. */
  #read: number
  #waiting: StoredEvent[] = []
  #waitingBytes = 0
  #isLive = false
  /** Looks at the reader's rights that are on their way. */
  #checks = 0
  #end: TailEnd | undefined
  #stalled: NodeJS.Timeout | undefined
  #wake: () => void = () => {}
  #leave: () => void = () => {}
  #ended: (end: TailEnd) => void = () => {}
  /** Resolves when it ends by itself, also while nobody asks for more. */
  readonly ended = new Promise<TailEnd>((resolve) => {
    this.#ended = resolve
  })

  private constructor(core: Pick<Core, 'db'>, feed: EventFeed, actor: Actor, filter: EventFilter, since: number) {
    this.#core = core
    this.#feed = feed
    this.#actor = actor
    this.#filter = filter
    this.#seen = since
    this.#read = since
  }

  /** Without `since` from now on. Refused like reading the context. */
  static async open(
    core: Pick<Core, 'db'>,
    feed: EventFeed,
    actor: Actor,
    { since, ...filter }: Omit<EventFilter, 'context'> & { since?: number },
  ): Promise<EventTail> {
    await requireReader(core.db, actor, actor.context, 'such context')
    await feed.ready()
    const context = contextKey(actor.context)
    return new EventTail(core, feed, actor, { ...filter, context }, since ?? feed.position)
  }

  /** Whoever comes back from here misses nothing. */
  get seen(): number {
    return this.#waiting.length > 0 ? this.#seen : Math.max(this.#seen, this.#read)
  }

  /** The next ones, at least one; an empty list when none came in time; or how it has ended. */
  async next(timeoutMs: number): Promise<EventView[] | TailEnd> {
    clearTimeout(this.#stalled)
    const untilMs = performance.now() + timeoutMs
    for (;;) {
      if (this.#end !== undefined) return this.#end
      // What came with a change of who may see it waits for the look at that.
      if (this.#waiting.length > 0 && this.#checks === 0) return this.#takeBatch().map(eventView)
      if (!this.#isLive) await this.#catchUp()
      else if (performance.now() >= untilMs) return []
      else await this.#sleep(untilMs - performance.now())
    }
  }

  close(): void {
    this.#leave()
    clearTimeout(this.#stalled)
    // What waited was not handed over.
    if (this.#waiting.length > 0) this.#read = this.#seen
    this.#waiting = []
    this.#wake()
  }

  /** A stretch of what was there before. When nothing of that is left it listens, with nothing in between. */
  async #catchUp(): Promise<void> {
    if (this.#read >= this.#feed.position) {
      this.#isLive = true
      this.#leave = this.#feed.listen(this.#filter.context, (events) => this.#take(events))
      return
    }
    await this.#check()
    if (this.#end !== undefined) return
    const upTo = Math.min(this.#feed.position, this.#read + STRETCH)
    const { events, seen } = await readForwards(this.#core.db, this.#filter, { after: this.#read, upTo, limit: BATCH })
    this.#read = seen
    this.#put(events)
  }

  #take(events: readonly StoredEvent[]): void {
    if (this.#end !== undefined) return
    // One who comes again after a restore may be ahead of what there is.
    this.#put(events.filter((event) => event.seq > this.#read && fits(event, this.#filter)))
    this.#read = Math.max(this.#read, events.at(-1)?.seq ?? 0)
    if (events.some(({ type }) => isOfPlaces(type))) void this.#check()
    if (this.#waiting.length > WAITING_MOST || this.#waitingBytes > WAITING_BYTES_MOST) this.#fallBehind()
    this.#wake()
  }

  #put(events: readonly StoredEvent[]): void {
    for (const event of events) {
      this.#waiting.push(event)
      this.#waitingBytes += sizeOf(event)
    }
  }

  /** What it was to be handed it finds where everything is. */
  #fallBehind(): void {
    this.#leave()
    this.#isLive = false
    this.#waiting = []
    this.#waitingBytes = 0
    this.#read = this.#seen
  }

  #takeBatch(): StoredEvent[] {
    let count = 0
    for (let bytes = 0; count < BATCH && bytes < BATCH_BYTES && count < this.#waiting.length; count++) {
      bytes += sizeOf(this.#waiting[count])
    }
    const batch = this.#waiting.splice(0, count)
    for (const event of batch) this.#waitingBytes -= sizeOf(event)
    this.#seen = batch.at(-1)?.seq ?? this.#seen
    this.#stalled = setTimeout(() => this.#lookWhetherStalled(), STALL_MS)
    return batch
  }

  #lookWhetherStalled(): void {
    if (!this.#isLive && this.#seen < this.#feed.position) this.#finish('overflow')
    else this.#stalled = setTimeout(() => this.#lookWhetherStalled(), STALL_MS)
  }

  /** Whether its reader may still see the context. A database that is away for a moment has taken nobody's rights. */
  async #check(): Promise<void> {
    this.#checks++
    try {
      await requireReader(this.#core.db, this.#actor, this.#actor.context, 'such context')
    } catch (error) {
      if (error instanceof AppError) this.#finish('gone')
    }
    this.#checks--
    this.#wake()
  }

  #finish(end: TailEnd): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.close()
    this.#ended(end)
  }

  #sleep(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** Of events that say who is in a team, and whether it is still there. */
const isOfPlaces = (type: string): boolean => type.startsWith('member.') || type.startsWith('team.')

const sizeOf = (event: StoredEvent | undefined): number => (event ? event.details_json.length + 200 : 0)
