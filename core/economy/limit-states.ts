import { listRaises } from '#db/budgets.ts'
import type { Reader } from '#db/db.ts'
import { findUsage } from '#db/usage.ts'
import type { LimitName, MonthlyCounter } from './counter.ts'
import { countersFor, RUNS_TITLE } from './limits.ts'
import { nextPeriodMs, periodOf } from './period.ts'
import type { Spender } from './spending.ts'

export interface LimitState {
  name: LimitName
  title: string
  scope: string
  /** With what was granted on top of it for a time. */
  limitMicros: bigint | null
  usedMicros: bigint
  maxRuns: number | null
  usedRuns: number
  resetsAtMs: number
  /** What of it was granted for a time, and when the first of that ends. */
  raised?: { micros: bigint; runs: number; untilMs: number }
}

/** Every limit that is set for this spender, and how much of it is used this month. */
export async function limitStates(on: Reader, spender: Spender, nowMs: number): Promise<LimitState[]> {
  const states: LimitState[] = []
  for (const counter of await countersFor(on, spender, nowMs)) states.push(...(await statesOf(on, counter, nowMs)))
  return states
}

async function statesOf(
  on: Reader,
  { scope, name, title, limitMicros, maxRuns }: MonthlyCounter,
  nowMs: number,
): Promise<LimitState[]> {
  if (limitMicros === null && maxRuns === null) return []
  const used = await findUsage.first(on, { scope, period: periodOf(nowMs) })
  const common = {
    scope,
    usedMicros: used?.used_micros ?? 0n,
    usedRuns: used?.runs ?? 0,
    resetsAtMs: nextPeriodMs(nowMs),
  }
  const states: LimitState[] = []
  if (limitMicros !== null) {
    states.push({ name, title, limitMicros, maxRuns: null, ...common, ...(await raisedOf(on, scope, name, nowMs)) })
  }
  if (maxRuns !== null) {
    const raised = await raisedOf(on, scope, 'team_monthly_runs', nowMs)
    states.push({ name: 'team_monthly_runs', title: RUNS_TITLE, limitMicros: null, maxRuns, ...common, ...raised })
  }
  return states
}

async function raisedOf(
  on: Reader,
  scope: string,
  limitName: LimitName,
  nowMs: number,
): Promise<Pick<LimitState, 'raised'>> {
  const raises = await listRaises.all(on, { scope, limitName, nowMs })
  const [first] = raises
  if (!first) return {}
  const micros = raises.reduce((sum, { amount_micros }) => sum + amount_micros, 0n)
  const runs = raises.reduce((sum, raise) => sum + raise.runs, 0)
  return { raised: { micros, runs, untilMs: first.until_ms } }
}

/** Whether every limit has room for so much more at this moment. What holds is only what is counted. */
export async function hasRoom(
  on: Reader,
  spender: Spender,
  { amountMicros, runs, nowMs }: { amountMicros: bigint; runs: number; nowMs: number },
): Promise<boolean> {
  const states = await limitStates(on, spender, nowMs)
  return states.every(({ limitMicros, usedMicros, maxRuns, usedRuns }) => {
    const fits = limitMicros === null || amountMicros === 0n || usedMicros + amountMicros <= limitMicros
    return fits && (maxRuns === null || runs === 0 || usedRuns + runs <= maxRuns)
  })
}
