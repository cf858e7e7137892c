import type { Core } from '../core.ts'
import type { DecideContext } from './decide.ts'
import type { StoredRun } from './stored.ts'

/** Steps of one run that execute at once; a job's own `limits.concurrency` can only lower it. */
const MAX_PARALLEL = 8

/** What decisions about a run need to know of everything around it. */
export const decideContext = (core: Pick<Core, 'ids' | 'tools'>, run: StoredRun, nowMs: number): DecideContext => ({
  nowMs,
  random: () => core.ids.random(),
  maxParallel: MAX_PARALLEL,
  attemptGroup: run.pins.retried?.group ?? 1,
  retryOf: (toolId) => core.tools.find(toolId)?.retry ?? { maxAttempts: 1, backoffMs: 0, capMs: 0 },
})
