import { findCycle, moveCycle } from '#db/plan-cycles.ts'
import { appendEvents } from '../events/append.ts'
import { scheduleEvent } from '../schedules/advance.ts'
import { giveBack, type Needs, type Scene } from './move.ts'

/** Ends a cycle that nobody may go on with. When its schedule comes next, the reason pauses it, as it does any other. */
export async function abandonCycle(
  core: Needs,
  { claim, cycle, run, row, notes }: Omit<Scene, 'actor' | 'knowledge'>,
  error: { code: string; message: string },
): Promise<void> {
  await core.db.write(async function abandonCycle(tx) {
    const now = await findCycle.first(tx, { id: cycle.id })
    if (now?.status === cycle.status && now.run_id === run.id) {
      const nowMs = core.clock.nowMs()
      await moveCycle.run(tx, {
        ...now,
        fromStatus: cycle.status,
        fromRunId: run.id,
        status: 'failed',
        notes_json: JSON.stringify(notes),
        error_json: JSON.stringify(error),
        cost_micros: now.cost_micros + run.cost_micros,
        ended_at_ms: nowMs,
      })
      await appendEvents(tx, nowMs, [scheduleEvent(row, 'cycle_failed', { cycleId: cycle.id, code: error.code })])
    }
    await giveBack(core, tx, claim)
  })
}
