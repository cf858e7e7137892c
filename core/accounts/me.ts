import { listMyTeams } from '#db/contexts.ts'
import type { TeamRole } from '#db/schema.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { type Account, accountById } from './account.ts'
import { type ListedIdentity, listIdentities } from './identities.ts'

export interface Me {
  account: Account
  /** By name. */
  teams: { id: string; name: string; role: TeamRole }[]
  identities: ListedIdentity[]
}

/** Who the actor is: as they are now, not as they were when they signed in. */
export async function getMe(core: Pick<Core, 'db'>, actor: Pick<Actor, 'accountId'>): Promise<Me> {
  const account = await accountById(core.db, actor.accountId)
  if (!account) throw new AppError('unauthorized', 'This account does not exist any more.')
  const teams = await listMyTeams.all(core.db, { accountId: account.id })
  return { account, teams, identities: await listIdentities(core.db, account.id) }
}
