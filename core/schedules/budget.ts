import assert from 'node:assert/strict'
import type { Tx } from '#db/db.ts'
import { addToFire, closeFire, listOpenFires } from '#db/schedule-fires.ts'
import { commitBudget, correctBudget, findBudget, type ScheduleRow } from '#db/schedules.ts'
import type { Shortage } from '../economy/shortage.ts'
import { AppError } from '../errors.ts'
import { formatUsd, showUsd } from '../money.ts'
import type { FireKey } from '../runs/pins.ts'

/** The budget of a schedule has no room. `isFinal`: none of what is set aside will come free again. */
export class BudgetUsedUp extends AppError {
  readonly isFinal: boolean

  constructor(budget: Budget, maxMicros: bigint, isFinal: boolean) {
    const facts = { limit: 'schedule_budget', ...factsOf(budget), resetsAt: null }
    super('limit_reached', sentenceOf(budget, maxMicros, isFinal ? 'spent' : 'spent or held'), { facts })
    this.isFinal = isFinal
  }
}

interface Budget {
  budgetMicros: bigint
  committedMicros: bigint
}

const sentenceOf = ({ budgetMicros, committedMicros }: Budget, amountMicros: bigint, how: string): string =>
  `The budget of this schedule is ${showUsd(budgetMicros)}; ${showUsd(committedMicros)} is ${how} and this needs up to ${showUsd(amountMicros)}.`

const factsOf = ({ budgetMicros, committedMicros }: Budget) => ({
  limitUsd: formatUsd(budgetMicros),
  usedUsd: formatUsd(committedMicros),
})

/**
 * Counts what a run may cost against its schedule's budget, or refuses. To be called in the transaction that makes the run,
 * with the schedule held. What earlier runs did not use comes free here, and what they used beyond their hold counts.
 */
export async function reserveBudget(tx: Tx, row: ScheduleRow, maxMicros: bigint): Promise<void> {
  if (row.budget_micros === null) return
  const { live } = await settleEnded(tx, row.id)
  if ((await commitBudget.run(tx, { id: row.id, amountMicros: maxMicros })) > 0) return
  throw new BudgetUsedUp(await budgetOf(tx, row.id), maxMicros, live === 0)
}

/**
 * Counts what a run of a schedule is to hold beside what it holds already, in the transaction of that hold: a step that needs
 * more than was quoted, or a retry. What stands in the way when there is no room, and then nothing is counted.
 */
export async function takeFromBudget(tx: Tx, fire: FireKey, amountMicros: bigint): Promise<Shortage | undefined> {
  const id = fire.scheduleId
  const isTaken =
    (await commitBudget.run(tx, { id, amountMicros })) > 0 ||
    // What others have left may be enough.
    ((await settleEnded(tx, id)).differenceMicros < 0n && (await commitBudget.run(tx, { id, amountMicros })) > 0)
  if (isTaken) {
    // Nothing of a new run costs more than its quote, so its fire is written by now.
    assert((await addToFire.run(tx, { ...fire, amountMicros })) > 0, `No fire of ${id}`)
    return undefined
  }
  const budget = await budgetOf(tx, id)
  const missingMicros = budget.committedMicros + amountMicros - budget.budgetMicros
  return {
    limit: 'schedule_budget',
    message: sentenceOf(budget, amountMicros, 'spent or held'),
    facts: factsOf(budget),
    missingMicros,
    missingRuns: 0,
  }
}

/** Takes back what was counted a moment ago: it could not be held. */
export async function giveToBudget(tx: Tx, fire: FireKey, amountMicros: bigint): Promise<void> {
  await correctBudget.run(tx, { id: fire.scheduleId, differenceMicros: -amountMicros })
  await addToFire.run(tx, { ...fire, amountMicros: -amountMicros })
}

/**
 * Of runs that have ended, what they cost counts from now on, and no longer what they held. Two who do this at once do it
 * once for each run: a fire is closed only as it was read.
 */
export async function settleEnded(tx: Tx, scheduleId: string): Promise<{ differenceMicros: bigint; live: number }> {
  let differenceMicros = 0n
  let live = 0
  for (const fire of await listOpenFires.all(tx, { scheduleId })) {
    if (fire.finished_at_ms === null) {
      live++
      continue
    }
    const { due_at_ms: dueAtMs, by_hand: byHand, counted_micros: countedMicros, run_cost_micros: costMicros } = fire
    const isClosed = (await closeFire.run(tx, { scheduleId, dueAtMs, byHand, countedMicros, costMicros })) > 0
    if (isClosed) differenceMicros += costMicros - countedMicros
  }
  if (differenceMicros !== 0n) await correctBudget.run(tx, { id: scheduleId, differenceMicros })
  return { differenceMicros, live }
}

async function budgetOf(tx: Tx, scheduleId: string): Promise<Budget> {
  const row = await findBudget.first(tx, { id: scheduleId })
  assert(row, `No schedule ${scheduleId}`)
  return { budgetMicros: row.budget_micros ?? 0n, committedMicros: row.committed_micros }
}
