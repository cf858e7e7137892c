import { showDuration } from '../duration.ts'
import { describeCron, nextCronMs } from './cron.ts'

/** When something is to happen. Plain rules: no clock and no database. */
export type Rhythm =
  | { kind: 'cron'; cron: string; timeZone: string }
  /** At `atMs`, and every so often after it. */
  | { kind: 'interval'; everyMs: number; atMs: number; timeZone: string }
  | { kind: 'once'; atMs: number; timeZone: string }
  /** At `atMs`; each time it is decided anew when it comes next, and this often when nobody decides. */
  | { kind: 'planned'; everyMs: number; atMs: number; timeZone: string }

/** Its first time after this moment; null when that was the last. Never this moment, never one before it. */
export function nextAfter(rhythm: Rhythm, afterMs: number): number | null {
  switch (rhythm.kind) {
    case 'cron':
      return nextCronMs(rhythm.cron, rhythm.timeZone, afterMs)
    case 'interval':
    case 'planned': {
      const { everyMs, atMs } = rhythm
      if (afterMs < atMs) return atMs
      return atMs + (Math.floor((afterMs - atMs) / everyMs) + 1) * everyMs
    }
    case 'once':
      return rhythm.atMs > afterMs ? rhythm.atMs : null
  }
}

export interface Bounds {
  expiresAtMs: number | null
  maxRuns: number | null
  runs: number
}

/** The next time within what was agreed, or why there is none. */
export function nextWithin(
  rhythm: Rhythm,
  bounds: Bounds,
  afterMs: number,
): { atMs: number } | { ended: 'done' | 'expired' | 'max_runs' } {
  if (bounds.maxRuns !== null && bounds.runs >= bounds.maxRuns) {
    return { ended: rhythm.kind === 'once' ? 'done' : 'max_runs' }
  }
  const atMs = nextAfter(rhythm, afterMs)
  if (atMs === null) return { ended: 'done' }
  if (bounds.expiresAtMs !== null && atMs > bounds.expiresAtMs) return { ended: 'expired' }
  return { atMs }
}

/** The next times from `firstMs` on, that one included: at most so many, and no more than will come. */
export function upcoming(rhythm: Rhythm, bounds: Bounds, firstMs: number, most: number): number[] {
  const known = rhythm.kind === 'planned' ? 1 : most
  const left = bounds.maxRuns === null ? known : Math.min(known, bounds.maxRuns - bounds.runs)
  const times: number[] = []
  let atMs: number | null = firstMs
  while (atMs !== null && times.length < left && (bounds.expiresAtMs === null || atMs <= bounds.expiresAtMs)) {
    times.push(atMs)
    atMs = nextAfter(rhythm, atMs)
  }
  return times
}

/** Times that are due. With `restFromMs` there were too many: those from there up to the first of `times` are not named. */
export interface DueTimes {
  times: number[]
  restFromMs?: number
}

/**
 * The times that are due by now, from `firstMs` on, oldest first. Where there are more than `most`, only about the latest
 * hundred of them are named.
 */
export function dueTimes(
  rhythm: Rhythm,
  { firstMs, nowMs, expiresAtMs, most }: { firstMs: number; nowMs: number; expiresAtMs: number | null; most: number },
): DueTimes {
  const untilMs = expiresAtMs === null ? nowMs : Math.min(nowMs, expiresAtMs)
  const times = timesBetween(rhythm, firstMs, untilMs, most + 1)
  if (times.length <= most) return { times }
  const usualGapMs = ((times.at(-1) ?? firstMs) - firstMs) / most
  const tailFromMs = nextAfter(rhythm, Math.floor(untilMs - usualGapMs * LATEST)) ?? untilMs + 1
  return { times: timesBetween(rhythm, tailFromMs, untilMs, most), restFromMs: firstMs }
}

/** Of too many times, about so many are named. */
const LATEST = 100

function timesBetween(rhythm: Rhythm, firstMs: number, untilMs: number, most: number): number[] {
  const times: number[] = []
  let atMs: number | null = firstMs
  while (atMs !== null && atMs <= untilMs && times.length < most) {
    times.push(atMs)
    atMs = nextAfter(rhythm, atMs)
  }
  return times
}

/** `at 09:00, Monday through Friday (Europe/Berlin)`, `every 15m`, `once at 2026-11-21T08:00:00.000Z`. */
export function describeRhythm(rhythm: Rhythm): string {
  switch (rhythm.kind) {
    case 'cron': {
      const words = describeCron(rhythm.cron) ?? rhythm.cron
      return `${words.charAt(0).toLowerCase()}${words.slice(1)} (${rhythm.timeZone})`
    }
    case 'interval':
      return `every ${showDuration(rhythm.everyMs)}`
    case 'planned':
      return `planned anew each time, usually every ${showDuration(rhythm.everyMs)}`
    case 'once':
      return `once, ${new Intl.DateTimeFormat('en-GB', { timeZone: rhythm.timeZone, dateStyle: 'medium', timeStyle: 'short' }).format(rhythm.atMs)} (${rhythm.timeZone})`
  }
}
