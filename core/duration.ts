/** Lengths of time as people write and read them. Milliseconds inside. */

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const WEEK_MS = 7 * DAY_MS

/** A hundred years: everything above is a slip of the finger, and dates still compute. */
const MAX_MS = 36_525 * DAY_MS

const UNITS: readonly { ms: number; names: readonly string[] }[] = [
  { ms: WEEK_MS, names: ['w', 'wk', 'wks', 'week', 'weeks'] },
  { ms: DAY_MS, names: ['d', 'day', 'days'] },
  { ms: HOUR_MS, names: ['h', 'hr', 'hrs', 'hour', 'hours'] },
  { ms: MINUTE_MS, names: ['m', 'min', 'mins', 'minute', 'minutes'] },
  { ms: SECOND_MS, names: ['s', 'sec', 'secs', 'second', 'seconds'] },
  { ms: 1, names: ['ms', 'millisecond', 'milliseconds'] },
]

const UNIT_MS = new Map(UNITS.flatMap(({ ms, names }) => names.map((name) => [name, ms] as const)))

const ISO = /^P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,3})?)S)?)?$/i
const PIECE = /\s*(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]{1,12})/iy

/**
 * `2h30m`, `90s`, `1d`, `1.5 hours`, `PT2H30M`, `P1D` → whole milliseconds. Undefined when it is no such length, when a
 * unit comes twice, for months and years (which have no fixed length) and above a hundred years.
 */
export function parseDurationMs(text: string): number | undefined {
  const trimmed = text.trim()
  if (trimmed.length > 100) return undefined
  const ms = /^p/i.test(trimmed) ? parseIso(trimmed) : parsePieces(trimmed)
  return ms !== undefined && Number.isInteger(ms) && ms <= MAX_MS ? ms : undefined
}

function parseIso(text: string): number | undefined {
  const match = ISO.exec(text)
  if (!match || text.toUpperCase().endsWith('T') || text.length < 3) return undefined
  const [weeks, days, hours, minutes, seconds] = match.slice(1)
  return (
    lengthMs(weeks, WEEK_MS) +
    lengthMs(days, DAY_MS) +
    lengthMs(hours, HOUR_MS) +
    lengthMs(minutes, MINUTE_MS) +
    lengthMs(seconds, SECOND_MS)
  )
}

function parsePieces(text: string): number | undefined {
  const seen = new Set<number>()
  let sumMs = 0
  let at = 0
  while (at < text.length) {
    PIECE.lastIndex = at
    const [piece, count, unit = ''] = PIECE.exec(text) ?? []
    const unitMs = UNIT_MS.get(unit.toLowerCase())
    if (piece === undefined || unitMs === undefined || seen.has(unitMs)) return undefined
    seen.add(unitMs)
    sumMs += lengthMs(count, unitMs)
    at += piece.length
  }
  return seen.size > 0 ? sumMs : undefined
}

/** `1.1 s` is 1,100 ms and not 1,100.0000000000001: the decimals are counted in whole numbers. */
function lengthMs(count: string | undefined, unitMs: number): number {
  const [whole = '0', decimals = ''] = (count ?? '0').split('.')
  return Number(whole) * unitMs + (Number(decimals) * unitMs) / 10 ** decimals.length
}

const SHOWN = [
  { ms: DAY_MS, name: 'd' },
  { ms: HOUR_MS, name: 'h' },
  { ms: MINUTE_MS, name: 'm' },
  { ms: SECOND_MS, name: 's' },
] as const

/** The two largest units, rounded down: `2h 30m`, `1d`, `42s`, `1.2s`, `450ms`. Reads back with `parseDurationMs`. */
export function showDuration(ms: number): string {
  if (ms < 0) return `-${showDuration(-ms)}`
  if (ms < SECOND_MS) return `${Math.floor(ms)}ms`
  if (ms < 10 * SECOND_MS) return `${Math.floor(ms / 100) / 10}s`
  const first = SHOWN.findIndex((unit) => ms >= unit.ms)
  const large = SHOWN[first]
  const small = SHOWN[first + 1]
  if (!large) return `${Math.floor(ms)}ms`
  const count = Math.floor((ms % large.ms) / (small?.ms ?? large.ms))
  const main = `${Math.floor(ms / large.ms)}${large.name}`
  return small && count > 0 ? `${main} ${count}${small.name}` : main
}

/** How long ago, in one unit: `just now`, `5m ago`, `3d ago`; `in 2h` for what is to come. */
export function showAgo(atMs: number, nowMs: number): string {
  const awayMs = Math.abs(nowMs - atMs)
  const unit = SHOWN.find((candidate) => awayMs >= candidate.ms)
  if (!unit || awayMs < 10 * SECOND_MS) return 'just now'
  const length = `${Math.floor(awayMs / unit.ms)}${unit.name}`
  return atMs > nowMs ? `in ${length}` : `${length} ago`
}
