import type { Reader } from '#db/db.ts'
import { listBudgets, listBudgetUsage } from '#db/spend-budgets.ts'
import { contextKey } from '../../context.ts'
import { periodOf } from '../../economy/period.ts'
import type { Spending } from '../../economy/spending.ts'
import { showUsd } from '../../money.ts'
import type { BudgetStanding } from '../choice.ts'
import { dayOf, levelOf, type NamedBudget, periodOfBudget, subjectsOf, titleOf } from './budget.ts'

/** A budget, and what is used of it in the period that it is now. */
export interface BudgetState {
  row: NamedBudget
  usedMicros: bigint
  resetsAtMs: number | null
}

/** All budgets of a context as they stand. Of those for each run nothing is used. */
export async function budgetStates(on: Reader, context: string, nowMs: number): Promise<BudgetState[]> {
  const rows = await listBudgets.all(on, { context })
  if (rows.length === 0) return []
  const used = await listBudgetUsage.all(on, { context, month: periodOf(nowMs), day: dayOf(nowMs) })
  const byId = new Map(used.map(({ id, used_micros }) => [id, used_micros]))
  return rows.map((row) => ({
    row,
    usedMicros: byId.get(row.id) ?? 0n,
    resetsAtMs: periodOfBudget(row.period, nowMs, undefined).resetsAtMs,
  }))
}

export interface Standings {
  standing: BudgetStanding
  providers: Record<string, BudgetStanding>
}

const FINE: BudgetStanding = { level: 'fine' }
const RANK = { fine: 0, low: 1, exceeded: 2 }

/** How what is to be spent stands with the budgets that count it: those of everything, and those of each provider. */
export async function standingsOf(on: Reader, spending: Spending, nowMs: number): Promise<Standings> {
  const subjects = subjectsOf(spending)
  const standings: Standings = { standing: FINE, providers: {} }
  for (const state of await budgetStates(on, contextKey(spending.context), nowMs)) {
    const { subject, period } = state.row
    if (period === 'run') continue
    const [kind, provider = ''] = subject.split(/:(.*)/s)
    if (kind === 'provider')
      standings.providers[provider] = worse(standings.providers[provider] ?? FINE, standingIn(state))
    else if (subjects.has(subject)) standings.standing = worse(standings.standing, standingIn(state))
  }
  return standings
}

const worse = (a: BudgetStanding, b: BudgetStanding): BudgetStanding => (RANK[b.level] > RANK[a.level] ? b : a)

function standingIn({ row, usedMicros, resetsAtMs }: BudgetState): BudgetStanding {
  const level = levelOf(row, usedMicros)
  if (level === 'fine') return FINE
  const until = resetsAtMs === null ? '' : ` until ${new Date(resetsAtMs).toISOString().slice(0, 10)}`
  const how = level === 'exceeded' ? 'is used up' : 'runs low'
  const words = `${titleOf(row)} ${how}${until} (${showUsd(usedMicros)} of ${showUsd(row.limit_micros)} used or held)`
  return { level, words }
}
