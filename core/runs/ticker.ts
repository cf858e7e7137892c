/** How soon a cancel, or the end of a nested run, is noticed while tools execute. */
const WATCH_MS = 250

const watching = new Set<() => void>()
let timer: NodeJS.Timeout | undefined

/** Calls back every so often until it is told to stop. One timer for all runs: thousands of them would cost more than runs. */
export function watch(look: () => void): () => void {
  watching.add(look)
  timer ??= setInterval(() => {
    for (const each of watching) each()
  }, WATCH_MS)
  return () => {
    watching.delete(look)
    if (watching.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}
