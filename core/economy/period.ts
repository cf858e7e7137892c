/** Limits of a month are counted per UTC month: `2026-11`. */
export const periodOf = (nowMs: number): string => new Date(nowMs).toISOString().slice(0, 7)

/** When this month's limits start anew. */
export function nextPeriodMs(nowMs: number): number {
  const now = new Date(nowMs)
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)
}
