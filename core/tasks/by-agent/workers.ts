import type { Reader } from '#db/db.ts'
import { listPeopleOfTeam } from '#db/reviews.ts'
import { may } from '../../access.ts'
import { type ContextKey, contextOf } from '../../context.ts'

/** Account ids of everybody who may decide in a context, but for those. */
export async function listWorkersOf(on: Reader, key: ContextKey, but: readonly string[]): Promise<string[]> {
  const context = contextOf(key)
  const people = context.type === 'user' ? [context.id] : await decidersIn(on, context.id)
  return people.filter((accountId) => !but.includes(accountId))
}

async function decidersIn(on: Reader, teamId: string): Promise<string[]> {
  const people = await listPeopleOfTeam.all(on, { teamId })
  return people.filter(({ role }) => may({ role, canInvite: false }, 'decide')).map(({ account_id }) => account_id)
}
