import { DatabaseBusyError, DatabaseGoneError } from '#db/db.ts'
import { findCycle } from '#db/plan-cycles.ts'
import { findPlan } from '#db/plans.ts'
import { underClaim } from '#db/queue/claims.ts'
import { type Claim, LeaseLostError } from '#db/queue/queue.ts'
import { findRun } from '#db/runs.ts'
import { findScheduleRow } from '#db/schedules.ts'
import { AppError } from '../errors.ts'
import { ownerOf } from '../schedules/keeper.ts'
import { abandonCycle } from './abandon.ts'
import { afterAdvice } from './after-advice.ts'
import { afterPlanning } from './after-planning.ts'
import { afterRunning } from './after-running.ts'
import { cycleOfKey } from './cycle-key.ts'
import { gatherKnowledge } from './knowledge.ts'
import { memoOf, notesOf } from './memo.ts'
import { giveBack, moveOn, type Needs, type Scene } from './move.ts'

const NEXT: Partial<Record<Scene['cycle']['status'], (core: Needs, scene: Scene) => Promise<void>>> = {
  planning: afterPlanning,
  repairing: afterPlanning,
  running: afterRunning,
  scheduling: afterAdvice,
}

/**
 * Moves a cycle on when the run that it waits for has ended, in the name of whoever keeps its schedule and with the rights they
 * have at this moment. Asked again, after a crash or by another process, it finds it moved.
 */
export async function workOnCycle(unfenced: Needs, claim: Claim): Promise<void> {
  const core = { ...unfenced, db: underClaim(unfenced.db, claim) }
  const cycle = await findCycle.first(core.db, { id: cycleOfKey(claim.key) ?? '' })
  const run =
    cycle?.ended_at_ms === null && cycle.run_id !== null && (await findRun.first(core.db, { id: cycle.run_id }))
  if (!cycle || !run || run.finished_at_ms === null) return core.db.write((tx) => giveBack(core, tx, claim))
  const row = await findScheduleRow.first(core.db, { id: cycle.schedule_id })
  const plan = row && (await findPlan.first(core.db, { scheduleId: row.id, context: cycle.context }))
  if (!row || !plan) throw new Error(`The cycle ${cycle.id} has no plan`)
  const scene = { claim, cycle, run, row, plan, memo: memoOf(cycle), notes: notesOf(cycle) }
  try {
    if (row.status === 'removed') throw new AppError('not_found', 'The schedule was removed meanwhile.')
    const actor = await ownerOf(core.db, row, '')
    const knowledge = await gatherKnowledge(core.db, actor, { row, plan, nowMs: core.clock.nowMs() })
    await moveWith(core, { ...scene, actor, knowledge })
  } catch (error) {
    if (isPassing(error)) throw error
    // Whoever keeps it may not any more, or it is gone: nothing is left that could be done in anybody's name.
    await abandonCycle(core, scene, refusalOf(core, error, cycle.id))
  }
}

async function moveWith(core: Needs, scene: Scene): Promise<void> {
  const { cycle, memo } = scene
  try {
    await NEXT[cycle.status]?.(core, scene)
  } catch (error) {
    if (isPassing(error)) throw error
    await moveOn(core, scene, { to: 'failed', memo, notes: [], error: refusalOf(core, error, cycle.id) })
  }
}

/** Nothing is known to be wrong with the cycle: it is tried again, here or elsewhere. */
const isPassing = (error: unknown): boolean =>
  error instanceof DatabaseBusyError ||
  error instanceof DatabaseGoneError ||
  error instanceof LeaseLostError ||
  (error instanceof AppError && error.code === 'busy')

function refusalOf({ log }: Needs, error: unknown, cycleId: string): { code: string; message: string } {
  if (error instanceof AppError) return { code: error.code, message: error.message }
  log.error({ err: error, cycleId }, 'A cycle of a planned schedule could not go on')
  return { code: 'internal', message: 'Something went wrong on our side; the log of the program says what.' }
}
