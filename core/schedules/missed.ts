/** What is to become of slots that came while nothing ran. */
export interface MissedPolicy {
  policy: 'skip' | 'once' | 'all'
  /** With `all`: at most so many of them, the latest. */
  max: number
}

/** A restart does not make a slot a missed one. */
export const ON_TIME_MS = 15_000
/** Nor does a busy moment of a process that was there; one that slept for longer was not. */
export const BUSY_MS = 30_000

/**
 * Whether slots that are due, the oldest first, were missed: nobody was there for the first of them. Who has looked since
 * before it came (`sinceMs`) was there, and is merely late. Else several at once mean that nobody looked, and then the last
 * was missed like the others, however short ago it was; a single one may be late for a little.
 */
export function areMissed(times: readonly number[], { nowMs, sinceMs }: { nowMs: number; sinceMs: number }): boolean {
  const [firstMs] = times
  if (firstMs === undefined) return false
  if (firstMs > sinceMs && nowMs - firstMs <= BUSY_MS) return false
  return times.length > 1 || nowMs - firstMs > ON_TIME_MS
}

/** Of missed slots, oldest first: which are made up for, and which stay missed. */
export function shareMissed(
  { policy, max }: MissedPolicy,
  times: readonly number[],
): { missed: number[]; run: number[] } {
  const most = policy === 'skip' ? 0 : policy === 'once' ? 1 : max
  const from = Math.max(0, times.length - most)
  return { missed: times.slice(0, from), run: times.slice(from) }
}
