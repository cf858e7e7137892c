import type { Kysely } from 'kysely'
import type { Schema, TeamRole } from './schema.ts'
import { statement } from './statement.ts'

export const insertInvitation = statement(
  (
    q,
    p: {
      id: string
      teamId: string
      codeHash: string
      role: TeamRole
      invitee: string | null
      invitedBy: string
      nowMs: number
      expiresAtMs: number
    },
  ) =>
    q.insertInto('invitation').values({
      id: p.id,
      team_id: p.teamId,
      code_hash: p.codeHash,
      role: p.role,
      invitee: p.invitee,
      invited_by: p.invitedBy,
      status: 'open',
      decided_by: null,
      created_at_ms: p.nowMs,
      expires_at_ms: p.expiresAtMs,
      decided_at_ms: null,
    }),
)

/** How many one person has made for an address of their own words since then. */
export const countInvitationsByMail = statement((q, p: { invitedBy: string; sinceMs: number }) =>
  q
    .selectFrom('invitation')
    .select((row) => row.fn.countAll<number | bigint>().as('count'))
    .where('invited_by', '=', p.invitedBy)
    .where('created_at_ms', '>', p.sinceMs)
    .where('invitee', 'like', '%@%.%'),
)

/** Gives an open invitation another code; the one before opens nothing any more. */
export const replaceCode = statement((q, p: { id: string; codeHash: string }) =>
  q.updateTable('invitation').set({ code_hash: p.codeHash }).where('id', '=', p.id).where('status', '=', 'open'),
)

const offered = (q: Kysely<Schema>) =>
  q
    .selectFrom('invitation')
    .innerJoin('team', 'team.id', 'invitation.team_id')
    .innerJoin('account as inviter', 'inviter.id', 'invitation.invited_by')
    .select([
      'invitation.id',
      'invitation.team_id',
      'invitation.role',
      'invitation.invitee',
      'invitation.invited_by',
      'invitation.status',
      'invitation.decided_by',
      'invitation.expires_at_ms',
      'team.name as team_name',
      'team.deleted_at_ms as team_deleted_at_ms',
      'inviter.handle as inviter_handle',
      'inviter.display_name as inviter_name',
    ])

export const findInvitationByCode = statement((q, p: { codeHash: string }) =>
  offered(q).where('invitation.code_hash', '=', p.codeHash),
)

/** One that is for a person who is known here, and for nobody else. */
export const findInvitationFor = statement((q, p: { id: string; accountId: string }) =>
  offered(q).where('invitation.id', '=', p.id).where('invitation.invitee', '=', p.accountId),
)

/** Open ones that have not expired, newest first; an invitee who is known stands there with their handle. */
export const listOpenInvitations = statement((q, p: { teamId: string; nowMs: number }) =>
  q
    .selectFrom('invitation')
    .innerJoin('account as inviter', 'inviter.id', 'invitation.invited_by')
    .leftJoin('account as known', 'known.id', 'invitation.invitee')
    .select([
      'invitation.id',
      'invitation.role',
      'invitation.invitee',
      'invitation.status',
      'invitation.created_at_ms',
      'invitation.expires_at_ms',
      'inviter.handle as inviter_handle',
      'known.handle as invitee_handle',
    ])
    .where('invitation.team_id', '=', p.teamId)
    .where('invitation.status', '=', 'open')
    .where('invitation.expires_at_ms', '>', p.nowMs)
    .orderBy('invitation.created_at_ms', 'desc')
    .orderBy('invitation.id'),
)

export const findInvitationOf = statement((q, p: { id: string; teamId: string }) =>
  q
    .selectFrom('invitation')
    .select(['id', 'invited_by', 'status'])
    .where('id', '=', p.id)
    .where('team_id', '=', p.teamId),
)

export const findInvitationById = statement((q, p: { id: string }) =>
  q.selectFrom('invitation').select(['status', 'expires_at_ms']).where('id', '=', p.id),
)

/** Decides an open invitation once; whoever comes second writes nothing. */
export const decideInvitation = statement(
  (q, p: { id: string; status: 'accepted' | 'declined' | 'revoked'; decidedBy: string; nowMs: number }) =>
    q
      .updateTable('invitation')
      .set({ status: p.status, decided_by: p.decidedBy, decided_at_ms: p.nowMs })
      .where('id', '=', p.id)
      .where('status', '=', 'open')
      .where('expires_at_ms', '>', p.nowMs),
)

export const revokeOpenInvitations = statement((q, p: { teamId: string; decidedBy: string; nowMs: number }) =>
  q
    .updateTable('invitation')
    .set({ status: 'revoked', decided_by: p.decidedBy, decided_at_ms: p.nowMs })
    .where('team_id', '=', p.teamId)
    .where('status', '=', 'open'),
)

export const revokeInvitationsBy = statement(
  (q, p: { teamId: string; invitedBy: string; decidedBy: string; nowMs: number }) =>
    q
      .updateTable('invitation')
      .set({ status: 'revoked', decided_by: p.decidedBy, decided_at_ms: p.nowMs })
      .where('team_id', '=', p.teamId)
      .where('invited_by', '=', p.invitedBy)
      .where('status', '=', 'open'),
)
