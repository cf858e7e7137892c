import { findLiveCycle } from '#db/plan-cycles.ts'
import { newestByHand } from '#db/schedule-fires.ts'
import { holdSchedule, type ScheduleRow } from '#db/schedules.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { once } from '../once.ts'
import { requireKeeper, requireSchedule } from '../schedules/keeper.ts'
import { busyWords, openCycle, prepareOpening } from './start.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings' | 'outbound' | 'models' | 'log'>

/**
 * Lets a planned schedule come round now, beside its times. `conflict` while a cycle goes on, and where there is nothing to do.
 * `presser` is who asked, in the context of the schedule. The same request key again gives the same run.
 */
export async function runCycleNow(
  core: Needs,
  actor: Actor,
  { id, row: found, presser }: { id: string; row: ScheduleRow; presser: Actor },
): Promise<{ runId: string }> {
  const opening = await prepareOpening(core, presser, found)
  const nowMs = core.clock.nowMs()
  return core.db.write(async function runCycleNow(tx) {
    return once(tx, { actor, operation: 'schedule.run_now', input: id, nowMs }, async () => {
      const row = await requireSchedule(tx, actor, id, holdSchedule)
      await requireKeeper(tx, actor, presser.context)
      const live = await findLiveCycle.first(tx, { scheduleId: id })
      if (live) throw new AppError('conflict', busyWords(live))
      if (!opening.run) throw new AppError('conflict', opening.notes.at(-1) ?? 'There is nothing to do.')
      const newest = await newestByHand.first(tx, { scheduleId: id, fromMs: nowMs })
      const dueAtMs = newest ? newest.due_at_ms + 1 : nowMs
      const runId = await openCycle(core, tx, row, presser, { opening, dueAtMs, byHand: 1, nowMs })
      return { runId: runId ?? '' }
    })
  })
}
