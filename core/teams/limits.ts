import { lockTeam, updateTeamLimits } from '#db/teams.ts'
import type { Actor } from '../actor.ts'
import { teamContext } from '../context.ts'
import type { Core } from '../core.ts'
import { readLimit } from '../economy/amounts.ts'
import { wakeIfAnyWaits } from '../economy/wake.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import { usdOrNull } from '../money.ts'
import { once } from '../once.ts'
import { teamEvent } from './record.ts'
import { noTeam, requireStanding } from './standing.ts'
import { loadTeam, type TeamDetails } from './team.ts'

/** What is left out stays as it is; null lifts a limit. */
export type TeamLimitsChange = {
  monthlySpendCapUsd?: string | null
  maxRunsPerMonth?: number | null
  maxMembers?: number | null
  /** Of the team's runs that are worked on at the same time; the others wait their turn. */
  maxRunsAtOnce?: number | null
}

/** Limits of a month and of size. Lowered below what is used or there already, they stop only what would be more. */
export async function setLimits(
  core: Pick<Core, 'db' | 'clock' | 'queue'>,
  actor: Actor,
  { teamId, limits }: { teamId: string; limits: TeamLimitsChange },
): Promise<TeamDetails> {
  const nowMs = core.clock.nowMs()
  const { monthlySpendCapUsd: capUsd, maxRunsPerMonth, maxMembers, maxRunsAtOnce } = limits
  const capMicros = capUsd === undefined ? undefined : readLimit('monthlySpendCapUsd', capUsd)
  checkCount('maxRunsPerMonth', maxRunsPerMonth, 0)
  checkCount('maxMembers', maxMembers, 1)
  checkCount('maxRunsAtOnce', maxRunsAtOnce, 1)
  const input = { teamId, limits: limits as JsonObject }
  return core.db.write(async function setLimitsOnce(tx) {
    return once(tx, { actor, operation: 'team.limits', input, nowMs }, async () => {
      const team = await lockTeam.first(tx, { id: teamId })
      await requireStanding(tx, actor, teamId, 'limit')
      if (!team) throw noTeam()
      const next = {
        monthlyCapMicros: capMicros === undefined ? team.monthly_cap_micros : capMicros,
        maxRunsPerMonth: maxRunsPerMonth === undefined ? team.max_runs_per_month : maxRunsPerMonth,
        maxMembers: maxMembers === undefined ? team.max_members : maxMembers,
        maxRunsAtOnce: maxRunsAtOnce === undefined ? team.max_runs_at_once : maxRunsAtOnce,
      }
      await updateTeamLimits.run(tx, { id: teamId, ...next })
      await wakeIfAnyWaits(core, tx, teamContext(teamId))
      const details = {
        monthlySpendCapUsd: usdOrNull(next.monthlyCapMicros),
        maxRunsPerMonth: next.maxRunsPerMonth,
        maxMembers: next.maxMembers,
        maxRunsAtOnce: next.maxRunsAtOnce,
      }
      await appendEvents(tx, nowMs, [teamEvent(actor, teamId, 'team.limits_set', details)])
      return loadTeam(tx, actor.accountId, teamId)
    })
  })
}

const COUNT_MAX = 1_000_000_000

function checkCount(path: string, count: number | null | undefined, least: number): void {
  if (count === null || count === undefined) return
  if (Number.isInteger(count) && count >= least && count <= COUNT_MAX) return
  const message = `This limit is a whole number from ${least}; null lifts it.`
  throw new AppError('bad_input', message, { problems: [{ path, message }] })
}
