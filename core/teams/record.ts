import type { Actor } from '../actor.ts'
import { contextKey, teamContext } from '../context.ts'
import type { NewEvent } from '../events/append.ts'
import type { JsonObject } from '../json.ts'

/** Something that happened to a team; `subject` is the team unless another is named. */
export const teamEvent = (
  actor: Pick<Actor, 'accountId'>,
  teamId: string,
  type: string,
  { subject = teamId, ...details }: JsonObject & { subject?: string } = {},
): NewEvent => ({ type, actor: actor.accountId, context: contextKey(teamContext(teamId)), subject, details })
