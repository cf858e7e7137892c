import { may } from '#core/access.ts'
import type { Actor } from '#core/actor.ts'
import { type Context, personal, teamContext } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { listMyTeams } from '#core/teams/find.ts'

/** A context that somebody may run jobs in, as tools of it are called. */
export interface Place {
  context: Context
  /** `Personal`, `Team Acme`. */
  label: string
  /** What stands behind the dot in the names of its tools where several contexts are listed. */
  suffix: string
}

/** All contexts of a person, their own first, the teams by name. */
export async function placesOf(core: Pick<Core, 'db'>, actor: Actor): Promise<Place[]> {
  const teams = (await listMyTeams(core, actor)).filter((team) => may({ role: team.role, canInvite: false }, 'run'))
  const tails = teams.map(({ id }) => tailOf(id))
  return [
    { context: personal(actor.accountId), label: 'Personal', suffix: 'personal' },
    ...teams.map(({ id, name }) => ({
      context: teamContext(id),
      label: `Team ${name}`,
      // The end of an id is random and short; of two teams that share it neither may stand for the other.
      suffix: tails.filter((tail) => tail === tailOf(id)).length === 1 ? tailOf(id) : id,
    })),
  ]
}

/** Long enough for the teams of one person, short enough for the names that programs take. */
const TAIL = 8
const tailOf = (id: string): string => id.slice(-TAIL)

/** The one that the actor is in; undefined when they may run nothing there. */
export const placeOf = (places: readonly Place[], { context }: Actor): Place | undefined =>
  places.find((place) => place.context.type === context.type && place.context.id === context.id)

/** Who pays, in words. */
export async function payerOf(core: Pick<Core, 'db'>, actor: Actor, { type, id }: Context): Promise<string> {
  if (type === 'user') return 'Personal'
  const team = (await listMyTeams(core, actor)).find((one) => one.id === id)
  return `Team ${team?.name ?? id}`
}
