import type { Actor } from '../../actor.ts'
import { contextKey } from '../../context.ts'
import type { Core } from '../../core.ts'
import { notFound } from '../../errors.ts'
import { formatUsd } from '../../money.ts'
import { requireContext } from '../../teams/standing.ts'
import { type BudgetPeriod, levelOf, titleOf } from './budget.ts'
import { type BudgetState, budgetStates } from './standing.ts'

export type BudgetView = {
  id: string
  context: { type: 'user' | 'team'; id: string }
  /** `team`, `run`, `job:<name>`, `agent:<id>`, `schedule:<id>`, `provider:<name>`, `person:<account>`. */
  of: string
  /** `The budget of job brief for a day`. */
  title: string
  period: BudgetPeriod
  limitUsd: string
  warnPercent: number
  /** Nothing is held beyond it; or it only warns. */
  stop: boolean
  /** In the period that it is now, what is held included; of a budget for each run nothing. */
  usedUsd: string
  remainingUsd: string
  level: 'fine' | 'low' | 'exceeded'
  resetsAt: string | null
  version: number
  createdBy: string
  createdAt: string
}

/** The budgets of the actor's context as they stand, oldest first. For everybody who may look at it. */
export async function readBudgets(core: Pick<Core, 'db' | 'clock'>, actor: Actor): Promise<BudgetView[]> {
  await requireContext(core.db, actor, actor.context, 'read')
  const states = await budgetStates(core.db, contextKey(actor.context), core.clock.nowMs())
  return states.map((state) => budgetView(actor, state))
}

export async function readBudget(core: Pick<Core, 'db' | 'clock'>, actor: Actor, id: string): Promise<BudgetView> {
  const found = (await readBudgets(core, actor)).find((budget) => budget.id === id)
  if (!found) throw notFound('such budget')
  return found
}

function budgetView({ context }: Pick<Actor, 'context'>, { row, usedMicros, resetsAtMs }: BudgetState): BudgetView {
  const left = row.limit_micros - usedMicros
  return {
    id: row.id,
    context,
    of: row.subject,
    title: titleOf(row),
    period: row.period,
    limitUsd: formatUsd(row.limit_micros),
    warnPercent: row.warn_percent,
    stop: row.is_stop === 1,
    usedUsd: formatUsd(usedMicros),
    remainingUsd: formatUsd(left > 0n ? left : 0n),
    // What is new with each run cannot be low.
    level: row.period === 'run' ? 'fine' : levelOf(row, usedMicros),
    resetsAt: resetsAtMs === null ? null : new Date(resetsAtMs).toISOString(),
    version: row.version,
    createdBy: row.created_by,
    createdAt: new Date(row.created_at_ms).toISOString(),
  }
}
