import type { Tx } from '#db/db.ts'
import { listOpenFires, recountFire } from '#db/schedule-fires.ts'
import { commitBudget, correctBudget, type ScheduleRow } from '#db/schedules.ts'
import { AppError } from '../errors.ts'
import { formatUsd, showUsd } from '../money.ts'

/** The budget of a schedule has no room. `isFinal`: none of what is set aside will come free again. */
export class BudgetUsedUp extends AppError {
  readonly isFinal: boolean

  constructor(budgetMicros: bigint, committedMicros: bigint, maxMicros: bigint, isFinal: boolean) {
    const used = `${showUsd(committedMicros)} is ${isFinal ? 'spent' : 'spent or held'}`
    super(
      'limit_reached',
      `The budget of this schedule is ${showUsd(budgetMicros)}; ${used} and this needs up to ${showUsd(maxMicros)}.`,
      {
        facts: {
          limit: 'schedule_budget',
          limitUsd: formatUsd(budgetMicros),
          usedUsd: formatUsd(committedMicros),
          resetsAt: null,
        },
      },
    )
    this.isFinal = isFinal
  }
}

/**
 * Counts what a run may cost against its schedule's budget, or refuses. To be called in the transaction that makes the run,
 * with the schedule held. What earlier runs did not use comes free here, and what they used beyond their hold counts.
 */
export async function reserveBudget(tx: Tx, row: ScheduleRow, maxMicros: bigint): Promise<void> {
  if (row.budget_micros === null) return
  const open = await recountOpenFires(tx, row.id)
  if (open.differenceMicros !== 0n) {
    await correctBudget.run(tx, { id: row.id, differenceMicros: open.differenceMicros })
  }
  if ((await commitBudget.run(tx, { id: row.id, amountMicros: maxMicros })) > 0) return
  const committedMicros = row.committed_micros + open.differenceMicros
  throw new BudgetUsedUp(row.budget_micros, committedMicros, maxMicros, open.live === 0)
}

/** Brings what runs count for up to date: at their end their cost, until then what they hold. */
async function recountOpenFires(tx: Tx, scheduleId: string): Promise<{ differenceMicros: bigint; live: number }> {
  let differenceMicros = 0n
  let live = 0
  for (const fire of await listOpenFires.all(tx, { scheduleId })) {
    const hasEnded = fire.finished_at_ms !== null
    const countsFor = hasEnded ? fire.run_cost_micros : fire.run_held_micros
    if (!hasEnded) live++
    if (!hasEnded && countsFor === fire.counted_micros) continue
    differenceMicros += countsFor - fire.counted_micros
    const { due_at_ms: dueAtMs, by_hand: byHand } = fire
    await recountFire.run(tx, { scheduleId, dueAtMs, byHand, heldMicros: countsFor, isOpen: hasEnded ? 0 : 1 })
  }
  return { differenceMicros, live }
}
