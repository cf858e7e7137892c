import { holdTask, listToNudge, markNudged } from '#db/tasks.ts'
import type { Core } from '../core.ts'
import { tellNudged } from './tell.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/** What somebody has in hand is theirs until they say otherwise; once a day they are reminded of it. */
const NUDGE_AFTER_MS = 24 * 3_600_000
const BATCH = 50

/** Reminds those who have had a task in hand for a day without moving it. Two who do this at once remind once. */
export async function nudgeTasks({ db, ...core }: Needs, signal: AbortSignal): Promise<number> {
  let nudged = 0
  for (let inBatch = BATCH; inBatch === BATCH && !signal.aborted; nudged += inBatch) {
    const nowMs = core.clock.nowMs()
    const beforeMs = nowMs - NUDGE_AFTER_MS
    inBatch = await db.write(async function nudgeTasks(tx) {
      const rows = await listToNudge.all(tx, { beforeMs, limit: BATCH })
      for (const { id, version } of rows) {
        const row = await holdTask.first(tx, { id })
        const isNews = row && row.version === version && (row.nudged_at_ms === null || row.nudged_at_ms < beforeMs)
        if (!isNews || (await markNudged.run(tx, { id, version, nowMs })) === 0) continue
        await tellNudged(core, tx, row, Math.floor((nowMs - row.status_at_ms) / NUDGE_AFTER_MS))
      }
      return rows.length
    })
  }
  return nudged
}
