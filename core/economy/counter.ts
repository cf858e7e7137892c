export type LimitName = 'member_monthly_cap' | 'team_monthly_cap' | 'team_monthly_runs' | 'person_monthly_cap'

/** One of those that stand against every spender. */
export type MonthlyCounter = Counter & { name: Exclude<LimitName, 'team_monthly_runs'> }

/** One counter of a month, or of another period, with what stands against it; null where nobody set a limit. */
export interface Counter {
  scope: string
  name: Exclude<LimitName, 'team_monthly_runs'> | 'budget'
  /** `Your cap in Acme`, for the sentence of a refusal. */
  title: string
  /** With what was granted on top of it for a time. */
  limitMicros: bigint | null
  maxRuns: number | null
  /** Where it is not the month: what it is counted under, and when it starts anew; null for never. */
  period?: { key: string; resetsAtMs: number | null }
}
