import type { Tx } from '#db/db.ts'
import { addToPlanRun, closePlanRun, listOpenPlanRuns } from '#db/plan-cycles.ts'
import { scheduleBudget } from '#db/run-budgets.ts'
import { addToFire, closeFire, listOpenFires } from '#db/schedule-fires.ts'
import type { BudgetBook, BudgetEntry, OpenRun } from '../economy/run-budget.ts'
import type { FireKey } from '../runs/pins.ts'

/** The budget of a schedule, in which each fire counts by what its run holds, and then by what it cost. */
export const scheduleBook = (id: string): BudgetBook => ({
  limit: 'schedule_budget',
  whose: 'this schedule',
  find: (tx) => scheduleBudget.find.first(tx, { id }),
  commit: (tx, amountMicros) => scheduleBudget.commit.run(tx, { id, amountMicros }),
  correct: (tx, differenceMicros) => scheduleBudget.correct.run(tx, { id, differenceMicros }),
  listOpen: async (tx) => [...(await openFires(tx, id)), ...(await openPlanRuns(tx, id))],
})

const openFires = async (tx: Tx, id: string): Promise<OpenRun[]> =>
  (await listOpenFires.all(tx, { scheduleId: id })).map((fire) => {
    const { due_at_ms: dueAtMs, by_hand: byHand, counted_micros: countedMicros, run_cost_micros: costMicros } = fire
    return {
      countedMicros,
      costMicros,
      hasEnded: fire.finished_at_ms !== null,
      close: (tx) => closeFire.run(tx, { scheduleId: id, dueAtMs, byHand, countedMicros, costMicros }),
    }
  })

/** A fire of a planned schedule has several runs, each counted by itself. */
const openPlanRuns = async (tx: Tx, id: string): Promise<OpenRun[]> =>
  (await listOpenPlanRuns.all(tx, { scheduleId: id })).map((run) => {
    const { run_id: runId, counted_micros: countedMicros, run_cost_micros: costMicros } = run
    return {
      countedMicros,
      costMicros,
      hasEnded: run.finished_at_ms !== null,
      close: (tx) => closePlanRun.run(tx, { runId, countedMicros, costMicros }),
    }
  })

export const fireEntry = (fire: FireKey): BudgetEntry => ({
  book: scheduleBook(fire.scheduleId),
  add: (tx, amountMicros) => {
    const { stage } = fire
    return stage ? addToPlanRun.run(tx, { ...fire, stage, amountMicros }) : addToFire.run(tx, { ...fire, amountMicros })
  },
})
