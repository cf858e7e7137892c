import { type HoursIn, quietUntilMs } from '../quiet-hours.ts'
import type { AgentProfile } from './agent.ts'

const HOUR_MS = 3_600_000

/**
 * When an agent takes work up: now (null), or at that moment. Days are those of its own zone; a night shift belongs to the
 * day on which it begins.
 */
export function worksAgainMs(hours: AgentProfile['workingHours'], nowMs: number): number | null {
  if (hours === null) return null
  const off = { from: hours.hours.to, to: hours.hours.from }
  let atMs = nowMs
  // A week has every day; one more for the clocks that are changed in it.
  for (const lastMs = nowMs + 8 * 24 * HOUR_MS; atMs < lastMs; ) {
    const untilMs = off.from === off.to ? null : quietUntilMs(off, hours.timeZone, atMs)
    if (untilMs !== null) atMs = untilMs
    else if (hours.days.includes(shiftDay(hours, atMs))) return atMs === nowMs ? null : atMs
    else atMs += HOUR_MS - (atMs % HOUR_MS || 0)
  }
  return atMs
}

function shiftDay({ hours: { from, to }, timeZone }: HoursIn, atMs: number): number {
  const format = { timeZone, hourCycle: 'h23', hour: '2-digit', minute: '2-digit' } as const
  const time = new Intl.DateTimeFormat('en-GB', format).format(atMs)
  // After midnight it is still the shift of the evening before.
  const isAfterMidnight = to < from && time < to
  const day = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short' }).format(atMs)
  const number = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(day) + 1
  return isAfterMidnight ? ((number + 5) % 7) + 1 : number
}
