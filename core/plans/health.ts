import type { PlanSourceRow } from '#db/plans.ts'

/** How it goes with one thing that a planned schedule calls. */
export interface Health {
  state: PlanSourceRow['state']
  /** The last calls, oldest first. */
  window: (0 | 1)[]
  failedInARow: number
  /** It is not called before then. */
  restsUntilMs: number
  lastCalledAtMs: number | null
}

export const HEALTHY: Health = { state: 'ok', window: [], failedInARow: 0, restsUntilMs: 0, lastCalledAtMs: null }

export const healthOf = (row: PlanSourceRow | undefined): Health =>
  row
    ? {
        state: row.state,
        window: JSON.parse(row.window_json) as (0 | 1)[],
        failedInARow: row.failed_in_a_row,
        restsUntilMs: row.rests_until_ms,
        lastCalledAtMs: row.last_called_at_ms,
      }
    : HEALTHY

const WINDOW = 20
/** Of fewer calls nobody can say how it goes. */
const WARN_FROM = 4
const DISABLE_FROM = 6
const WARN_SHARE = 0.25
const DISABLE_SHARE = 0.5
const DOUBLINGS_MAX = 6

export type Escalated = 'warned' | 'disabled' | 'recovered' | null

/**
 * How it stands after one more call. From a quarter of failures on it is warned about and called more seldom, from a half on
 * it is not called any more until somebody says so. One that is off stays off.
 */
export function afterCall(
  before: Health,
  isGood: boolean,
  { nowMs, everyMs, maxMs }: { nowMs: number; everyMs: number; maxMs: number },
): { health: Health; escalated: Escalated } {
  const window = [...before.window, isGood ? (1 as const) : (0 as const)].slice(-WINDOW)
  const failedInARow = isGood ? 0 : before.failedInARow + 1
  const state = before.state === 'disabled' ? 'disabled' : stateOf(window)
  const rests = state !== 'ok' && !isGood
  // Longer than the schedule itself may stay away, so that it comes meanwhile for the others.
  const restMs = Math.min(maxMs * 2, everyMs * 2 ** Math.min(failedInARow, DOUBLINGS_MAX))
  const restsUntilMs = rests ? nowMs + restMs : 0
  const escalated = state === before.state ? null : state === 'ok' ? 'recovered' : state
  return { health: { state, window, failedInARow, restsUntilMs, lastCalledAtMs: nowMs }, escalated }
}

function stateOf(window: readonly (0 | 1)[]): Health['state'] {
  const share = failureShare(window)
  if (window.length >= DISABLE_FROM && share >= DISABLE_SHARE) return 'disabled'
  return window.length >= WARN_FROM && share >= WARN_SHARE ? 'warned' : 'ok'
}

export const failureShare = (window: readonly (0 | 1)[]): number =>
  window.length === 0 ? 0 : window.filter((call) => call === 0).length / window.length

/** Why it is not called now; undefined when it may be. */
export function whyNotNow(
  { state, restsUntilMs, lastCalledAtMs }: Health,
  { nowMs, cooldownMs }: { nowMs: number; cooldownMs: number },
): string | undefined {
  if (state === 'disabled') return 'it is off until somebody turns it on again'
  if (restsUntilMs > nowMs) return `it rests until ${new Date(restsUntilMs).toISOString()}, because it failed too often`
  const coolUntilMs = lastCalledAtMs === null ? 0 : lastCalledAtMs + cooldownMs
  return coolUntilMs > nowMs
    ? `it was called a moment ago and may be again at ${new Date(coolUntilMs).toISOString()}`
    : undefined
}

/** `3 of its last 12 calls failed`. */
export const healthWords = ({ window }: Pick<Health, 'window'>): string =>
  window.length === 0
    ? 'it was not called yet'
    : `${window.filter((call) => call === 0).length} of its last ${window.length} calls failed`
