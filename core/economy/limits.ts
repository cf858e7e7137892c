import type { Reader, Tx } from '#db/db.ts'
import { findPersonalCap, findSpendingLimits } from '#db/teams.ts'
import { countUsage, findUsage, giveBackUsage } from '#db/usage.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { formatUsd, showUsd } from '../money.ts'
import { nextPeriodMs, periodOf } from './period.ts'

export type LimitName = 'member_monthly_cap' | 'team_monthly_cap' | 'team_monthly_runs' | 'person_monthly_cap'

/** One counter of a month, with what stands against it; null where nobody set a limit. */
interface Counter {
  scope: string
  name: LimitName
  /** `Your cap in Acme`, for the sentence of a refusal. */
  title: string
  limitMicros: bigint | null
  maxRuns: number | null
}

export interface Spender {
  accountId: string
  context: Context
}

async function countersFor(on: Reader, { accountId, context }: Spender): Promise<Counter[]> {
  if (context.type === 'user') {
    const own = await findPersonalCap.first(on, { accountId })
    return [personCounter(accountId, own?.person_cap_micros ?? null)]
  }
  const limits = await findSpendingLimits.first(on, { accountId, teamId: context.id })
  return [
    {
      scope: memberScope(context.id, accountId),
      name: 'member_monthly_cap',
      title: `Your monthly cap in ${limits?.team_name}`,
      limitMicros: limits?.member_cap_micros ?? null,
      maxRuns: null,
    },
    {
      scope: teamScope(context.id),
      name: 'team_monthly_cap',
      title: `The monthly cap of ${limits?.team_name}`,
      limitMicros: limits?.team_cap_micros ?? null,
      maxRuns: limits?.max_runs_per_month ?? null,
    },
    personCounter(accountId, limits?.person_cap_micros ?? null),
  ]
}

const personCounter = (accountId: string, limitMicros: bigint | null): Counter => ({
  scope: personScope(accountId),
  name: 'person_monthly_cap',
  title: 'Your own monthly cap',
  limitMicros,
  maxRuns: null,
})

/**
 * Counts what is about to be held against every monthly limit. Refuses (`limit_reached`) at the first that has no room,
 * naming it, its value, what is used and when it starts anew; the caller's transaction is then undone.
 */
export async function countAgainstLimits(
  tx: Tx,
  spender: Spender,
  { amountMicros, runs, nowMs }: { amountMicros: bigint; runs: number; nowMs: number },
): Promise<void> {
  const period = periodOf(nowMs)
  for (const counter of await countersFor(tx, spender)) {
    const counted = await countUsage.run(tx, { ...counter, period, amountMicros, runs })
    if (counted === 0) throw await refusal(tx, counter, { amountMicros, runs, nowMs })
  }
}

/** Like `countAgainstLimits` for what has been spent already: false, and nothing counted, when a limit has no room. */
export async function countIfRoom(
  tx: Tx,
  spender: Spender,
  { amountMicros, nowMs }: { amountMicros: bigint; nowMs: number },
): Promise<boolean> {
  const period = periodOf(nowMs)
  const counted: Counter[] = []
  for (const counter of await countersFor(tx, spender)) {
    if ((await countUsage.run(tx, { ...counter, period, amountMicros, runs: 0 })) > 0) {
      counted.push(counter)
      continue
    }
    for (const { scope } of counted) await giveBackUsage.run(tx, { scope, period, amountMicros })
    return false
  }
  return true
}

/** Gives back what was held and not spent, in the month in which it was counted. */
export async function giveBack(tx: Tx, spender: Spender, period: string, amountMicros: bigint): Promise<void> {
  if (amountMicros === 0n) return
  for (const scope of scopesOf(spender)) await giveBackUsage.run(tx, { scope, period, amountMicros })
}

/** A spender's counters, always in this order: two who count the same ones wait for each other instead of deadlocking. */
function scopesOf({ accountId, context }: Spender): string[] {
  if (context.type === 'user') return [personScope(accountId)]
  return [memberScope(context.id, accountId), teamScope(context.id), personScope(accountId)]
}

const personScope = (accountId: string): string => `account:${accountId}`
const memberScope = (teamId: string, accountId: string): string => `member:${teamId}:${accountId}`
const teamScope = (teamId: string): string => `team:${teamId}`

/** Where everything is counted that a team spends, or a person over all contexts. */
export const usageScope = ({ type, id }: Context): string => (type === 'team' ? teamScope(id) : personScope(id))

async function refusal(
  tx: Tx,
  counter: Counter,
  { amountMicros, runs, nowMs }: { amountMicros: bigint; runs: number; nowMs: number },
): Promise<AppError> {
  const used = await findUsage.first(tx, { scope: counter.scope, period: periodOf(nowMs) })
  const usedMicros = used?.used_micros ?? 0n
  const resetsAt = new Date(nextPeriodMs(nowMs)).toISOString()
  const resets = `It starts anew on ${resetsAt.slice(0, 10)}.`
  const noMoney = counter.limitMicros !== null && usedMicros + amountMicros > counter.limitMicros
  if (!noMoney && counter.maxRuns !== null) {
    const message = `This team may run ${counter.maxRuns} jobs a month and has run ${used?.runs ?? 0}; ${runs} more would be too many. ${resets}`
    return new AppError('limit_reached', message, {
      facts: { limit: 'team_monthly_runs', limitRuns: counter.maxRuns, usedRuns: used?.runs ?? 0, resetsAt },
    })
  }
  const limitMicros = counter.limitMicros ?? 0n
  const message = `${counter.title} is ${showUsd(limitMicros)}; ${showUsd(usedMicros)} is used and this needs up to ${showUsd(amountMicros)}. ${resets}`
  return new AppError('limit_reached', message, {
    facts: { limit: counter.name, limitUsd: formatUsd(limitMicros), usedUsd: formatUsd(usedMicros), resetsAt },
  })
}

const RUNS_TITLE = 'Runs of the team a month'

export interface LimitState {
  name: LimitName
  title: string
  limitMicros: bigint | null
  usedMicros: bigint
  maxRuns: number | null
  usedRuns: number
  resetsAtMs: number
}

/** Every limit that is set for this spender, and how much of it is used this month. */
export async function limitStates(on: Reader, spender: Spender, nowMs: number): Promise<LimitState[]> {
  const states: LimitState[] = []
  for (const { scope, name, title, limitMicros, maxRuns } of await countersFor(on, spender)) {
    const used = await findUsage.first(on, { scope, period: periodOf(nowMs) })
    const common = { usedMicros: used?.used_micros ?? 0n, usedRuns: used?.runs ?? 0, resetsAtMs: nextPeriodMs(nowMs) }
    if (limitMicros !== null) states.push({ name, title, limitMicros, maxRuns: null, ...common })
    if (maxRuns !== null) {
      states.push({ name: 'team_monthly_runs', title: RUNS_TITLE, limitMicros: null, maxRuns, ...common })
    }
  }
  return states
}
