import type { Reader } from '#db/db.ts'
import { mayOnPlatform } from '../access.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import { AppError } from '../errors.ts'
import { requireContext } from '../teams/standing.ts'
import { INSTANCE } from './connection.ts'

/** That the actor may change what belongs to `owner`: the actor's own context, or the instance. */
export async function requireOwner(on: Reader, actor: Actor, owner: string): Promise<void> {
  if (owner !== INSTANCE) {
    await requireContext(on, actor, actor.context, 'connect')
    return
  }
  // Whose context it is asked in must exist for them all the same.
  await requireContext(on, actor, actor.context, 'read')
  if (!mayOnPlatform(actor.platformRole, 'connect_instance')) {
    throw new AppError('forbidden', 'Only platform admins may change the connections of the instance.')
  }
}

export const ownerOf = (actor: Actor, isInstance: boolean): string =>
  isInstance ? INSTANCE : contextKey(actor.context)
