import type { Reader } from '#db/db.ts'
import { listTeamsOfPerson } from '#db/memberships.ts'
import { mayOnPlatform } from '../access.ts'
import { accountById } from '../accounts/account.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { cut } from '../cut.ts'
import { AppError, notFound } from '../errors.ts'
import { suggest } from '../suggest.ts'
import { noTeam, standingIn } from './standing.ts'
import { loadTeam, type Team, type TeamDetails, teamView } from './team.ts'

/** `not_found` for teams one is not in. */
export async function getTeam(core: Pick<Core, 'db'>, actor: Actor, teamId: string): Promise<TeamDetails> {
  if (!(await standingIn(core.db, actor.accountId, teamId))) throw noTeam()
  return loadTeam(core.db, actor.accountId, teamId)
}

/** The teams one is in, by name. */
export async function listMyTeams(core: Pick<Core, 'db'>, actor: Actor): Promise<Team[]> {
  return teamsOf(core.db, actor.accountId)
}

/** The teams of a person: one's own, or anybody's for platform admins. */
export async function listTeamsOf(core: Pick<Core, 'db'>, actor: Actor, accountId: string): Promise<Team[]> {
  const isAllowed = accountId === actor.accountId || mayOnPlatform(actor.platformRole, 'see_everything')
  if (!isAllowed || !(await accountById(core.db, accountId))) throw notFound('such person')
  return teamsOf(core.db, accountId)
}

const teamsOf = async (on: Reader, accountId: string): Promise<Team[]> =>
  (await listTeamsOfPerson.all(on, { accountId })).map(teamView)

/**
 * One of the actor's teams by its id or its name, whatever the letter case. `not_found` when there is none, `conflict`
 * listing the ids when several have that name.
 */
export async function findMyTeam(on: Reader, actor: Pick<Actor, 'accountId'>, nameOrId: string): Promise<Team> {
  const teams = await teamsOf(on, actor.accountId)
  return onlyTeam(teams, nameOrId)
}

export function onlyTeam<T extends { id: string; name: string }>(teams: readonly T[], nameOrId: string): T {
  const wanted = foldName(nameOrId)
  const byId = teams.find(({ id }) => id === nameOrId.trim())
  if (byId) return byId
  const [first, ...others] = teams.filter(({ name }) => foldName(name) === wanted)
  if (first && others.length === 0) return first
  if (!first) throw unknownTeam(nameOrId, teams)
  const list = [first, ...others].map(({ id }) => id).join(', ')
  throw new AppError('conflict', `Several teams are called ${first.name}. Say which one by its id: ${list}.`)
}

export const foldName = (name: string): string => name.normalize('NFKC').trim().replaceAll(/\s+/gu, ' ').toLowerCase()

function unknownTeam(nameOrId: string, teams: readonly { name: string }[]): AppError {
  const near = suggest(
    nameOrId,
    teams.map(({ name }) => name),
  )
  const hint = near === undefined ? '' : ` Did you mean ${near}?`
  return new AppError('not_found', `There is no team ${cut(nameOrId.trim(), 80)} here.${hint}`)
}
