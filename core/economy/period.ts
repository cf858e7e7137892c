/** Limits of a month are counted per UTC month: `2026-11`. */
export function periodOf(nowMs: number): string {
  // Asked many times in every run, and nearly always for this month.
  if (nowMs < known.fromMs || nowMs >= known.untilMs) {
    const period = new Date(nowMs).toISOString().slice(0, 7)
    known = { period, fromMs: Date.parse(`${period}-01T00:00:00Z`), untilMs: nextPeriodMs(nowMs) }
  }
  return known.period
}

let known = { period: '', fromMs: 0, untilMs: 0 }

/** When this month's limits start anew. */
export function nextPeriodMs(nowMs: number): number {
  const now = new Date(nowMs)
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)
}
