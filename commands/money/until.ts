import { parseDurationMs } from '#core/duration.ts'
import { AppError } from '#core/errors.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const DAY = /^\d{4}-\d{2}-\d{2}$/
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/

/** When something ends, as people write it: `3d`, `12 hours`, `2026-12-01` (that day included), a whole ISO time. */
export function readUntil(words: string, nowMs: number): number {
  const text = words.trim().replace(/^for /i, '')
  const lengthMs = parseDurationMs(text)
  if (lengthMs !== undefined) return nowMs + lengthMs
  const atMs = DAY.test(text) ? Date.parse(text) + DAY_MS : TIME.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isFinite(atMs)) return atMs
  throw new AppError('bad_input', '<until> takes a length of time like 3d or 12h, or a day like 2026-12-01.')
}
