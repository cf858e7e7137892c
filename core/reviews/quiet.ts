import type { QuietHours } from '../jobs/definition.ts'

const MINUTE_MS = 60_000
const DAY_MINUTES = 24 * 60
/** No zone puts its clocks forward by more in a night. */
const SHIFT_MAX_MINUTES = 120

/** When the quiet hours that reign in a zone at a moment end; null when there are none then. */
export function quietUntilMs(quiet: QuietHours | null, timeZone: string, nowMs: number): number | null {
  if (!quiet) return null
  const zone = quiet.timeZone ?? timeZone
  let atMs = nowMs
  // A clock that is put back in between moves the end away: then it is not over yet, and is looked at again.
  while (isQuiet(quiet, zone, atMs)) {
    const minutes = (minutesOf(quiet.to) - localMinutes(zone, atMs) + DAY_MINUTES) % DAY_MINUTES
    atMs = atMs - (atMs % MINUTE_MS) + Math.max(1, minutes) * MINUTE_MS
    // One that is put forward brings it nearer.
    const pastMinutes = (localMinutes(zone, atMs) - minutesOf(quiet.to) + DAY_MINUTES) % DAY_MINUTES
    if (pastMinutes <= SHIFT_MAX_MINUTES) atMs -= pastMinutes * MINUTE_MS
  }
  return atMs === nowMs ? null : atMs
}

function isQuiet({ from, to }: QuietHours, zone: string, atMs: number): boolean {
  const [start, end, now] = [minutesOf(from), minutesOf(to), localMinutes(zone, atMs)]
  return start <= end ? now >= start && now < end : now >= start || now < end
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

function localMinutes(timeZone: string, atMs: number): number {
  const format = { timeZone, hourCycle: 'h23', hour: '2-digit', minute: '2-digit' } as const
  return minutesOf(new Intl.DateTimeFormat('en-GB', format).format(atMs))
}
