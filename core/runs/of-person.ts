import { listTeamsOfPerson } from '#db/memberships.ts'
import { mayOnPlatform } from '../access.ts'
import { accountById } from '../accounts/account.ts'
import type { Actor } from '../actor.ts'
import { contextKey, personal, teamContext } from '../context.ts'
import type { Core } from '../core.ts'
import { notFound } from '../errors.ts'
import { pageOfRuns, type RunQuery } from './read.ts'
import type { RunListItem } from './view.ts'

/**
 * What a person has started, newest first: one's own runs in the personal context and in the teams one is in now, or for
 * platform admins anybody's anywhere. Others do not exist (`not_found`).
 */
export async function findRunsOf(
  core: Pick<Core, 'db'>,
  actor: Actor,
  accountId: string,
  query: Omit<RunQuery, 'context' | 'accountId'>,
): Promise<{ items: RunListItem[]; nextCursor: string | null }> {
  const contexts = await contextsToRead(core, actor, accountId)
  return pageOfRuns(core.db, { accountId, ...(contexts ? { contexts } : {}) }, query)
}

/** Undefined is everywhere. */
async function contextsToRead(core: Pick<Core, 'db'>, actor: Actor, accountId: string): Promise<string[] | undefined> {
  if (accountId === actor.accountId) {
    const teams = await listTeamsOfPerson.all(core.db, { accountId })
    return [personal(accountId), ...teams.map(({ id }) => teamContext(id))].map(contextKey)
  }
  const isAllowed = mayOnPlatform(actor.platformRole, 'see_everything')
  if (!isAllowed || !(await accountById(core.db, accountId))) throw notFound('such person')
  return undefined
}
