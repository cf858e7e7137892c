import type { Tx } from '#db/db.ts'
import { countMembers, insertMembership } from '#db/memberships.ts'
import type { TeamRole } from '#db/schema.ts'
import { AppError } from '../errors.ts'

/**
 * Makes somebody a member who is none; refused (`limit_reached`) when the team is full. The team's row must come from
 * `lockTeam`, so that two who join at once are counted one after the other.
 */
export async function joinTeam(
  tx: Tx,
  team: { id: string; name: string; max_members: number | null },
  { accountId, role, nowMs }: { accountId: string; role: TeamRole; nowMs: number },
): Promise<void> {
  const members = (await countMembers.first(tx, { teamId: team.id }))?.members ?? 0
  if (team.max_members !== null && members >= team.max_members) {
    const most = team.max_members === 1 ? 'one member' : `${team.max_members} members`
    const message = `${team.name} may have ${most} and has ${members}. Its admins can raise the limit.`
    throw new AppError('limit_reached', message, {
      facts: { limit: 'team_members', limitMembers: team.max_members, usedMembers: members },
    })
  }
  await insertMembership.run(tx, { teamId: team.id, accountId, role, nowMs })
}
