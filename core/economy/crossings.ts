import type { Counter, LimitName } from './counter.ts'

/** Of a limit; each is told of once. */
const PERCENTS = [50, 80, 100] as const

/** A limit that has just been used up to half, to four fifths, or whole. */
export interface Crossing {
  scope: string
  limit: LimitName | 'budget'
  /** `Your monthly cap in Acme`, as the spender reads it. */
  title: string
  size: bigint
  used: bigint
  percents: number[]
  /** Where it is not the month's. */
  period?: Counter['period']
}

/** Which thresholds lie between what was used and what is used now, the highest last; none as a rule. */
export function crossedPercents(
  { size, used, added }: { size: bigint; used: bigint; added: bigint },
  percents: readonly number[] = PERCENTS,
): number[] {
  if (size <= 0n || added <= 0n) return []
  const before = used - added
  return percents.filter((percent) => {
    const threshold = size * BigInt(percent)
    return before * 100n < threshold && used * 100n >= threshold
  })
}

/** Which of some amounts available money has just fallen below, the lowest last. */
export const fallenBelow = (thresholds: readonly bigint[], beforeMicros: bigint, afterMicros: bigint): bigint[] =>
  thresholds
    .filter((threshold) => afterMicros < threshold && beforeMicros >= threshold)
    .sort((a, b) => (a < b ? 1 : -1))
