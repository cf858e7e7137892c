import type { TeamRole } from '#db/schema.ts'

/** Everything a person may or may not do to a team. One place for the table of rights; nobody else compares roles. */
export type TeamAction =
  | 'read'
  | 'run'
  | 'decide'
  | 'work'
  | 'invite'
  | 'publish'
  | 'schedule'
  | 'hire'
  | 'connect'
  | 'manage_board'
  | 'limit'
  | 'settings'
  | 'manage_members'
  | 'link_chat'
  | 'fund'
  | 'credit_line'
  | 'delete'
  | 'transfer_ownership'

const EVERYONE: readonly TeamRole[] = ['viewer', 'member', 'admin', 'owner']
const MEMBERS: readonly TeamRole[] = ['member', 'admin', 'owner']
const ADMINS: readonly TeamRole[] = ['admin', 'owner']
const OWNER: readonly TeamRole[] = ['owner']

const TEAM_RIGHTS = {
  read: EVERYONE,
  run: MEMBERS,
  decide: MEMBERS,
  work: MEMBERS,
  fund: MEMBERS,
  invite: ADMINS,
  publish: ADMINS,
  schedule: ADMINS,
  hire: ADMINS,
  connect: ADMINS,
  manage_board: ADMINS,
  limit: ADMINS,
  settings: ADMINS,
  manage_members: ADMINS,
  link_chat: ADMINS,
  credit_line: OWNER,
  delete: OWNER,
  transfer_ownership: OWNER,
} satisfies Record<TeamAction, readonly TeamRole[]>

export type PlatformAction =
  | 'grant'
  | 'approve_credit'
  | 'refund'
  | 'set_price'
  | 'connect_instance'
  | 'see_everything'
  | 'set_policy'
  | 'manage_board'

/** As they are at this moment: read in the same transaction as what they allow. */
export interface Standing {
  role: TeamRole
  canInvite: boolean
}

export function may(standing: Standing, action: TeamAction): boolean {
  if (action === 'invite' && standing.canInvite && standing.role === 'member') return true
  return TEAM_RIGHTS[action].includes(standing.role)
}

/** Platform admins run the instance: they grant, approve credit and refund, but are in no team they did not join. */
export const mayOnPlatform = (platformRole: 'user' | 'admin', _: PlatformAction): boolean => platformRole === 'admin'

/** The roles that may do it, for the sentence of a refusal. */
export const rolesFor = (action: TeamAction): readonly TeamRole[] => TEAM_RIGHTS[action]

const RANK: Record<TeamRole, number> = { viewer: 0, member: 1, admin: 2, owner: 3 }

/** A role that is asked for is had by those above it too. */
export const holdsRole = (role: TeamRole, asked: TeamRole): boolean => RANK[role] >= RANK[asked]

/** Admins manage those below them; nobody hands out more than they have. The owner's role moves only by a transfer. */
export const mayAssign = (actor: TeamRole, current: TeamRole | undefined, next: TeamRole): boolean =>
  next !== 'owner' &&
  current !== 'owner' &&
  RANK[next] <= RANK[actor] &&
  (current ? RANK[current] <= RANK[actor] : true)
