import {
  decideInvitation,
  findInvitationOf,
  insertInvitation,
  listOpenInvitations,
  replaceCode,
} from '#db/invitations.ts'
import { findMembership } from '#db/memberships.ts'
import type { TeamRole } from '#db/schema.ts'
import { lockTeam } from '#db/teams.ts'
import { may, mayAssign } from '../access.ts'
import { newCode } from '../accounts/codes.ts'
import { plainAddress } from '../accounts/email-address.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { periodOf } from '../economy/period.ts'
import { AppError, notFound } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { hashSecret } from '../ids.ts'
import { codeOfLink } from '../mail/links.ts'
import { once } from '../once.ts'
import {
  INVITATION_LIFETIME_MS,
  type Invitation,
  invitationView,
  type OfferedInvitation,
  requireInvitation,
  statusAt,
} from './invitation.ts'
import { mailInvitation } from './mail-invitation.ts'
import { findPerson } from './member.ts'
import { roleTooHigh } from './members.ts'
import { teamEvent } from './record.ts'
import { mayNot, requireStanding } from './standing.ts'
import { tellInvitee } from './tell.ts'

const INVITEE_MAX_LENGTH = 200

/** With the code, this once: it is stored hashed. */
export type NewInvitation = {
  id: string
  code: string
  teamId: string
  teamName: string
  role: TeamRole
  expiresAt: string
  /** The account that the invitee is here, when they are known. */
  inviteeAccountId: string | null
}

/**
 * A code with which one person becomes a member, for seven days. `invitee` is an e-mail address, a platform user or any
 * words; when it is a handle here, the code works for that person alone. Nobody invites to more than their own role.
 * A repeated request makes no second invitation; its code is a new one and the first stops working. An address that nobody has said
 * to be theirs is mailed the link, where mail is sent; that invitation keeps its code.
 */
export async function inviteMember(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue' | 'settings'>,
  actor: Actor,
  input: { teamId: string; role?: TeamRole; invitee?: string },
): Promise<NewInvitation> {
  const nowMs = core.clock.nowMs()
  const { teamId, role = 'member' } = input
  const invitee = readInvitee(input.invitee)
  const expiresAtMs = nowMs + INVITATION_LIFETIME_MS
  const address = core.settings.hasMail ? plainAddress(invitee ?? '') : undefined
  return core.db.write(async function inviteMemberOnce(tx) {
    const first = newCode(core.ids)
    const made = await once(
      tx,
      { actor, operation: 'team.invite', input: { teamId, role, invitee }, nowMs },
      async () => {
        const standing = await requireStanding(tx, actor, teamId, 'invite')
        if (!mayAssign(standing.role, undefined, role)) throw roleTooHigh(role)
        const known = invitee === null ? undefined : await findPerson(tx, invitee)
        if (
          known &&
          (await findMembership.first(tx, { teamId, accountId: known.accountId, period: periodOf(nowMs) }))
        ) {
          throw new AppError('conflict', `${known.handle} is a member of ${standing.teamName} already.`)
        }
        const id = core.ids.newId('inv')
        const to = known?.accountId ?? invitee
        const codeHash = hashSecret(first)
        await insertInvitation.run(tx, {
          id,
          teamId,
          codeHash,
          role,
          invitee: to,
          invitedBy: actor.accountId,
          nowMs,
          expiresAtMs,
        })
        const details = { subject: id, role, invitee: to }
        await appendEvents(tx, nowMs, [teamEvent(actor, teamId, 'invitation.created', details)])
        const { teamName } = standing
        if (known)
          await tellInvitee(core, tx, { id, teamId, teamName, role, accountId: known.accountId, by: actor.handle })
        else if (address !== undefined)
          await mailInvitation(core, tx, actor, { id, teamName, role, address, expiresAtMs, nowMs })
        const expiresAt = new Date(expiresAtMs).toISOString()
        return { id, teamId, teamName, role, expiresAt, inviteeAccountId: known?.accountId ?? null }
      },
    )
    const isMailed = address !== undefined && made.inviteeAccountId === null
    const code = isMailed ? codeOfLink(core.settings.authSecret, { kind: 'invitation', id: made.id }) : first
    // Stored answers hold no code, and whoever asks again did not get the first one. What was mailed stays as it is.
    const isOpen = (await replaceCode.run(tx, { id: made.id, codeHash: hashSecret(code) })) === 1
    if (!isOpen) throw new AppError('conflict', 'This invitation was made before and is not open any more.')
    return { ...made, code }
  })
}

function readInvitee(text: string | undefined): string | null {
  const invitee = text?.trim() ?? ''
  if (invitee.length <= INVITEE_MAX_LENGTH) return invitee === '' ? null : invitee
  throw new AppError('bad_input', `Whom it is for has at most ${INVITEE_MAX_LENGTH} characters.`)
}

/** Those that are open, newest first, for who may invite. */
export async function listInvitations(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { teamId }: { teamId: string },
): Promise<Invitation[]> {
  await requireStanding(core.db, actor, teamId, 'invite')
  return (await listOpenInvitations.all(core.db, { teamId, nowMs: core.clock.nowMs() })).map(invitationView)
}

/** What a code offers, for the page on which it is accepted: anybody who has the code may see it. */
export async function findInvitation(core: Pick<Core, 'db' | 'clock'>, code: string): Promise<OfferedInvitation> {
  const row = await requireInvitation(core.db, code)
  return {
    teamName: row.team_name,
    role: row.role,
    invitedBy: row.inviter_name,
    status: statusAt(row, core.clock.nowMs()),
    expiresAt: new Date(row.expires_at_ms).toISOString(),
  }
}

/** Takes an open invitation back: one's own, or anybody's for who manages members. */
export async function revokeInvitation(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  input: { teamId: string; invitationId: string },
): Promise<{ id: string }> {
  const nowMs = core.clock.nowMs()
  const { teamId, invitationId: id } = input
  return core.db.write(async function revokeInvitationOnce(tx) {
    return once(tx, { actor, operation: 'team.revoke_invitation', input, nowMs }, async () => {
      await lockTeam.first(tx, { id: teamId })
      const standing = await requireStanding(tx, actor, teamId, 'invite')
      const row = await findInvitationOf.first(tx, { id, teamId })
      if (!row) throw notFound('such invitation')
      const isOwn = row.invited_by === actor.accountId
      if (!isOwn && !may(standing, 'manage_members')) throw mayNot(standing, 'manage_members')
      const decided = await decideInvitation.run(tx, { id, status: 'revoked', decidedBy: actor.accountId, nowMs })
      if (decided === 0) throw new AppError('conflict', 'This invitation is not open any more.')
      await appendEvents(tx, nowMs, [teamEvent(actor, teamId, 'invitation.revoked', { subject: id })])
      return { id }
    })
  })
}
