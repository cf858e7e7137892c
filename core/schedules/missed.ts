/** What is to become of slots that came while nothing ran. */
export interface MissedPolicy {
  policy: 'skip' | 'once' | 'all'
  /** With `all`: at most so many of them, the latest. */
  max: number
}

/** A restart or a busy moment does not make a slot a missed one. */
export const ON_TIME_MS = 15_000

/**
 * Whether slots that are due were missed. One look a second finds them one by one: two at once mean that nobody looked,
 * and then the last of them was missed like the others, however short ago it was.
 */
export const areMissed = (times: readonly number[], nowMs: number): boolean =>
  times.length > 1 || (times[0] !== undefined && nowMs - times[0] > ON_TIME_MS)

/** Of missed slots, oldest first: which are made up for, and which stay missed. */
export function shareMissed(
  { policy, max }: MissedPolicy,
  times: readonly number[],
): { missed: number[]; run: number[] } {
  const most = policy === 'skip' ? 0 : policy === 'once' ? 1 : max
  const from = Math.max(0, times.length - most)
  return { missed: times.slice(0, from), run: times.slice(from) }
}
