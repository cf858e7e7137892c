import type { ScheduleRow } from '#db/schedules.ts'
import type { Bounds, Rhythm } from './rhythm.ts'

export function rhythmOf({ kind, cron, every_ms, at_ms, next_at_ms, time_zone: timeZone }: ScheduleRow): Rhythm {
  if (kind === 'cron' && cron !== null) return { kind, cron, timeZone }
  if (kind === 'interval' && every_ms !== null && at_ms !== null)
    return { kind, everyMs: every_ms, atMs: at_ms, timeZone }
  if (kind === 'once' && at_ms !== null) return { kind, atMs: at_ms, timeZone }
  if (kind === 'planned' && every_ms !== null && at_ms !== null)
    return { kind, everyMs: every_ms, atMs: next_at_ms ?? at_ms, timeZone }
  throw new Error(`A schedule of kind ${kind} lacks what it needs`)
}

export const boundsOf = ({ expires_at_ms, max_runs, runs }: ScheduleRow): Bounds => ({
  expiresAtMs: expires_at_ms,
  maxRuns: max_runs,
  runs,
})

/** Tools have a dot in their names, jobs have none. */
export const targetOf = (jobKey: string): { job: string } | { tool: string } =>
  jobKey.includes('.') ? { tool: jobKey } : { job: jobKey }
