import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { AppError } from '#core/errors.ts'
import type { Env } from '../env.ts'

/** Allows so many tries per address and minute; above it 429 with Retry-After. Counted in this process. */
export function createThrottle({ points, perSeconds }: { points: number; perSeconds: number }) {
  const limiter = new RateLimiterMemory({ points, duration: perSeconds })
  return async function throttle(c: Context<Env>, what: string): Promise<void> {
    try {
      await limiter.consume(`${what}:${addressOf(c)}`)
    } catch (refused) {
      // The library rejects with its counters, not with an Error.
      const waitMs = (refused as { msBeforeNext?: number }).msBeforeNext ?? perSeconds * 1000
      c.header('Retry-After', String(Math.ceil(waitMs / 1000)))
      throw new AppError('too_many_requests', 'Too many tries. Wait a minute.')
    }
  }
}

function addressOf(c: Context<Env>): string {
  try {
    return getConnInfo(c).remote.address ?? 'unknown'
  } catch {
    // Called without a socket, as tests do.
    return 'unknown'
  }
}
