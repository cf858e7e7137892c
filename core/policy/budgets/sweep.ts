import { deleteBudgetUse, listUsesThatAreOver } from '#db/spent-before.ts'
import { giveBackUsage } from '#db/usage.ts'
import type { Core } from '../../core.ts'
import { budgetScope } from './budget.ts'

const BATCH = 200

/**
 * Gives back to budgets what of a hold was not spent where the hold ended in the very moment in which the budget was made.
 * Returns how many there were; twice finds none.
 */
export async function sweepBudgetUses({ db }: Pick<Core, 'db'>, signal: AbortSignal): Promise<number> {
  let swept = 0
  while (!signal.aborted) {
    const done = await db.write(async function settleForgottenUses(tx) {
      const uses = await listUsesThatAreOver.all(tx, { most: BATCH })
      for (const use of uses) {
        const { hold_id: holdId, budget_id: budgetId, period } = use
        if ((await deleteBudgetUse.run(tx, { holdId, budgetId })) === 0) continue
        const amountMicros = use.held_micros - use.charged_micros
        if (amountMicros > 0n)
          await giveBackUsage.run(tx, { scope: budgetScope(budgetId), period, amountMicros, runs: 0 })
      }
      return uses.length
    })
    swept += done
    if (done < BATCH) break
  }
  return swept
}
