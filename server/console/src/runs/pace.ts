import { useRef } from 'react'

/** What was last seen, and since when it has been so. */
interface Seen {
  data: unknown
  sinceMs: number
}

/** How long nothing has changed, and how long to wait then. */
const PACES = [
  { unchangedMs: 8_000, pauseMs: 1_000 },
  { unchangedMs: 30_000, pauseMs: 2_000 },
  { unchangedMs: 120_000, pauseMs: 5_000 },
] as const
const SLOWEST_MS = 15_000

export const pauseAfter = (unchangedMs: number): number =>
  PACES.find((pace) => unchangedMs < pace.unchangedMs)?.pauseMs ?? SLOWEST_MS

/** When to look again at what may still change: soon after it did, less and less often while it does not. */
export function usePace(): (data: unknown) => number {
  const seen = useRef<Seen>({ data: undefined, sinceMs: 0 })
  return (data) => {
    const nowMs = Date.now()
    if (seen.current.data !== data) seen.current = { data, sinceMs: nowMs }
    return pauseAfter(nowMs - seen.current.sinceMs)
  }
}
