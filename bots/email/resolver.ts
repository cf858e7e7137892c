import { promises as dns } from 'node:dns'
import type { Clock } from '#core/clock.ts'

export type Resolve = (domain: string, type: string) => Promise<string[][] | string[]>

const TIMEOUT_MS = 5_000
const KEEP_MS = 10 * 60_000
const KEPT_MAX = 1_000

/** The names of the world, asked once in a while: within five seconds, or the answer counts as not there for now. */
export function cachedResolver(clock: Clock, resolve: Resolve = ask): Resolve {
  const kept = new Map<string, { answer: string[][] | string[]; untilMs: number }>()
  return async (domain, type) => {
    const key = `${type} ${domain.toLowerCase()}`
    const known = kept.get(key)
    if (known && known.untilMs > clock.nowMs()) return known.answer
    const answer = await inTime(resolve(domain, type))
    if (kept.size >= KEPT_MAX) kept.clear()
    kept.set(key, { answer, untilMs: clock.nowMs() + KEEP_MS })
    return answer
  }
}

const ask: Resolve = (domain, type) => dns.resolve(domain, type) as Promise<string[][] | string[]>

function inTime<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(Object.assign(new Error('The name could not be looked up in time'), { code: 'ETIMEOUT' })),
      TIMEOUT_MS,
    )
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
