import type { Effort } from '../model.ts'

/** How much of an answer goes to thoughts. */
const SHARES: Record<Effort, number> = { low: 0.2, medium: 0.4, high: 0.6 }
/** Anthropic takes no smaller budget. */
const BUDGET_MIN = 1_024
/** What is left for the answer itself. */
const ANSWER_MIN = 1_024

/** How many tokens of so long an answer may be thoughts; 0 where there is no room for any. */
export function budgetOf(effort: Effort, maxTokens: number): number {
  if (maxTokens < BUDGET_MIN + ANSWER_MIN) return 0
  return Math.min(Math.max(Math.floor(maxTokens * SHARES[effort]), BUDGET_MIN), maxTokens - ANSWER_MIN)
}
