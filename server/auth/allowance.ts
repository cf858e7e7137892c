import type { Context } from 'hono'
import { AppError } from '#core/errors.ts'
import type { Env } from '../env.ts'
import { type Counted, Counter } from './counter.ts'
import { MINUTE_MS, ownShares, type Shares } from './shares.ts'

/** What every allowance stands on. */
export interface Counts {
  shares: Shares
  clock: { nowMs(): number }
  /** Told at most once a minute that nobody knows how much others have let through. */
  onTrouble(error: unknown): void
}

interface Options {
  name: string
  points: number
  words?: string
  /** A minute, where nothing is said. */
  lengthMs?: number
}

/** After the counts could not be had they are left in peace for this long. */
const REST_MS = 5_000
/** Longer waits are told in minutes. */
const LONG_S = 120

/**
 * So many a minute, or in a longer time, for each of those who take from it, whichever process they come to; above it 429 with Retry-After.
 * While the counts cannot be had, each process lets as many through by itself, but only of what merely reads: the rest is
 * refused with 503.
 */
export class Allowance {
  readonly #counts: Counts
  readonly #counter: Counter
  /** What counts while nobody knows better. */
  readonly #alone: Counter
  readonly #points: number
  readonly #words: string
  #restsUntilMs = 0

  constructor(counts: Counts, { name, points, words = 'Too many requests.', lengthMs = MINUTE_MS }: Options) {
    const { shares, clock } = counts
    this.#counts = counts
    this.#counter = new Counter(shares, clock, { points, name, lengthMs })
    this.#alone = new Counter(ownShares({ clock }), clock, { points, name, lengthMs })
    this.#points = points
    this.#words = words
  }

  async take(c: Context<Env>, whose: string, { mayGuess }: { mayGuess: boolean }): Promise<void> {
    const { isRefused, left, waitMs } = await this.#count(whose, mayGuess)
    const waitS = Math.max(1, Math.ceil(waitMs / 1000))
    this.#tell(c, left, waitS)
    if (!isRefused) return
    c.header('Retry-After', String(waitS))
    throw new AppError(
      'too_many_requests',
      `${this.#words} Wait ${waitS > LONG_S ? `${Math.ceil(waitS / 60)} minutes` : `${waitS} seconds`}.`,
    )
  }

  async #count(whose: string, mayGuess: boolean): Promise<Counted> {
    const nowMs = this.#counts.clock.nowMs()
    if (nowMs >= this.#restsUntilMs) {
      try {
        return await this.#counter.take(whose)
      } catch (error) {
        this.#restsUntilMs = nowMs + REST_MS
        this.#counts.onTrouble(error)
      }
    }
    if (mayGuess) return this.#alone.take(whose)
    throw new AppError('busy', 'At the moment only reading is possible. Try again in a few seconds.')
  }

  /** Of several allowances that a request takes from, the answer tells of the one with the least left. */
  #tell(c: Context<Env>, left: number, resetS: number): void {
    const told = c.get('requestsLeft')
    if (told !== undefined && told <= left) return
    c.set('requestsLeft', left)
    c.header('RateLimit-Limit', String(this.#points))
    c.header('RateLimit-Remaining', String(left))
    c.header('RateLimit-Reset', String(resetS))
  }
}
