import type { Reader } from '#db/db.ts'
import { mayOnPlatform, type TeamAction } from '../access.ts'
import type { Actor } from '../actor.ts'
import { INSTANCE } from '../connections/connection.ts'
import { contextKey } from '../context.ts'
import { AppError } from '../errors.ts'
import { requireContext, type TeamStanding } from '../teams/standing.ts'

/** Whose a policy is: the actor's context's, or the instance's, which stands below all of them. */
export type PolicyOwner = 'context' | 'instance'

export const ownerKey = (actor: Actor, owner: PolicyOwner): string =>
  owner === 'instance' ? INSTANCE : contextKey(actor.context)

/** That the actor may change what belongs there: admins their team's, everybody their own, platform admins the instance's. */
export async function requirePolicyOwner(on: Reader, actor: Actor, owner: PolicyOwner): Promise<void> {
  const action: TeamAction = owner === 'instance' ? 'read' : 'limit'
  const standing: TeamStanding | undefined = await requireContext(on, actor, actor.context, action)
  if (owner === 'context' || mayOnPlatform(actor.platformRole, 'set_policy')) return
  throw new AppError(
    'forbidden',
    `Only platform admins may change the policy of the instance${standing ? `, not those of ${standing.teamName}` : ''}.`,
  )
}
