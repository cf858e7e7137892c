import type { Reader } from '#db/db.ts'
import type { Actor } from '../actor.ts'
import { AppError } from '../errors.ts'
import { isToolAllowed, settingsOf, type TeamSettings } from './settings.ts'
import { requireContext } from './standing.ts'

/**
 * That the actor may spend in their context, now, and use these tools there. `not_found` for a context that is not
 * theirs, `forbidden` with who may for viewers, or with the tools that the team has closed. Gives the team's settings.
 */
export async function requireSpender(
  on: Reader,
  actor: Pick<Actor, 'accountId' | 'context'>,
  toolIds: Iterable<string>,
): Promise<TeamSettings | undefined> {
  const standing = await requireContext(on, actor, actor.context, 'run')
  if (!standing) return undefined
  const settings = settingsOf(standing.settingsJson)
  const closed = [...toolIds].filter((id) => !isToolAllowed(settings, id))
  if (closed.length === 0) return settings
  const message = `${standing.teamName} does not allow ${closed.join(', ')}. Its admins decide which tools run there.`
  throw new AppError('forbidden', message)
}
