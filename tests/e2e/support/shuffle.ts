/** The same disorder each time, so that a failure can be looked at again. */
export function shuffle<T>(list: readonly T[], seed: number): T[] {
  let state = (seed * 2_654_435_761 + 1) >>> 0
  const shuffled = [...list]
  for (let at = shuffled.length - 1; at > 0; at--) {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0
    const other = state % (at + 1)
    const [one, two] = [shuffled[at] as T, shuffled[other] as T]
    shuffled[at] = two
    shuffled[other] = one
  }
  return shuffled
}
