import { slowDown } from '../errors.ts'
import type { RateLimits } from '../types.ts'
import type { ChatRecord } from '../world/chat.ts'

interface Tally {
  tokens: number
  at: number
  /** When each message of the last minute went out; groups only. */
  minute: number[]
}

/** Telegram's published limits: about one message a second in a chat, twenty a minute in a group. */
export class Limiter {
  #limits: Required<RateLimits> | undefined
  readonly #tallies = new Map<number, Tally>()
  readonly #now: () => number

  constructor(limits: boolean | RateLimits, now: () => number) {
    this.#now = now
    this.set(limits)
  }

  get on(): boolean {
    return this.#limits !== undefined
  }

  set(limits: boolean | RateLimits): void {
    const given = limits === true ? {} : limits
    this.#limits = given ? { perSecond: 1, burst: 3, groupPerMinute: 20, ...given } : undefined
    this.#tallies.clear()
  }

  /** Counts one message or edit, or refuses it with the seconds to wait. */
  spend(chat: ChatRecord): void {
    const limits = this.#limits
    if (!limits) return
    const now = this.#now()
    const tally = this.#tallies.get(chat.id) ?? { tokens: limits.burst, at: now, minute: [] }
    this.#tallies.set(chat.id, tally)
    tally.tokens = Math.min(limits.burst, tally.tokens + ((now - tally.at) / 1000) * limits.perSecond)
    tally.at = now
    tally.minute = tally.minute.filter((at) => at > now - 60_000)
    const oldest = tally.minute.at(-limits.groupPerMinute)
    if (chat.type !== 'private' && oldest !== undefined) throw slowDown(seconds(oldest + 60_000 - now))
    if (tally.tokens < 1) throw slowDown(seconds(((1 - tally.tokens) / limits.perSecond) * 1000))
    tally.tokens -= 1
    tally.minute.push(now)
  }
}

const seconds = (milliseconds: number): number => Math.max(1, Math.ceil(milliseconds / 1000))
