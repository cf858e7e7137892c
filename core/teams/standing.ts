import type { Reader, Tx } from '#db/db.ts'
import { findStanding, holdStanding } from '#db/memberships.ts'
import { may, rolesFor, type Standing, type TeamAction } from '../access.ts'
import type { Actor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError, notFound } from '../errors.ts'

/** Who somebody is in a team at this moment. */
export interface TeamStanding extends Standing {
  teamId: string
  teamName: string
  /** As stored; see settings.ts. */
  settingsJson: string
}

// Only a transaction can hold on to what it read.
const isTx = (on: Reader): on is Tx => 'afterCommit' in on

/**
 * What a person is in a team; undefined for who is not in it, and for teams that are gone. Read with a `Tx`, the team
 * does not end before the transaction does.
 */
export async function standingIn(on: Reader, accountId: string, teamId: string): Promise<TeamStanding | undefined> {
  const row = await (isTx(on) ? holdStanding : findStanding).first(on, { accountId, teamId })
  if (!row) return undefined
  return {
    role: row.role,
    canInvite: row.can_invite === 1,
    teamId,
    teamName: row.team_name,
    settingsJson: row.settings_json,
  }
}

/**
 * That the actor may do this in the team, at this moment. `not_found` for teams they are not in, `forbidden` with who
 * may for what their role does not allow.
 */
export async function requireStanding(
  on: Reader,
  actor: Pick<Actor, 'accountId'>,
  teamId: string,
  action: TeamAction,
): Promise<TeamStanding> {
  const standing = await standingIn(on, actor.accountId, teamId)
  if (!standing) throw noTeam()
  if (!may(standing, action)) throw mayNot(standing, action)
  return standing
}

/** The same for a context: one's own personal one allows everything, somebody else's is `not_found`. */
export async function requireContext(
  on: Reader,
  actor: Pick<Actor, 'accountId'>,
  context: Context,
  action: TeamAction,
): Promise<TeamStanding | undefined> {
  if (context.type === 'team') return requireStanding(on, actor, context.id, action)
  if (context.id !== actor.accountId) throw notFound('such context')
  return undefined
}

export const noTeam = (): AppError => notFound('such team')

const WORDS: Record<TeamAction, string> = {
  read: 'see it',
  run: 'run jobs and spend there',
  decide: 'decide reviews there',
  work: 'work on its board',
  invite: 'invite people',
  publish: 'publish jobs there',
  schedule: 'change schedules there',
  hire: 'hire and change agents there',
  connect: 'change connections and endpoints there',
  manage_board: 'overrule what stands on its board',
  limit: 'change limits there',
  settings: 'change its settings',
  manage_members: 'manage its members',
  link_chat: 'tie chats to it',
  fund: 'put money into its wallet',
  credit_line: 'decide about its credit line',
  delete: 'delete it',
  transfer_ownership: 'hand it over',
}

/** `Only admins and the owner of Acme may invite people. You are a viewer there.` */
export function mayNot({ role, teamName }: TeamStanding, action: TeamAction): AppError {
  const who = rolesFor(action).map((allowed) => (allowed === 'owner' ? 'the owner' : `${allowed}s`))
  const people = who.length > 1 ? `${who.slice(0, -1).join(', ')} and ${who.at(-1)}` : who[0]
  const you = role === 'owner' ? 'the owner' : role === 'admin' ? 'an admin' : `a ${role}`
  return new AppError('forbidden', `Only ${people} of ${teamName} may ${WORDS[action]}. You are ${you} there.`)
}
