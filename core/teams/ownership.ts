import assert from 'node:assert/strict'
import { changeRole } from '#db/memberships.ts'
import { lockTeam } from '#db/teams.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { requireMember, requirePerson } from './member.ts'
import { teamEvent } from './record.ts'
import { requireStanding } from './standing.ts'
import { loadTeam, type TeamDetails } from './team.ts'
import { tellMember } from './tell.ts'

/** Hands a team over to another member, in one step: there is one owner before and after. Who gives it becomes admin. */
export async function transferOwnership(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>,
  actor: Actor,
  input: { teamId: string; accountId: string },
): Promise<TeamDetails> {
  const nowMs = core.clock.nowMs()
  const { teamId, accountId } = input
  return core.db.write(async function transferOwnershipOnce(tx) {
    return once(tx, { actor, operation: 'team.transfer', input, nowMs }, async () => {
      await lockTeam.first(tx, { id: teamId })
      const { teamName } = await requireStanding(tx, actor, teamId, 'transfer_ownership')
      const { role } = await requireMember(tx, teamId, accountId, nowMs)
      await requirePerson(tx, accountId)
      if (accountId !== actor.accountId) {
        // Down before up: the database allows one owner at a time.
        const down = await changeRole.run(tx, { teamId, accountId: actor.accountId, from: 'owner', to: 'admin' })
        const up = await changeRole.run(tx, { teamId, accountId, from: role, to: 'owner' })
        assert(down === 1 && up === 1, `Ownership of ${teamId} moved meanwhile`)
        const details = { subject: accountId, from: actor.accountId, to: accountId }
        await appendEvents(tx, nowMs, [teamEvent(actor, teamId, 'team.ownership_transferred', details)])
        const words = `@${actor.handle} has handed ${teamName} over to you: you are its owner now.`
        await tellMember(core, tx, actor, { teamId, accountId, words })
      }
      return loadTeam(tx, actor.accountId, teamId)
    })
  })
}
