import { findUsage } from '#db/usage.ts'
import type { Actor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { Core } from '../core.ts'
import { formatUsd } from '../money.ts'
import { requireContext } from '../teams/standing.ts'
import { usageScope } from './limits.ts'
import { nextPeriodMs, periodOf } from './period.ts'

/** What a person spent over all contexts, or a team, in this UTC month; what is held counts as spent. */
export interface MonthUsage {
  month: string
  spentUsd: string
  runs: number
  resetsAt: string
}

export async function monthUsage(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Pick<Actor, 'accountId'>,
  context: Context,
): Promise<MonthUsage> {
  await requireContext(core.db, actor, context, 'read')
  const nowMs = core.clock.nowMs()
  const used = await findUsage.first(core.db, { scope: usageScope(context), period: periodOf(nowMs) })
  return {
    month: periodOf(nowMs),
    spentUsd: formatUsd(used?.used_micros ?? 0n),
    runs: used?.runs ?? 0,
    resetsAt: new Date(nextPeriodMs(nowMs)).toISOString(),
  }
}
