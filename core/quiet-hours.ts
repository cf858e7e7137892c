const MINUTE_MS = 60_000
const DAY_MINUTES = 24 * 60
const DAY_MS = DAY_MINUTES * MINUTE_MS
/** No zone puts its clocks forward by more in a night. */
const SHIFT_MAX_MINUTES = 120

/** From a time of day until another, `22:00` to `07:00`; over midnight where the second is the earlier one. */
export type Hours = { from: string; to: string }

/** Hours, and the zone whose clocks tell them. */
export interface HoursIn {
  hours: Hours
  timeZone: string
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/

export const isTimeOfDay = (text: string): boolean => TIME.test(text)

/** When the quiet hours that reign in a zone at a moment end; null when there are none then. */
export function quietUntilMs(quiet: Hours | null, timeZone: string, nowMs: number): number | null {
  if (!quiet) return null
  let atMs = nowMs
  // A clock that is put back in between moves the end away: then it is not over yet, and is looked at again.
  while (isQuiet(quiet, timeZone, atMs)) {
    const minutes = (minutesOf(quiet.to) - localMinutes(timeZone, atMs) + DAY_MINUTES) % DAY_MINUTES
    atMs = atMs - (atMs % MINUTE_MS) + Math.max(1, minutes) * MINUTE_MS
    // One that is put forward brings it nearer, or jumps over it.
    const isPast = localMinutes(timeZone, atMs) !== minutesOf(quiet.to)
    while (isPast && atMs - MINUTE_MS > nowMs && !isQuiet(quiet, timeZone, atMs - MINUTE_MS)) atMs -= MINUTE_MS
  }
  return atMs === nowMs ? null : atMs
}

/**
 * When it is quiet no more by any of several rules; null when it is not quiet now. Rules that leave no minute of the day
 * hold nothing up for longer than a day.
 */
export function quietUntilAllMs(rules: readonly HoursIn[], nowMs: number): number | null {
  let atMs = nowMs
  for (let isOver = false; !isOver && atMs - nowMs < DAY_MS; ) {
    isOver = true
    for (const { hours, timeZone } of rules) {
      const untilMs = quietUntilMs(hours, timeZone, atMs)
      if (untilMs === null) continue
      atMs = untilMs
      isOver = false
    }
  }
  return atMs === nowMs ? null : Math.min(atMs, nowMs + DAY_MS)
}

/** The next moment, after this one, at which a clock in that zone shows a time of day. */
export function nextTimeOfDayMs(time: string, timeZone: string, nowMs: number): number {
  // Most of the day is before it; what follows it at once is long enough for any shift of the clocks to end in.
  const after = (minutesOf(time) + SHIFT_MAX_MINUTES + 1) % DAY_MINUTES
  const rest = { from: `${pad(Math.floor(after / 60))}:${pad(after % 60)}`, to: time }
  let fromMs = nowMs
  for (;;) {
    const atMs = quietUntilMs(rest, timeZone, fromMs)
    if (atMs !== null) return atMs
    fromMs += SHIFT_MAX_MINUTES * MINUTE_MS
  }
}

const pad = (value: number): string => String(value).padStart(2, '0')

function isQuiet({ from, to }: Hours, zone: string, atMs: number): boolean {
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
