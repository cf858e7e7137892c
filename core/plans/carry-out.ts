import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { prepareDefined } from '../runs/prepare.ts'
import { withoutResting } from './check-plan.ts'
import { compilePlan } from './compile.ts'
import { cycleKey } from './cycle-key.ts'
import { type Knowledge, notNowIn } from './knowledge.ts'
import type { Memo } from './memo.ts'
import { planWithoutModel } from './plain-plan.ts'
import type { Plan } from './plan.ts'
import type { StageRun } from './stage.ts'

/** What of a plan is done now, as a run that could be submitted; none where nothing of it may be done at the moment. */
export interface CarriedOut {
  memo: Memo
  run: StageRun | undefined
  notes: string[]
}

/** Refused (`AppError`) like any run: its price is not known, a job of it cannot start. */
export async function prepareCarryOut(
  core: Pick<Core, 'db' | 'clock' | 'tools' | 'settings'>,
  actor: Actor,
  cycleId: string,
  knowledge: Knowledge,
  given: { plan: Plan; source: Memo['source']; model: Memo['model'] },
): Promise<CarriedOut> {
  const { plan: made, notes } = withoutResting(given.plan, notNowIn(knowledge))
  const memo: Memo = { ...given, made }
  if (made.calls.length === 0) {
    const why = given.plan.calls.length === 0 ? ['The plan was to call nothing this time.'] : []
    return { memo, run: undefined, notes: [...notes, ...why] }
  }
  const how = { follower: cycleKey(cycleId) }
  const prepared = await prepareDefined(core, actor, compilePlan(made, knowledge.settings), how)
  return { memo, run: { stage: 'run', prepared }, notes }
}

/** The same where no model has planned anything: what was planned last, or the plainest there is. */
export async function prepareWithoutModel(
  core: Pick<Core, 'db' | 'clock' | 'tools' | 'settings'>,
  actor: Actor,
  cycleId: string,
  knowledge: Knowledge,
  model: Memo['model'],
): Promise<CarriedOut> {
  const found = planWithoutModel(knowledge.sources, knowledge.lastPlan)
  if (!found) {
    const note = 'No model planned it, and there is nothing that can be called without a plan.'
    return { memo: { source: 'none', plan: null, made: null, model }, run: undefined, notes: [note] }
  }
  const given = { plan: found.plan, source: 'without_model', model } as const
  const carried = await prepareCarryOut(core, actor, cycleId, knowledge, given)
  return { ...carried, notes: [found.note, ...carried.notes] }
}
