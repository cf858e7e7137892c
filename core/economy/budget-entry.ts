import type { BudgetKey } from '../runs/pins.ts'
import { fireEntry } from '../schedules/budget.ts'
import { deliveryEntry } from '../triggers/budget.ts'
import type { BudgetEntry } from './run-budget.ts'

/** Where a run that nobody started by hand is counted. */
export const budgetEntry = (key: BudgetKey): BudgetEntry => ('triggerId' in key ? deliveryEntry(key) : fireEntry(key))
