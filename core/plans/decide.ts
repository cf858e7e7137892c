import type { Tx } from '#db/db.ts'
import { decidePlanAction, findPlan, findPlanActionById, type PlanActionRow } from '#db/plans.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { AppError, notFound } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { scheduleEvent } from '../schedules/advance.ts'
import { applyAction } from './actions.ts'
import type { Recommended } from './advice.ts'
import { requirePlanned } from './say.ts'
import { settingsOf } from './settings.ts'
import { switchSource } from './sources.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/**
 * Says yes or no to what a model has recommended, once: what is to be done is done in the same transaction. `conflict` when it was
 * answered before. For those who may keep schedules there.
 */
export async function decideAction(
  core: Needs,
  actor: Actor,
  { id, scheduleId, decision }: { id: string; scheduleId?: string; decision: 'yes' | 'no' },
): Promise<{ scheduleId: string; words: string }> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function decideAction(tx) {
    return once(tx, { actor, operation: 'schedule.action', input: { id, decision }, nowMs }, async () => {
      const action = await requireAction(tx, id)
      if (scheduleId !== undefined && action.schedule_id !== scheduleId) throw noAction()
      // Of another context it does not exist.
      const row = await requirePlanned(tx, actor, action.schedule_id).catch((error: unknown) => {
        throw error instanceof AppError && error.code === 'not_found' ? noAction() : error
      })
      if (action.status !== 'asked') throw answered(action)
      const by = actor.accountId
      const one = JSON.parse(action.details_json) as Recommended
      const done =
        decision === 'yes'
          ? await applyAction(core, tx, row, one, { by, nowMs })
          : { isDone: false, words: 'It is left as it is.' }
      const status = decision === 'no' ? 'declined' : done.isDone ? 'applied' : 'dropped'
      const decided = await decidePlanAction.run(tx, { id, status, reason: done.words, decidedBy: by, nowMs })
      // Somebody else was faster; what was done here is undone with the refusal.
      if (decided === 0) throw answered((await findPlanActionById.first(tx, { id })) ?? action)
      await appendEvents(tx, nowMs, [
        scheduleEvent(row, 'action_decided', { actionId: id, decision, action: one.action }, by),
      ])
      tx.afterCommit(() => core.queue.wakeCompanions())
      return { scheduleId: row.id, words: done.words }
    })
  })
}

async function requireAction(tx: Tx, id: string): Promise<PlanActionRow> {
  const action = await findPlanActionById.first(tx, { id })
  if (!action) throw noAction()
  return action
}

const noAction = (): AppError => notFound('such recommendation')

const answered = ({ status }: PlanActionRow): AppError =>
  new AppError(
    'conflict',
    status === 'dropped' ? 'There is nothing to answer any more.' : `This was answered already: ${status}.`,
  )

/** Turns a source of a planned schedule on or off for it. One that is turned on begins anew. A second time changes nothing. */
export async function switchPlanSource(
  core: Needs,
  actor: Actor,
  { id, name, to }: { id: string; name: string; to: 'on' | 'off' },
): Promise<{ id: string }> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function switchPlanSource(tx) {
    return once(tx, { actor, operation: 'schedule.source', input: { id, name, to }, nowMs }, async () => {
      const row = await requirePlanned(tx, actor, id)
      const plan = await findPlan.first(tx, { scheduleId: id, context: row.context })
      if (!plan || !settingsOf(plan).sources.includes(name)) throw notFound(`source ${name}`)
      await switchSource(tx, row, { name, to, by: actor.accountId, nowMs })
      return { id }
    })
  })
}
