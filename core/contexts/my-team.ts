import { findMyTeam, listMyTeams } from '#db/contexts.ts'
import type { Reader } from '#db/db.ts'
import type { TeamRole } from '#db/schema.ts'
import { AppError } from '../errors.ts'
import { suggest } from '../suggest.ts'

export interface MyTeam {
  id: string
  name: string
  role: TeamRole
}

/** One's team with this id; `not_found` for any other, whether it exists or not. */
export async function myTeamById(on: Reader, accountId: string, teamId: string): Promise<MyTeam> {
  const team = await findMyTeam.first(on, { accountId, teamId })
  if (!team) throw new AppError('not_found', 'You are in no such team.')
  return team
}

/**
 * One's team by id or name, letter case and outer blanks aside. `not_found` when one is in none of that name, `conflict`
 * with their ids when in several.
 */
export async function myTeamNamed(on: Reader, accountId: string, text: string): Promise<MyTeam> {
  const teams = await listMyTeams.all(on, { accountId })
  const wanted = fold(text)
  const byId = teams.find((team) => team.id === text.trim())
  const [first, ...others] = byId ? [byId] : teams.filter((team) => fold(team.name) === wanted)
  if (!first) {
    const near = suggest(
      text,
      teams.map((team) => team.name),
    )
    const hint = near === undefined ? '.' : `; did you mean ${near}?`
    throw new AppError('not_found', `You are in no team called “${text.trim()}”${hint}`)
  }
  if (others.length > 0) throw severalTeams([first, ...others])
  return first
}

function severalTeams(teams: readonly MyTeam[]): AppError {
  const ids = teams.map((team) => team.id).join(', ')
  return new AppError('conflict', `You are in ${teams.length} teams of that name. Say which by its id: ${ids}.`, {
    facts: { teamIds: ids },
  })
}

const fold = (name: string): string => name.normalize('NFKC').trim().replaceAll(/\s+/gu, ' ').toLowerCase()
