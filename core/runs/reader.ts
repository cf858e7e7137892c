import type { Reader } from '#db/db.ts'
import { findStanding } from '#db/memberships.ts'
import { may } from '../access.ts'
import type { Actor } from '../actor.ts'
import type { Context } from '../context.ts'
import { notFound } from '../errors.ts'

/** That this person may look at what happens in a context; otherwise it does not exist for them. */
export async function requireReader(on: Reader, actor: Actor, context: Context, what: string): Promise<void> {
  if (context.type === 'user') {
    if (context.id !== actor.accountId) throw notFound(what)
    return
  }
  const standing = await findStanding.first(on, { accountId: actor.accountId, teamId: context.id })
  if (!standing || !may({ role: standing.role, canInvite: standing.can_invite === 1 }, 'read')) throw notFound(what)
}
