import { useRef } from 'react'
import { pauseAfter } from './pauses.ts'

/** What was last seen, and since when it has been so. */
interface Seen {
  data: unknown
  sinceMs: number
}

/** When to look again at what may still change: soon after it did, less and less often while it does not. */
export function usePace(): (data: unknown) => number {
  const seen = useRef<Seen>({ data: undefined, sinceMs: 0 })
  return (data) => {
    const nowMs = Date.now()
    if (seen.current.data !== data) seen.current = { data, sinceMs: nowMs }
    return pauseAfter(nowMs - seen.current.sinceMs)
  }
}
