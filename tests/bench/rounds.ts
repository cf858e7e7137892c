/** Runs so many, so many at once: each place begins the next when its own has ended. */
export async function closedLoop(count: number, atOnce: number, one: (slot: number) => Promise<void>): Promise<void> {
  let begun = 0
  await fill(atOnce, one, () => begun++ < count)
}

/** The same for a time; how many ended. */
export async function closedLoopFor(ms: number, atOnce: number, one: (slot: number) => Promise<void>): Promise<number> {
  const untilMs = performance.now() + ms
  let begun = 0
  await fill(atOnce, one, () => performance.now() < untilMs && ++begun > 0)
  return begun
}

async function fill(atOnce: number, one: (slot: number) => Promise<void>, goesOn: () => boolean): Promise<void> {
  const place = async (slot: number): Promise<void> => {
    while (goesOn()) await one(slot)
  }
  await Promise.all(Array.from({ length: atOnce }, (_, slot) => place(slot)))
}

export const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
export const spread = (values: number[]): string =>
  `(${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)})`

/** The value below which so large a part of them lies. */
export const quantile = (values: number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0
