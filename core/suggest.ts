/** More slips than this make another word, however long the two are. Keeps hostile lists of long words cheap, too. */
const SLIPS_MAX = 3
const LETTERS_MAX = 64

/**
 * The candidate a mistyped word most likely meant, or undefined when none is near.
 * Near is at most one slip in three letters and three in all; letter case and `-`, `_`, `.` count for nothing.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(word)
  if (wanted === '' || wanted.length > LETTERS_MAX) return undefined
  let nearest: string | undefined
  let slipsMax = Math.min(SLIPS_MAX, Math.max(1, Math.floor(wanted.length / 3)))
  for (const candidate of candidates) {
    const offered = fold(candidate)
    const slips = slipsBetween(wanted, offered, slipsMax)
    if (slips > slipsMax || slips >= Math.max(wanted.length, offered.length)) continue
    nearest = candidate
    slipsMax = slips - 1
    if (slips === 0) break
  }
  return nearest
}

/** `; did you mean title?`, or nothing: to be put behind a sentence about an unknown word. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const candidate = suggest(word, candidates)
  return candidate === undefined ? '' : `; did you mean ${candidate}?`
}

const fold = (word: string): string => (/[-_.\sA-Z]/.test(word) ? word.toLowerCase().replaceAll(/[-_.\s]/g, '') : word)

/** The three rows of the table at work, kept because there may be a million words to compare. */
const rows = Array.from({ length: 3 }, () => new Uint8Array(LETTERS_MAX + SLIPS_MAX + 1))

/**
 * Letters to add, drop, change, or swap with their neighbour to get from one word to the other; anything above `most`
 * when there are more. Looks only at the band of the table in which that can be.
 */
function slipsBetween(a: string, b: string, most: number): number {
  const tooMany = most + 1
  if (Math.abs(a.length - b.length) > most) return tooMany
  let [beforeLast, last, current] = rows as [Uint8Array, Uint8Array, Uint8Array]
  for (let column = 0; column <= b.length; column++) last[column] = column
  for (let row = 1; row <= a.length; row++) {
    const from = Math.max(1, row - most)
    const to = Math.min(b.length, row + most)
    current[from - 1] = from === 1 ? row : tooMany
    let least = tooMany
    for (let column = from; column <= to; column++) {
      const isSame = a[row - 1] === b[column - 1]
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      // The cell above the right end of the band was not filled in.
      const above = column === row + most ? tooMany : at(last, column)
      let slips = Math.min(above + 1, at(current, column - 1) + 1, at(last, column - 1) + (isSame ? 0 : 1), tooMany)
      if (isSwapped) slips = Math.min(slips, at(beforeLast, column - 2) + 1)
      current[column] = slips
      if (slips < least) least = slips
    }
    if (least > most) return tooMany
    ;[beforeLast, last, current] = [last, current, beforeLast]
  }
  return at(last, b.length)
}

const at = (row: Uint8Array, column: number): number => row[column] ?? 0
