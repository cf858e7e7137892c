import type { Reader } from '#db/db.ts'
import { findStanding } from '#db/memberships.ts'
import { findTeam } from '#db/teams.ts'
import { may, rolesFor } from '../access.ts'
import type { Actor } from '../actor.ts'
import { AppError, notFound } from '../errors.ts'

/** Which tools a team lets its members use; in team context it stands above what a person set for themselves. */
export interface ToolAccess {
  mode: 'allow_all' | 'deny_all' | 'list'
  allowed: string[]
  denied: string[]
}

/**
 * That this person may spend in this context, now, and on these tools. Somebody else's context or team does not exist
 * for them (`not_found`); a viewer is told who may; a tool the team has closed is named.
 */
export async function requireSpender(on: Reader, actor: Actor, toolIds: ReadonlySet<string>): Promise<void> {
  const { context } = actor
  if (context.type === 'user') {
    if (context.id !== actor.accountId) throw notFound('such context')
    return
  }
  const standing = await findStanding.first(on, { accountId: actor.accountId, teamId: context.id })
  if (!standing) throw notFound('such team')
  if (!may({ role: standing.role, canInvite: standing.can_invite === 1 }, 'run')) {
    throw new AppError(
      'forbidden',
      `In ${standing.team_name} ${rolesFor('run').join(', ')} may run jobs; you are ${standing.role}.`,
    )
  }
  const team = await findTeam.first(on, { id: context.id })
  const access = (JSON.parse(team?.settings_json ?? '{}') as { toolAccess?: ToolAccess }).toolAccess
  const closed = access && [...toolIds].find((toolId) => !isOpen(access, toolId))
  if (closed)
    throw new AppError('forbidden', `${standing.team_name} does not allow the tool ${closed}. Its admins decide that.`)
}

function isOpen({ mode, allowed, denied }: ToolAccess, toolId: string): boolean {
  if (denied.includes(toolId)) return false
  return mode === 'allow_all' || (mode === 'list' && allowed.includes(toolId))
}
