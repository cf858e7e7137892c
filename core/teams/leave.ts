import type { Tx } from '#db/db.ts'
import { revokeInvitationsBy } from '#db/invitations.ts'
import { deleteMembership } from '#db/memberships.ts'
import { dropHeldOf } from '#db/notifications.ts'
import { lockTeam } from '#db/teams.ts'
import { mayAssign } from '../access.ts'
import type { Actor } from '../actor.ts'
import { contextKey, teamContext } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { requireMember } from './member.ts'
import { teamEvent } from './record.ts'
import { requireStanding } from './standing.ts'
import { tellMember } from './tell.ts'

/** Takes a member out of a team, for admins and the owner; oneself is `leaveTeam`. What they started goes on. */
export async function removeMember(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>,
  actor: Actor,
  input: { teamId: string; accountId: string },
): Promise<{ teamId: string; teamName: string; accountId: string; handle: string }> {
  const nowMs = core.clock.nowMs()
  const { teamId, accountId } = input
  if (accountId === actor.accountId) {
    const left = await leaveTeam(core, actor, { teamId })
    return { ...left, accountId, handle: actor.handle }
  }
  return core.db.write(async function removeMemberOnce(tx) {
    return once(tx, { actor, operation: 'team.remove_member', input, nowMs }, async () => {
      await lockTeam.first(tx, { id: teamId })
      const standing = await requireStanding(tx, actor, teamId, 'manage_members')
      const { role, handle } = await requireMember(tx, teamId, accountId, nowMs)
      if (role === 'owner') throw new AppError('forbidden', 'The owner cannot be removed before handing the team over.')
      if (!mayAssign(standing.role, role, role)) throw new AppError('forbidden', `${handle} ranks above you.`)
      await takeOut(tx, actor, { teamId, accountId, nowMs })
      await appendEvents(tx, nowMs, [teamEvent(actor, teamId, 'member.removed', { subject: accountId, role })])
      const words = `@${actor.handle} has taken you out of ${standing.teamName}.`
      await tellMember(core, tx, actor, { teamId, accountId, words })
      return { teamId, teamName: standing.teamName, accountId, handle }
    })
  })
}

/** The owner must hand the team over first, or delete it. */
export async function leaveTeam(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { teamId }: { teamId: string },
): Promise<{ teamId: string; teamName: string }> {
  const nowMs = core.clock.nowMs()
  const { accountId } = actor
  return core.db.write(async function leaveTeamOnce(tx) {
    return once(tx, { actor, operation: 'team.leave', input: { teamId }, nowMs }, async () => {
      await lockTeam.first(tx, { id: teamId })
      const { role, teamName } = await requireStanding(tx, actor, teamId, 'read')
      if (role === 'owner') {
        throw new AppError('conflict', `You own ${teamName}. Hand it over to another member first, or delete it.`)
      }
      await takeOut(tx, actor, { teamId, accountId, nowMs })
      await appendEvents(tx, nowMs, [teamEvent(actor, teamId, 'member.left', { subject: accountId, role })])
      return { teamId, teamName }
    })
  })
}

// Invitations of somebody who is out would be a way back in, and what waits to be told them is not theirs any more.
async function takeOut(
  tx: Tx,
  actor: Actor,
  { teamId, accountId, nowMs }: { teamId: string; accountId: string; nowMs: number },
): Promise<void> {
  await deleteMembership.run(tx, { teamId, accountId })
  await dropHeldOf.run(tx, { accountId, context: contextKey(teamContext(teamId)) })
  await revokeInvitationsBy.run(tx, { teamId, invitedBy: accountId, decidedBy: actor.accountId, nowMs })
}
