import { insertMembership } from '#db/memberships.ts'
import { insertTeam } from '#db/teams.ts'
import { checkName } from '../accounts/fields.ts'
import type { Actor } from '../actor.ts'
import { teamContext } from '../context.ts'
import type { Core } from '../core.ts'
import { openWallet } from '../economy/ledger.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { teamEvent } from './record.ts'
import { loadTeam, type TeamDetails } from './team.ts'

/** A team with a wallet of its own; who makes it owns it. Names need not be unique. */
export async function createTeam(
  core: Pick<Core, 'db' | 'clock' | 'ids'>,
  actor: Actor,
  input: { name: string },
): Promise<TeamDetails> {
  const nowMs = core.clock.nowMs()
  const name = checkName(input.name, 'name')
  return core.db.write(async function createTeamOnce(tx) {
    return once(tx, { actor, operation: 'team.create', input, nowMs }, async () => {
      const teamId = core.ids.newId('team')
      await insertTeam.run(tx, { id: teamId, name, settingsJson: '{}', nowMs })
      await insertMembership.run(tx, { teamId, accountId: actor.accountId, role: 'owner', nowMs })
      await openWallet(tx, teamContext(teamId), nowMs)
      await appendEvents(tx, nowMs, [teamEvent(actor, teamId, 'team.created', { name })])
      return loadTeam(tx, actor.accountId, teamId)
    })
  })
}
