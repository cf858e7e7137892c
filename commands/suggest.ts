import { commandName } from './grammar/line.ts'

const MAX_SUGGESTIONS = 3
const MAX_NAME_LENGTH = 64

/**
 * The names this one was probably meant to be, best first, at most three: one slip (a letter wrong, missing, added, or
 * two swapped) in short names, two from five letters on, or the beginning of a longer name. Case, `-` and `_` are equal.
 */
export function suggest(name: string, candidates: Iterable<string>): string[] {
  const wanted = commandName(name)
  if (wanted.length < 2 || wanted.length > MAX_NAME_LENGTH) return []
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, score: scoreOf(wanted, commandName(candidate)) }))
    .filter(({ score }) => score < Infinity)
    .sort(
      (a, b) => a.score - b.score || a.candidate.length - b.candidate.length || (a.candidate < b.candidate ? -1 : 1),
    )
    .slice(0, MAX_SUGGESTIONS)
    .map(({ candidate }) => candidate)
}

/** A beginning comes before as many slips and counts as one and a half at most: `/invite` means `/invitemember`. */
function scoreOf(wanted: string, candidate: string): number {
  const allowed = wanted.length >= 5 ? 2 : 1
  const isBeginning = candidate.startsWith(wanted)
  const isNear = Math.abs(wanted.length - candidate.length) <= allowed
  const slips = isNear ? countSlips(wanted, candidate) : Infinity
  if (isBeginning) return Math.min(slips - 0.5, 1.5)
  return slips <= allowed ? slips : Infinity
}

/** Damerau–Levenshtein distance in its everyday form: swapped neighbours count once and are not changed again. */
function countSlips(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1]
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
        isSwap ? at(beforeLast, column - 2) + 1 : Infinity,
      )
    }
    beforeLast = last
    last = current
  }
  return at(last, b.length)
}

const at = (row: readonly number[], column: number): number => row[column] ?? Infinity
