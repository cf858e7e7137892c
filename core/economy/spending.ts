import type { Context } from '../context.ts'

/** Who spends, and in whose name. */
export interface Spender {
  accountId: string
  context: Context
}

/** What is spent, as budgets tell it apart. */
export interface Spending extends Spender {
  /** The run; undefined for what is none. */
  id?: string
  jobId?: string | undefined
  agentIds?: readonly string[] | undefined
  scheduleId?: string | undefined
  /** Every provider that the run may ask; each counts the run whole. */
  providers?: readonly string[] | undefined
}
