import type { Actor } from '#core/actor.ts'
import { meantOnce } from '#core/chat/meant.ts'
import type { Core } from '#core/core.ts'
import { AppError } from '#core/errors.ts'
import { findMyTeam, listMyTeams } from '#core/teams/find.ts'
import type { Team } from '#core/teams/team.ts'

/** The team that is named, else the one of the context, else the only one the person is in. */
export async function teamMeant(core: Pick<Core, 'db'>, actor: Actor, name: string | undefined): Promise<Team> {
  if (name !== undefined) return findMyTeam(core.db, actor, name)
  if (actor.context.type === 'team') return findMyTeam(core.db, actor, actor.context.id)
  const [only, ...others] = await listMyTeams(core, actor)
  if (!only) throw new AppError('not_found', 'You are in no team yet. /createteam <name> makes one.')
  if (others.length > 0) throw severalTeams([only, ...others])
  return only
}

/** So many are named; whoever is in more knows /teams. */
const NAMES_MOST = 8

function severalTeams(teams: readonly Team[]): AppError {
  const names = teams.slice(0, NAMES_MOST).map(({ name }) => name)
  const list = teams.length > NAMES_MOST ? `${names.join(', ')}, …` : names.join(', ')
  return new AppError('bad_input', `You are in several teams: say which one of ${list}.`)
}

/** The same for what takes the team, its name or the person's place in it away: asked again, it means the same team. */
export const teamMeantOnce = (
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  named: string,
): Promise<{ id: string; name: string; role: string }> =>
  meantOnce(core, actor, { what: 'team', words: named }, async (tx) => {
    const { id, name, role } = await findMyTeam(tx, actor, named)
    return { id, name, role }
  })
