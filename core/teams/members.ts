import { findMembership, listMembershipsOf } from '#db/memberships.ts'
import type { TeamRole } from '#db/schema.ts'
import { lockTeam } from '#db/teams.ts'
import { mayAssign } from '../access.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { periodOf } from '../economy/period.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { joinTeam } from './join.ts'
import { type Member, memberView, requireMember, requirePerson } from './member.ts'
import { teamEvent } from './record.ts'
import { noTeam, requireStanding } from './standing.ts'
import { roleWords, tellMember, workThere } from './tell.ts'

/** Everybody in a team, for everybody in it; oldest membership first. */
export async function listMembers(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { teamId }: { teamId: string },
): Promise<Member[]> {
  await requireStanding(core.db, actor, teamId, 'read')
  const rows = await listMembershipsOf.all(core.db, { teamId, period: periodOf(core.clock.nowMs()) })
  return rows.map(memberView)
}

/** Puts somebody into a team without asking them. Somebody who is in it already stays as they are. */
export async function addMember(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>,
  actor: Actor,
  input: { teamId: string; accountId: string; role: TeamRole },
): Promise<Member> {
  const nowMs = core.clock.nowMs()
  const { teamId, role } = input
  return core.db.write(async function addMemberOnce(tx) {
    return once(tx, { actor, operation: 'team.add_member', input, nowMs }, async () => {
      const team = await lockTeam.first(tx, { id: teamId })
      const standing = await requireStanding(tx, actor, teamId, 'manage_members')
      if (!team) throw noTeam()
      const { accountId } = await requirePerson(tx, input.accountId)
      const before = await findMembership.first(tx, { teamId, accountId, period: periodOf(nowMs) })
      if (before) return memberView(before)
      if (!mayAssign(standing.role, undefined, role)) throw roleTooHigh(role)
      await joinTeam(tx, team, { accountId, role, nowMs })
      await appendEvents(tx, nowMs, [teamEvent(actor, teamId, 'member.added', { subject: accountId, role })])
      const { teamName } = standing
      await tellMember(core, tx, actor, {
        teamId,
        accountId,
        words: `@${actor.handle} has put you into ${teamName}, as ${roleWords(role)}.`,
        buttons: [workThere(teamId, teamName)],
      })
      return memberView(await requireMember(tx, teamId, accountId, nowMs))
    })
  })
}

/** Nobody hands out more than they have, and ownership only by handing it over. */
export const roleTooHigh = (role: TeamRole): AppError =>
  role === 'owner'
    ? new AppError('forbidden', 'A team has one owner. The owner can hand it over to another member.')
    : new AppError('forbidden', `You cannot make somebody ${role}: that is more than you are yourself.`)
