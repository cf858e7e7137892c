import { updateMembership } from '#db/memberships.ts'
import type { TeamRole } from '#db/schema.ts'
import { lockTeam } from '#db/teams.ts'
import { mayAssign } from '../access.ts'
import type { Actor } from '../actor.ts'
import { teamContext } from '../context.ts'
import type { Core } from '../core.ts'
import { readLimit } from '../economy/amounts.ts'
import { wakeIfAnyWaits } from '../economy/wake.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import { once } from '../once.ts'
import { type Member, memberView, requireMember } from './member.ts'
import { roleTooHigh } from './members.ts'
import { teamEvent } from './record.ts'
import { requireStanding } from './standing.ts'
import { roleWords, tellMember } from './tell.ts'

/** What is left out stays as it is; a cap of null lifts it. */
export type MemberChange = { role?: TeamRole; spendingCapUsd?: string | null; canInvite?: boolean }

/**
 * Changes a member's role, monthly cap or right to invite, for admins and the owner. Nobody changes the owner but the
 * owner, whose role moves only by handing the team over.
 */
export async function updateMember(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>,
  actor: Actor,
  { teamId, accountId, change }: { teamId: string; accountId: string; change: MemberChange },
): Promise<Member> {
  const nowMs = core.clock.nowMs()
  const { role, spendingCapUsd, canInvite } = change
  const capMicros = spendingCapUsd === undefined ? undefined : readLimit('spendingCapUsd', spendingCapUsd)
  const input = { teamId, accountId, change: change as JsonObject }
  return core.db.write(async function updateMemberOnce(tx) {
    return once(tx, { actor, operation: 'team.update_member', input, nowMs }, async () => {
      await lockTeam.first(tx, { id: teamId })
      const standing = await requireStanding(tx, actor, teamId, 'manage_members')
      if (capMicros !== undefined) await requireStanding(tx, actor, teamId, 'limit')
      const before = await requireMember(tx, teamId, accountId, nowMs)
      const nextRole = role ?? before.role
      const isOwnerThemself = before.role === 'owner' && nextRole === 'owner' && accountId === actor.accountId
      if (!isOwnerThemself && !mayAssign(standing.role, before.role, nextRole))
        throw cannotChange(before.role, nextRole)
      await updateMembership.run(tx, {
        teamId,
        accountId,
        role: nextRole,
        spendingCapMicros: capMicros === undefined ? before.spending_cap_micros : capMicros,
        canInvite: canInvite === undefined ? before.can_invite : Number(canInvite),
      })
      if (capMicros !== undefined) await wakeIfAnyWaits(core, tx, teamContext(teamId))
      const details = { subject: accountId, before: memberFacts(memberView(before)), change: change as JsonObject }
      await appendEvents(tx, nowMs, [teamEvent(actor, teamId, 'member.updated', details)])
      if (nextRole !== before.role) {
        const words = `@${actor.handle} has made you ${roleWords(nextRole)} of ${standing.teamName}.`
        await tellMember(core, tx, actor, { teamId, accountId, words })
      }
      return memberView(await requireMember(tx, teamId, accountId, nowMs))
    })
  })
}

const memberFacts = ({ role, spendingCapUsd, canInvite }: Member): JsonObject => ({ role, spendingCapUsd, canInvite })

function cannotChange(current: TeamRole, next: TeamRole): AppError {
  if (current !== 'owner') return roleTooHigh(next)
  return new AppError('forbidden', 'The owner stays the owner until they hand the team over.')
}
