import type { BudgetTable } from '#db/schema.ts'
import { nextPeriodMs, periodOf } from '../../economy/period.ts'
import type { Spending } from '../../economy/spending.ts'

export type BudgetPeriod = BudgetTable['period']

/** What a budget may be of. */
export const SUBJECT = /^(team|run|(job|agent|schedule|provider|person):.{1,200})$/

/** Which budgets of its context count it. */
export function subjectsOf({ accountId, id, jobId, agentIds = [], scheduleId, providers = [] }: Spending): Set<string> {
  const subjects = new Set(['team', `person:${accountId}`])
  if (id !== undefined) subjects.add('run')
  if (jobId !== undefined) subjects.add(`job:${jobId}`)
  for (const agentId of agentIds) subjects.add(`agent:${agentId}`)
  if (scheduleId !== undefined) subjects.add(`schedule:${scheduleId}`)
  for (const provider of providers) subjects.add(`provider:${provider}`)
  return subjects
}

const DAY_MS = 86_400_000

/** What a budget counts under at a moment, in UTC: a month, a day, or the run itself. */
export function periodOfBudget(
  period: BudgetPeriod,
  nowMs: number,
  runId: string | undefined,
): { key: string; resetsAtMs: number | null } {
  if (period === 'month') return { key: periodOf(nowMs), resetsAtMs: nextPeriodMs(nowMs) }
  if (period === 'run') return { key: runId ?? '', resetsAtMs: null }
  return { key: dayOf(nowMs), resetsAtMs: (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS }
}

export const dayOf = (nowMs: number): string => new Date(nowMs).toISOString().slice(0, 10)

export const budgetScope = (id: string): string => `budget:${id}`

const OF_PERIOD: Record<BudgetPeriod, string> = { run: 'a run', day: 'a day', month: 'a month' }

/** A budget with the name that people have for its subject: a handle, an agent's name, the job of a schedule. */
export type NamedBudget = BudgetTable & { subject_name: string | null }

/** `The budget of job brief for a day`, for a sentence. */
export function titleOf({
  subject,
  subject_name: name,
  period,
}: Pick<NamedBudget, 'subject' | 'subject_name' | 'period'>): string {
  if (subject === 'run' && period === 'run') return 'The budget of each run'
  const [kind = '', id = ''] = subject.split(/:(.*)/s)
  return `The budget of ${SUBJECT_WORDS[kind]?.(name ?? id) ?? `${kind} ${id}`} for ${OF_PERIOD[period]}`
}

const SUBJECT_WORDS: Record<string, (name: string) => string> = {
  team: () => 'everything here',
  run: () => 'each run',
  person: (name) => `@${name}`,
  agent: (name) => `the agent ${name}`,
  schedule: (name) => `the schedule of ${name}`,
}

/** Whether so much of it is used that it counts as low, or nothing is left. */
export function levelOf(
  { limit_micros: limit, warn_percent, is_stop }: Pick<BudgetTable, 'limit_micros' | 'warn_percent' | 'is_stop'>,
  usedMicros: bigint,
): 'fine' | 'low' | 'exceeded' {
  if (is_stop === 1 && usedMicros >= limit) return 'exceeded'
  return usedMicros * 100n >= limit * BigInt(warn_percent) ? 'low' : 'fine'
}
