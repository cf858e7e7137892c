import { listTeamNames } from '#db/teams.ts'
import { mayOnPlatform } from '../access.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { onlyTeam } from './find.ts'
import { noTeam } from './standing.ts'

/** Any team by its id or its name, for platform admins; `not_found` for others, `conflict` when several have that name. */
export async function anyTeamNamed(
  core: Pick<Core, 'db'>,
  actor: Actor,
  nameOrId: string,
): Promise<{ id: string; name: string }> {
  if (!mayOnPlatform(actor.platformRole, 'see_everything')) throw noTeam()
  return onlyTeam(await listTeamNames.all(core.db, {}), nameOrId)
}
