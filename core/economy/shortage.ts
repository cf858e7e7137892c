import assert from 'node:assert/strict'
import type { Reader } from '#db/db.ts'
import { findWallet } from '#db/ledger.ts'
import { findUsage } from '#db/usage.ts'
import { AppError } from '../errors.ts'
import { formatUsd, showUsd } from '../money.ts'
import type { Counter, LimitName } from './counter.ts'
import type { FixedLimit } from './fixed-limits.ts'
import { nextPeriodMs, periodOf } from './period.ts'

/** Why money could not be set aside: what is too small, by how much, and what that means in a sentence. */
export interface Shortage {
  limit: LimitName | 'available' | FixedLimit
  message: string
  facts: Record<string, string | number>
  /** What the limit or the wallet would have to have more. */
  missingMicros: bigint
  missingRuns: number
}

/** The shortage as a refusal. */
export const refusalOf = ({ limit, message, facts }: Shortage): AppError =>
  new AppError(limit === 'available' ? 'insufficient_funds' : 'limit_reached', message, { facts: { limit, ...facts } })

interface Wanted {
  amountMicros: bigint
  runs: number
  nowMs: number
}

/** What a limit says that has no room for more. */
export async function limitShortage(
  on: Reader,
  counter: Counter,
  { amountMicros, runs, nowMs }: Wanted,
): Promise<Shortage> {
  const used = await findUsage.first(on, { scope: counter.scope, period: counter.period?.key ?? periodOf(nowMs) })
  const usedMicros = used?.used_micros ?? 0n
  const resetsAtMs = counter.period ? counter.period.resetsAtMs : nextPeriodMs(nowMs)
  const resetsAt = resetsAtMs === null ? null : new Date(resetsAtMs).toISOString()
  const resets = resetsAt === null ? 'It is for each run.' : `It starts anew on ${resetsAt.slice(0, 10)}.`
  const when: Record<string, string> = resetsAt === null ? {} : { resetsAt }
  const noMoney = counter.limitMicros !== null && usedMicros + amountMicros > counter.limitMicros
  if (!noMoney && counter.maxRuns !== null) {
    const usedRuns = used?.runs ?? 0
    return {
      limit: 'team_monthly_runs',
      message: `This team may run ${counter.maxRuns} jobs a month and has run ${usedRuns}; ${runs} more would be too many. ${resets}`,
      facts: { limitRuns: counter.maxRuns, usedRuns, ...when },
      missingMicros: 0n,
      missingRuns: Math.max(usedRuns + runs - counter.maxRuns, 1),
    }
  }
  const limitMicros = counter.limitMicros ?? 0n
  return {
    limit: counter.name,
    message: `${counter.title} is ${showUsd(limitMicros)}; ${showUsd(usedMicros)} is used and this needs up to ${showUsd(amountMicros)}. ${resets}`,
    facts: { limitUsd: formatUsd(limitMicros), usedUsd: formatUsd(usedMicros), ...when },
    missingMicros: positive(usedMicros + amountMicros - limitMicros),
    missingRuns: 0,
  }
}

/** What a wallet says that has less than it takes. */
export async function walletShortage(
  on: Reader,
  wallet: string,
  amountMicros: bigint,
  { withoutCredit }: { withoutCredit: boolean } = { withoutCredit: false },
): Promise<Shortage> {
  const found = await findWallet.first(on, { id: wallet })
  assert(found, `No wallet ${wallet}`)
  const ownMicros = found.posted_micros - found.pending_micros
  const availableMicros = withoutCredit ? ownMicros : ownMicros + found.credit_limit_micros
  return {
    limit: 'available',
    message: `Not enough money: this needs ${showUsd(amountMicros)}, and ${showUsd(availableMicros)} is available.`,
    facts: { neededUsd: formatUsd(amountMicros), availableUsd: formatUsd(availableMicros) },
    missingMicros: positive(amountMicros - availableMicros),
    missingRuns: 0,
  }
}

const positive = (micros: bigint): bigint => (micros > 0n ? micros : 0n)
