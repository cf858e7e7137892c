import type { Reader, Tx } from '#db/db.ts'
import { findPersonalCap, findSpendingLimits } from '#db/teams.ts'
import { addUsage, countUsage, giveBackUsage } from '#db/usage.ts'
import { type Context, contextKey } from '../context.ts'
import { type BudgetCount, countInBudgets } from '../policy/budgets/count.ts'
import type { Counter, LimitName, MonthlyCounter } from './counter.ts'
import { type Crossing, crossedPercents } from './crossings.ts'
import { periodOf } from './period.ts'
import { limitShortage, refusalOf } from './shortage.ts'
import type { Spender, Spending } from './spending.ts'

/** The counters of a spender, always in this order: two who count the same ones wait for each other instead of deadlocking. */
export const countersFor = async (on: Reader, spender: Spender, nowMs: number): Promise<MonthlyCounter[]> =>
  (await limitsFor(on, spender, nowMs)).counters

async function limitsFor(
  on: Reader,
  { accountId, context }: Spender,
  nowMs: number,
): Promise<{ counters: MonthlyCounter[]; hasBudgets: boolean }> {
  if (context.type === 'user') {
    const own = await findPersonalCap.first(on, { accountId, context: contextKey(context) })
    return { counters: [personCounter(accountId, own?.person_cap_micros ?? null)], hasBudgets: own?.has_budgets === 1 }
  }
  const scopes = { memberScope: memberScope(context.id, accountId), teamScope: teamScope(context.id) }
  const limits = await findSpendingLimits.first(on, { accountId, teamId: context.id, ...scopes, nowMs })
  const counters: MonthlyCounter[] = [
    {
      scope: scopes.memberScope,
      name: 'member_monthly_cap',
      title: `Your monthly cap in ${limits?.team_name}`,
      limitMicros: raisedBy(limits?.member_cap_micros, limits?.member_raised_micros),
      maxRuns: null,
    },
    {
      scope: scopes.teamScope,
      name: 'team_monthly_cap',
      title: `The monthly cap of ${limits?.team_name}`,
      limitMicros: raisedBy(limits?.team_cap_micros, limits?.team_raised_micros),
      maxRuns: limits?.max_runs_per_month == null ? null : limits.max_runs_per_month + limits.team_raised_runs,
    },
    personCounter(accountId, limits?.person_cap_micros ?? null),
  ]
  return { counters, hasBudgets: limits?.has_budgets === 1 }
}

const raisedBy = (capMicros: bigint | null | undefined, raisedMicros: bigint | undefined): bigint | null =>
  capMicros == null ? null : capMicros + (raisedMicros ?? 0n)

const personCounter = (accountId: string, limitMicros: bigint | null): MonthlyCounter => ({
  scope: personScope(accountId),
  name: 'person_monthly_cap',
  title: 'Your own monthly cap',
  limitMicros,
  maxRuns: null,
})

interface Count {
  amountMicros: bigint
  runs: number
  nowMs: number
}

/** What was crossed; and where the context has budgets, which counted it and what had run low before. */
export interface CountedSpending {
  crossed: Crossing[]
  budgets?: { counts: BudgetCount[]; low: string[] }
}

/**
 * Counts what is spent at once against every limit, and gives the thresholds that were crossed. Refuses
 * (`limit_reached`) at the first that has no room, naming it, its value, what is used and when it starts anew.
 */
export async function countAgainstLimits(tx: Tx, spender: Spending, count: Count): Promise<Crossing[]> {
  const counted = await countIfRoom(tx, spender, count)
  if ('full' in counted) throw refusalOf(await limitShortage(tx, counted.full, count))
  return counted.crossed
}

/** The same without refusing: which limit has no room, and then nothing stays counted. */
export async function countIfRoom(
  tx: Tx,
  spender: Spending,
  { amountMicros, runs, nowMs }: Count,
): Promise<CountedSpending | { full: Counter }> {
  const period = periodOf(nowMs)
  const counted: string[] = []
  const crossed: Crossing[] = []
  const takeBack = async (): Promise<void> => {
    for (const scope of counted) await giveBackUsage.run(tx, { scope, period, amountMicros, runs })
  }
  const { counters, hasBudgets } = await limitsFor(tx, spender, nowMs)
  for (const counter of counters) {
    if (counter.limitMicros === null && counter.maxRuns === null) {
      await addUsage.run(tx, { scope: counter.scope, period, amountMicros, runs })
    } else {
      const used = await countUsage.first(tx, { ...counter, period, amountMicros, runs })
      if (!used) {
        await takeBack()
        return { full: counter }
      }
      crossed.push(...crossingsOf(counter, used, { amountMicros, runs }))
    }
    counted.push(counter.scope)
  }
  if (!hasBudgets || amountMicros === 0n) return { crossed }
  // After the counters that everybody in the context takes first: so nobody meets here in another order.
  const inBudgets = await countInBudgets(tx, spender, { amountMicros, nowMs })
  if ('full' in inBudgets) {
    await takeBack()
    return inBudgets
  }
  const { counts, low } = inBudgets
  return { crossed: [...crossed, ...inBudgets.crossed], budgets: { counts, low } }
}

function crossingsOf(
  { scope, name, title, limitMicros, maxRuns }: MonthlyCounter,
  used: { used_micros: bigint; runs: number },
  { amountMicros, runs }: Pick<Count, 'amountMicros' | 'runs'>,
): Crossing[] {
  const crossings: Crossing[] = []
  const note = (limit: LimitName, ofWhat: string, size: bigint, usedNow: bigint, added: bigint): void => {
    const percents = crossedPercents({ size, used: usedNow, added })
    if (percents.length > 0) crossings.push({ scope, limit, title: ofWhat, size, used: usedNow, percents })
  }
  if (limitMicros !== null) note(name, title, limitMicros, used.used_micros, amountMicros)
  if (maxRuns !== null) note('team_monthly_runs', RUNS_TITLE, BigInt(maxRuns), BigInt(used.runs), BigInt(runs))
  return crossings
}

/** Gives back what was held and not spent, in the month in which it was counted. */
export async function giveBack(
  tx: Tx,
  spender: Spender,
  period: string,
  { amountMicros, runs = 0 }: { amountMicros: bigint; runs?: number },
): Promise<void> {
  if (amountMicros === 0n && runs === 0) return
  for (const scope of scopesOf(spender)) await giveBackUsage.run(tx, { scope, period, amountMicros, runs })
}

/** In the order of `countersFor`. */
function scopesOf({ accountId, context }: Spender): string[] {
  if (context.type === 'user') return [personScope(accountId)]
  return [memberScope(context.id, accountId), teamScope(context.id), personScope(accountId)]
}

const personScope = (accountId: string): string => `account:${accountId}`
const memberScope = (teamId: string, accountId: string): string => `member:${teamId}:${accountId}`
const teamScope = (teamId: string): string => `team:${teamId}`

/** Where everything is counted that a team spends, or a person over all contexts. */
export const usageScope = ({ type, id }: Context): string => (type === 'team' ? teamScope(id) : personScope(id))

export const RUNS_TITLE = 'Runs of the team a month'
