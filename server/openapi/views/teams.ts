import { z } from 'zod'
import { NOTIFICATION_TYPES } from '#core/notifications/types.ts'
import type { Joined } from '#core/teams/accept.ts'
import type { Invitation, OfferedInvitation } from '#core/teams/invitation.ts'
import type { NewInvitation } from '#core/teams/invitations.ts'
import type { Member } from '#core/teams/member.ts'
import type { Team, TeamDetails } from '#core/teams/team.ts'
import { json, moment, shapeOf, teamRole, usd } from './shape.ts'

const teamFields = {
  id: z.string(),
  name: z.string(),
  role: teamRole.meta({ description: 'One’s own' }),
  memberCount: z.int(),
  limits: z
    .object({
      monthlySpendCapUsd: usd.nullable(),
      maxRunsPerMonth: z.int().nullable(),
      maxMembers: z.int().nullable(),
      maxRunsAtOnce: z.int().nullable().meta({ description: 'Null is what the instance has' }),
    })
    .meta({ description: 'Null is no limit' }),
  confirmAboveUsd: usd.nullable().meta({ description: 'Above this a run is confirmed first' }),
  toolAccess: z.object({
    mode: z.enum(['allow_all', 'deny_all', 'list']),
    allowed: z.array(z.string()),
    denied: z.array(z.string()),
  }),
  notifications: z.partialRecord(z.enum(NOTIFICATION_TYPES), z.boolean()),
  lowBalanceUsd: z.array(usd),
  createdAt: moment,
}

const invitationFields = { role: teamRole, expiresAt: moment }

export const TEAM_VIEWS = {
  TeamListed: shapeOf<Team>()(z.object(teamFields)),
  Team: shapeOf<TeamDetails>()(
    z.object({ ...teamFields, toolDefaults: z.record(z.string(), json).meta({ description: 'Inputs by tool' }) }),
  ),
  Member: shapeOf<Member>()(
    z.object({
      accountId: z.string(),
      handle: z.string(),
      displayName: z.string(),
      role: teamRole,
      spendingCapUsd: usd.nullable().meta({ description: 'A month; null is no cap' }),
      canInvite: z.boolean(),
      spentUsd: usd.meta({ description: 'This month, what is held included' }),
      joinedAt: moment,
    }),
  ),
  Invitation: shapeOf<Invitation>()(
    z.object({
      ...invitationFields,
      id: z.string(),
      invitee: z.string().nullable(),
      invitedBy: z.string(),
      createdAt: moment,
    }),
  ),
  InvitationMade: shapeOf<NewInvitation & { url: string }>()(
    z.object({
      ...invitationFields,
      id: z.string(),
      code: z.string().meta({ description: 'Shown this once' }),
      url: z.url(),
      teamId: z.string(),
      teamName: z.string(),
      inviteeAccountId: z.string().nullable(),
    }),
  ),
  InvitationOffered: shapeOf<OfferedInvitation>()(
    z.object({
      ...invitationFields,
      teamName: z.string(),
      invitedBy: z.string(),
      status: z.enum(['open', 'accepted', 'declined', 'revoked', 'expired']),
    }),
  ),
  Joined: shapeOf<Joined>()(z.object({ teamId: z.string(), teamName: z.string(), role: teamRole })),
  InvitationDeclined: shapeOf<{ teamName: string }>()(z.object({ teamName: z.string() })),
}
