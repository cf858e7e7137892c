export type LimitName = 'member_monthly_cap' | 'team_monthly_cap' | 'team_monthly_runs' | 'person_monthly_cap'

/** One counter of a month, with what stands against it; null where nobody set a limit. */
export interface Counter {
  scope: string
  name: Exclude<LimitName, 'team_monthly_runs'>
  /** `Your cap in Acme`, for the sentence of a refusal. */
  title: string
  /** With what was granted on top of it for a time. */
  limitMicros: bigint | null
  maxRuns: number | null
}
