import type { BudgetRequestRow } from '#db/budgets.ts'
import type { Reader } from '#db/db.ts'
import { findRun } from '#db/runs.ts'
import { contextOf } from '../context.ts'
import { showUsd } from '../money.ts'
import { payerName } from '../teams/payer.ts'

/** `21 Nov 2026, 10:00 UTC`: the same for everybody who reads it. */
export function utcTime(ms: number): string {
  const format = { timeZone: 'UTC', dateStyle: 'medium', timeStyle: 'short' } as const
  return `${new Intl.DateTimeFormat('en-GB', format).format(ms)} UTC`
}

/** `@ben's monthly cap in Team Acme`: a limit as others read it. */
export function limitWords(limit: string, { handle, payer }: { handle: string; payer: string }): string {
  switch (limit) {
    case 'member_monthly_cap':
      return `@${handle}'s monthly cap in ${payer}`
    case 'team_monthly_cap':
      return `the monthly cap of ${payer}`
    case 'team_monthly_runs':
      return `the number of runs a month of ${payer}`
    case 'person_monthly_cap':
      return `@${handle}'s own monthly cap`
    case 'schedule_budget':
      return 'the budget of its schedule'
    case 'trigger_budget':
      return 'the budget of its trigger'
    case 'budget':
      return `a budget of ${payer}`
    default:
      return payer === 'Personal' ? `@${handle}'s wallet` : `the wallet of ${payer}`
  }
}

/** `$0.60` or `3 runs`. */
export const amountWords = ({
  limit_name,
  amount_micros,
  runs,
}: Pick<BudgetRequestRow, 'limit_name' | 'amount_micros' | 'runs'>): string =>
  limit_name === 'team_monthly_runs' ? `${runs} ${runs === 1 ? 'run' : 'runs'}` : showUsd(amount_micros)

/** `@ben asks for $0.60 more in the wallet of Team Acme, for release-notes.` */
export async function requestSentence(on: Reader, row: BudgetRequestRow): Promise<string> {
  const payer = await payerName(on, contextOf(row.context))
  const limit = limitWords(row.limit_name, { handle: row.handle, payer })
  const run = row.run_id === null ? undefined : await findRun.first(on, { id: row.run_id })
  const forWhat = run ? `, for ${run.job_key}` : ''
  const preposition = row.limit_name === 'available' ? 'in' : 'on top of'
  return `@${row.handle} asks for ${amountWords(row)} more ${preposition} ${limit}${forWhat}.`
}
