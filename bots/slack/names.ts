import type { Clock } from '#core/clock.ts'
import { inTime } from './in-time.ts'

export interface Person {
  name: string
  handle?: string
}

const KNOWN_MS = 60 * 60_000
/** Who could not be looked up is not asked for again with every message. */
const UNKNOWN_MS = 60_000
const PEOPLE_MAX = 5_000

/** Slack's events carry no names. Looks them up, remembers them for an hour, and never waits longer than asked to. */
export class Names {
  readonly #lookUp: (userId: string) => Promise<Person>
  readonly #clock: Clock
  readonly #waitMs: number
  readonly #people = new Map<string, { person: Promise<Person | undefined>; untilMs: number }>()

  constructor(lookUp: (userId: string) => Promise<Person>, clock: Clock, waitMs: number) {
    this.#lookUp = lookUp
    this.#clock = clock
    this.#waitMs = waitMs
  }

  /** Undefined when Slack does not say in time; the answer then serves the next message. */
  async find(userId: string): Promise<Person | undefined> {
    const nowMs = this.#clock.nowMs()
    const kept = this.#people.get(userId)
    const person = kept && kept.untilMs > nowMs ? kept.person : this.#ask(userId, nowMs)
    return inTime(this.#clock, this.#waitMs, person)
  }

  #ask(userId: string, nowMs: number): Promise<Person | undefined> {
    const entry = {
      untilMs: nowMs + KNOWN_MS,
      person: this.#lookUp(userId).catch(() => {
        entry.untilMs = nowMs + UNKNOWN_MS
        return undefined
      }),
    }
    if (this.#people.size >= PEOPLE_MAX) this.#people.clear()
    this.#people.set(userId, entry)
    return entry.person
  }
}
