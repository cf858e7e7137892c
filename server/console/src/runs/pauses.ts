/** How long nothing has changed, and how long to wait then. */
const PACES = [
  { unchangedMs: 8_000, pauseMs: 1_000 },
  { unchangedMs: 30_000, pauseMs: 2_000 },
  { unchangedMs: 120_000, pauseMs: 5_000 },
] as const
const SLOWEST_MS = 15_000

export const pauseAfter = (unchangedMs: number): number =>
  PACES.find((pace) => unchangedMs < pace.unchangedMs)?.pauseMs ?? SLOWEST_MS
