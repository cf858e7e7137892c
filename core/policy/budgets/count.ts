import type { Tx } from '#db/db.ts'
import { deleteBudgetUses, insertBudgetUse, listBudgets, listBudgetUses } from '#db/spend-budgets.ts'
import { countUsage, giveBackUsage } from '#db/usage.ts'
import { contextKey } from '../../context.ts'
import type { Counter } from '../../economy/counter.ts'
import { type Crossing, crossedPercents } from '../../economy/crossings.ts'
import type { Spending } from '../../economy/spending.ts'
import { budgetScope, levelOf, type NamedBudget, periodOfBudget, subjectsOf, titleOf } from './budget.ts'

/** One budget that has counted an amount. */
export interface BudgetCount {
  budgetId: string
  period: string
  amountMicros: bigint
}

export interface Counted {
  counts: BudgetCount[]
  crossed: Crossing[]
  /** What those are of that had run low before this was counted. */
  low: string[]
}

/**
 * Counts what is spent in every budget of its context that it belongs to; or says which has no room, and then nothing stays
 * counted. Always in the order of their ids.
 */
export async function countInBudgets(
  tx: Tx,
  spending: Spending,
  { amountMicros, nowMs }: { amountMicros: bigint; nowMs: number },
): Promise<Counted | { full: Counter }> {
  const counted: Counted = { counts: [], crossed: [], low: [] }
  const subjects = subjectsOf(spending)
  for (const budget of await listBudgets.all(tx, { context: contextKey(spending.context) })) {
    if (!subjects.has(budget.subject) || (budget.period === 'run' && spending.id === undefined)) continue
    const counter = counterOf(budget, spending, nowMs)
    const period = counter.period?.key ?? ''
    const row = { scope: counter.scope, period, amountMicros, runs: 0, maxRuns: null }
    const used = await countUsage.first(tx, { ...row, limitMicros: counter.limitMicros })
    if (!used) {
      await giveBackCounts(tx, counted.counts)
      return { full: counter }
    }
    counted.counts.push({ budgetId: budget.id, period, amountMicros })
    // A run's own budget is new with each: nothing is told of it, and nothing chosen by it.
    if (budget.period === 'run') continue
    if (levelOf(budget, used.used_micros - amountMicros) !== 'fine') counted.low.push(budget.subject)
    counted.crossed.push(...crossingOf(budget, counter, used.used_micros, amountMicros))
  }
  return counted
}

const counterOf = (budget: NamedBudget, { id }: Spending, nowMs: number): Counter => ({
  scope: budgetScope(budget.id),
  name: 'budget',
  title: titleOf(budget),
  // One that only warns has room for everything.
  limitMicros: budget.is_stop === 1 ? budget.limit_micros : null,
  maxRuns: null,
  period: periodOfBudget(budget.period, nowMs, id),
})

function crossingOf(budget: NamedBudget, { scope, title, period }: Counter, used: bigint, added: bigint): Crossing[] {
  const size = budget.limit_micros
  const percents = crossedPercents({ size, used, added }, [...new Set([budget.warn_percent, 100])])
  if (percents.length === 0 || !period) return []
  return [{ scope, limit: 'budget', title, size, used, percents, period }]
}

/** Takes back what was counted a moment ago: it could not be held. */
export async function giveBackCounts(tx: Tx, counts: readonly BudgetCount[]): Promise<void> {
  for (const { budgetId, period, amountMicros } of counts) {
    await giveBackUsage.run(tx, { scope: budgetScope(budgetId), period, amountMicros, runs: 0 })
  }
}

/** The hold remembers where it is counted. */
export async function noteUses(tx: Tx, holdId: string, counts: readonly BudgetCount[]): Promise<void> {
  for (const count of counts) await insertBudgetUse.run(tx, { holdId, ...count })
}

/** A hold is over: what of it was not spent is given back, where and for when it was counted. */
export async function settleUses(tx: Tx, holdId: string, unspentMicros: bigint): Promise<void> {
  for (const { budget_id: budgetId, period } of await listBudgetUses.all(tx, { holdId })) {
    if (unspentMicros === 0n) break
    await giveBackUsage.run(tx, { scope: budgetScope(budgetId), period, amountMicros: unspentMicros, runs: 0 })
  }
  await deleteBudgetUses.run(tx, { holdId })
}
