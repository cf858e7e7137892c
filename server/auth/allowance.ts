import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'
import { AppError } from '#core/errors.ts'
import type { Env } from '../env.ts'

const MINUTE_S = 60

/**
 * So many a minute for each of those who take from it; above it 429 with Retry-After. Counted in this process: of several
 * each counts what comes to it.
 */
export class Allowance {
  readonly #limiter: RateLimiterMemory
  readonly #words: string

  constructor(perMinute: number, words = 'Too many requests.') {
    this.#limiter = new RateLimiterMemory({ points: perMinute, duration: MINUTE_S })
    this.#words = words
  }

  async take(c: Context<Env>, whose: string): Promise<void> {
    // The library rejects with its counters, not with an Error.
    const { taken, isRefused } = await this.#limiter.consume(whose).then(
      (taken) => ({ taken, isRefused: false }),
      (taken: RateLimiterRes) => ({ taken, isRefused: true }),
    )
    const waitS = Math.max(1, Math.ceil(taken.msBeforeNext / 1000))
    this.#tell(c, taken.remainingPoints, waitS)
    if (!isRefused) return
    c.header('Retry-After', String(waitS))
    throw new AppError('too_many_requests', `${this.#words} Wait ${waitS} seconds.`)
  }

  /** Of several allowances that a request takes from, the answer tells of the one with the least left. */
  #tell(c: Context<Env>, left: number, resetS: number): void {
    const told = c.get('requestsLeft')
    if (told !== undefined && told <= left) return
    c.set('requestsLeft', left)
    c.header('RateLimit-Limit', String(this.#limiter.points))
    c.header('RateLimit-Remaining', String(left))
    c.header('RateLimit-Reset', String(resetS))
  }
}

/** Of the connection: behind a proxy it is the proxy's, because anybody can write a header. */
export function addressOf(c: Context<Env>): string {
  try {
    return getConnInfo(c).remote.address ?? 'unknown'
  } catch {
    // Called without a socket, as tests do.
    return 'unknown'
  }
}
