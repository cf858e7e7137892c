import type { Clock } from '#core/clock.ts'
import type { Core } from '#core/core.ts'
import { drawAllowance, findAllowance, firstShare } from '#db/allowances.ts'

export const MINUTE_MS = 60_000

/** A part of a minute's requests, or of a longer time's, that one process may let through. */
export interface Share {
  granted: number
  /** Of the minute, for whoever asks next. */
  left: number
  endsAtMs: number
}

/** Where shares come from. `draw` answers with nothing granted when the time has no more; rejects when nobody knows. */
export interface Shares {
  draw(whose: string, points: number, lengthMs: number): Promise<Share>
}

/** For a process that is alone: all of it at once. */
export const ownShares = ({ clock }: { clock: Pick<Clock, 'nowMs'> }): Shares => ({
  draw: async (_, points, lengthMs) => ({ granted: points, left: 0, endsAtMs: clock.nowMs() + lengthMs }),
})

/** For several processes on one database: together they let no more through than one would. */
export const sharedShares = ({ db, clock }: Pick<Core, 'db' | 'clock'>): Shares => ({
  async draw(whose, points, lengthMs) {
    const nowMs = clock.nowMs()
    const wish = { whose, points, first: firstShare(points), nowMs, endsAtMs: nowMs + lengthMs }
    return db.write(async function drawAllowanceShare(tx): Promise<Share> {
      const row = await drawAllowance.first(tx, wish)
      if (row) return { granted: row.granted, left: points - row.taken, endsAtMs: row.ends_at_ms }
      const taken = await findAllowance.first(tx, { whose })
      return { granted: 0, left: 0, endsAtMs: taken?.ends_at_ms ?? nowMs }
    })
  },
})
