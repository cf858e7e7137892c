import { setTimeout as sleep } from 'node:timers/promises'
import { listEventsBetween, type StoredEvent } from '#db/events.ts'
import type { Core } from '../core.ts'
import { settledEvents } from './settled.ts'

/** Gets the events of its context as they come, in their order, each once. Must not throw, and not wait. */
export type Listener = (events: readonly StoredEvent[]) => void

/** Every commit of the program wakes it; a moment's pause makes one look of many. */
const LOOK_EVERY_MS = 25
const AFTER_FAILURE_MS = 1_000
const BATCH = 1_000

/**
 * Reads new events once, however many listen, and hands them to those whose context they are of. Looks only while somebody
 * listens. One for each process.
 */
export class EventFeed {
  readonly #core: Pick<Core, 'db' | 'log'>
  readonly #listeners = new Map<string, Set<Listener>>()
  #position = 0
  #isLooking = false
  #lookAgain = false
  #unsubscribe: (() => void) | undefined

  constructor(core: Pick<Core, 'db' | 'log'>) {
    this.#core = core
  }

  /**
   * Makes ready to listen: afterwards `position` is where new events begin. Nobody has listened for a while, perhaps, and what
   * came meanwhile nobody here waits for.
   */
  async ready(): Promise<void> {
    if (this.#listeners.size > 0) return
    const position = await settledEvents(this.#core.db)
    if (this.#listeners.size === 0) this.#position = Math.max(this.#position, position)
  }

  /** Everything after it is yet to be handed out. */
  get position(): number {
    return this.#position
  }

  /** Hands over what comes after `position` as it is at this moment. Returns how to leave. */
  listen(context: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(context) ?? new Set()
    this.#listeners.set(context, listeners.add(listener))
    this.#unsubscribe ??= this.#core.db.onChange(() => this.#wake())
    this.#wake()
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(context) === listeners) this.#listeners.delete(context)
      if (this.#listeners.size > 0) return
      this.#unsubscribe?.()
      this.#unsubscribe = undefined
    }
  }

  #wake(): void {
    this.#lookAgain = true
    if (this.#isLooking) return
    this.#isLooking = true
    void this.#look()
  }

  async #look(): Promise<void> {
    while (this.#lookAgain && this.#listeners.size > 0) {
      this.#lookAgain = false
      try {
        await this.#handOutNew()
        await sleep(LOOK_EVERY_MS)
      } catch (err) {
        this.#core.log.warn({ err }, 'New events could not be read and will be in a moment')
        this.#lookAgain = true
        await sleep(AFTER_FAILURE_MS)
      }
    }
    this.#isLooking = false
  }

  async #handOutNew(): Promise<void> {
    const upTo = await settledEvents(this.#core.db)
    while (this.#position < upTo) {
      const after = this.#position
      const events = await listEventsBetween.all(this.#core.db, { after, upTo, limit: BATCH })
      // Between here and the listeners nothing waits: whoever begins to listen finds the position and its events in step.
      this.#position = events.length < BATCH ? upTo : (events.at(-1)?.seq ?? upTo)
      this.#handOut(events)
    }
  }

  #handOut(events: readonly StoredEvent[]): void {
    const byContext = new Map<string, StoredEvent[]>()
    for (const event of events) {
      if (event.context === null || !this.#listeners.has(event.context)) continue
      const list = byContext.get(event.context)
      if (list) list.push(event)
      else byContext.set(event.context, [event])
    }
    for (const [context, list] of byContext) for (const listener of this.#listeners.get(context) ?? []) listener(list)
  }
}
