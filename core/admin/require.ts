import { mayOnPlatform } from '../access.ts'
import type { Actor } from '../actor.ts'
import { AppError } from '../errors.ts'

/** What concerns everybody is for platform admins: `forbidden` for all others. */
export function requirePlatformAdmin(actor: Pick<Actor, 'platformRole'>): void {
  if (mayOnPlatform(actor.platformRole, 'see_everything')) return
  throw new AppError('forbidden', 'This is for platform admins, with a key that has the scope admin.')
}
