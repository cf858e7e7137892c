import type { Actor } from '#core/actor.ts'
import type { Core } from '#core/core.ts'
import { createTeam } from '#core/teams/create.ts'
import { addMember } from '#core/teams/members.ts'
import type { TeamRole } from '#db/schema.ts'
import { newPerson } from '#tests/core/economy/people.ts'

let teams = 0

/** A team with one person of each role. */
export interface Crew extends Record<TeamRole, Actor> {
  teamId: string
  name: string
  stranger: Actor
}

export async function newCrew(core: Core): Promise<Crew> {
  const number = ++teams
  const person = (role: string): Promise<Actor> => newPerson(core, `${role}-${number}`)
  const owner = await person('owner')
  const name = `Crew ${number}`
  const { id: teamId } = await createTeam(core, owner, { name })
  const join = async (role: TeamRole): Promise<Actor> => {
    const actor = await person(role)
    await addMember(core, owner, { teamId, accountId: actor.accountId, role })
    return actor
  }
  return {
    teamId,
    name,
    owner,
    admin: await join('admin'),
    member: await join('member'),
    viewer: await join('viewer'),
    stranger: await person('stranger'),
  }
}
