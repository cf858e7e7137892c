/**
 * The candidate a mistyped word most likely meant, or undefined when none is near.
 * Near is at most one slip in three letters; letter case and `-`, `_`, `.` count for nothing.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(word)
  if (wanted === '' || wanted.length > 64) return undefined
  const slipsMax = Math.max(1, Math.floor(wanted.length / 3))
  let best: { candidate: string; slips: number } | undefined
  for (const candidate of candidates) {
    const offered = fold(candidate)
    if (offered === '' || Math.abs(offered.length - wanted.length) > slipsMax) continue
    const slips = slipsBetween(wanted, offered)
    if (slips > slipsMax || slips >= Math.max(wanted.length, offered.length)) continue
    if (!best || slips < best.slips) best = { candidate, slips }
  }
  return best?.candidate
}

/** `; did you mean title?`, or nothing: to be put behind a sentence about an unknown word. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const candidate = suggest(word, candidates)
  return candidate === undefined ? '' : `; did you mean ${candidate}?`
}

const fold = (word: string): string => word.toLowerCase().replaceAll(/[-_.\s]/g, '')

/** Letters to add, drop, change, or swap with their neighbour to get from one word to the other. */
function slipsBetween(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1]
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    beforeLast = last
    last = current
  }
  return last[b.length] ?? 0
}
