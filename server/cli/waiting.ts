import type { Core } from '#core/core.ts'
import { hasRunEnded } from '#core/runs/states.ts'
import { loadRun } from '#core/runs/stored.ts'
import { listChildren } from '#db/runs.ts'

/** Even when nobody told of a change. */
const LOOK_EVERY_MS = 500

/** Looks after each commit, here or elsewhere, until there is something to give back; undefined once aborted. */
export async function untilDefined<T>(
  db: Core['db'],
  look: () => Promise<T | undefined>,
  signal?: AbortSignal,
): Promise<T | undefined> {
  while (!signal?.aborted) {
    // Listening begins before the look: what happens during it is not missed.
    const changed = nextChange(db, signal)
    try {
      const found = await look()
      if (found !== undefined) return found
      await changed.promise
    } finally {
      changed.cancel()
    }
  }
  return undefined
}

function nextChange(db: Core['db'], signal?: AbortSignal): { promise: Promise<void>; cancel(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  const unsubscribe = db.onChange(() => resolve())
  const timer = setTimeout(resolve, LOOK_EVERY_MS)
  signal?.addEventListener('abort', () => resolve(), { once: true })
  return {
    promise,
    cancel() {
      clearTimeout(timer)
      unsubscribe()
    },
  }
}

/** Whether a run goes on by itself. One that waits for a person or for money does not, however deep that is nested. */
export async function isMoving(db: Core['db'], runId: string): Promise<boolean> {
  const run = await loadRun(db, runId)
  if (!run || hasRunEnded(run.state.status)) return false
  if (run.state.status !== 'waiting') return true
  const waiting = run.state.steps.filter(({ status }) => status === 'waiting')
  if (waiting.some(({ waitFor }) => waitFor === 'timer' || waitFor === 'callback')) return true
  if (!waiting.some(({ waitFor }) => waitFor === 'job')) return false
  const children = await listChildren.all(db, { parentRunId: runId })
  const moving = await Promise.all(children.map(({ id }) => isMoving(db, id)))
  // A child that has ended is taken up by its parent in a moment.
  return moving.includes(true) || children.every(({ finished_at_ms }) => finished_at_ms !== null)
}
