/** Numbers, money, sizes and times as people read them. Money stays text: no floating point. */

/** `"1234.5"` → `$1,234.50`; below a cent up to six places, never rounded up. */
export function formatUsd(amount: string): string {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(amount.trim())
  if (!match) return amount
  const [, sign, whole = '0', fraction = ''] = match
  const isSmall = /^0*$/.test(whole) && /^00/.test(fraction) && /[1-9]/.test(fraction)
  const places = isSmall ? fraction.slice(0, 6).replace(/0+$/, '') : fraction.padEnd(2, '0').slice(0, 2)
  const grouped = whole.replace(/^0+(?=\d)/, '').replace(/\B(?=(\d{3})+$)/g, ',')
  return `${sign === '-' ? '−' : ''}$${grouped}.${places.padEnd(2, '0')}`
}

/** Share of a limit that is used, 0 to 100, for a bar. */
export const percentOf = (used: string, limit: string): number =>
  Number(limit) > 0 ? Math.min(100, Math.max(0, (Number(used) / Number(limit)) * 100)) : 0

export const isZero = (amount: string): boolean => /^[+-]?[0.]*$/.test(amount)

/** `1536` → `1.5 KB`. */
export function formatSize(sizeBytes: number): string {
  if (sizeBytes < 1024) return `${sizeBytes} B`
  const units = ['KB', 'MB', 'GB']
  let value = sizeBytes / 1024
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value < 10 ? value.toFixed(1).replace('.0', '') : Math.round(value)} ${units[unit]}`
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const dayTimeParts = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const
const dayTime = new Intl.DateTimeFormat(undefined, dayTimeParts)
const dayTimeOfYear = new Intl.DateTimeFormat(undefined, { ...dayTimeParts, year: 'numeric' })
const precise = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' })

export const formatClock = (at: string): string => clock.format(new Date(at))

/** With seconds: what stands in a log. */
export const formatSecond = (at: string): string => precise.format(new Date(at))

/** `4 May, 09:30`, in the reader's own zone and way, and with the year when it is another one. */
export function formatDayTime(at: string, nowMs: number): string {
  const date = new Date(at)
  return (date.getFullYear() === new Date(nowMs).getFullYear() ? dayTime : dayTimeOfYear).format(date)
}

/** `340 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1).replace('.0', '')} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const units = [
    [86_400, 'd', 3_600, 'h'],
    [3_600, 'h', 60, 'min'],
    [60, 'min', 1, 's'],
  ] as const
  for (const [size, unit, small, rest] of units) {
    if (seconds < size) continue
    const left = Math.floor((seconds % size) / small)
    return `${Math.floor(seconds / size)} ${unit}${left > 0 ? ` ${left} ${rest}` : ''}`
  }
  return `${seconds} s`
}

/** Day, time and zone: what stands behind a short time. */
export const formatFull = (at: string | number): string => full.format(new Date(at))

/** A moment among words: day and time, in the reader's zone. */
export const formatMoment = (atMs: string | number): string => moment.format(new Date(atMs))

/** `Today`, `Yesterday`, `Monday, 4 May`, and with the year when it is another one. */
export function formatDay(at: string, nowMs: number): string {
  const date = new Date(at)
  const now = new Date(nowMs)
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1)
  if (date.toDateString() === now.toDateString()) return 'Today'
  if (date.toDateString() === yesterday.toDateString()) return 'Yesterday'
  return date.getFullYear() === now.getFullYear() ? day.format(date) : dayOfYear.format(date)
}
