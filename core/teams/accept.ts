import assert from 'node:assert/strict'
import type { Tx } from '#db/db.ts'
import { decideInvitation } from '#db/invitations.ts'
import type { TeamRole } from '#db/schema.ts'
import { lockTeam } from '#db/teams.ts'
import { may, mayAssign } from '../access.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { type InvitationRow, requireInvitationFor, requireInvitee, requireOpen } from './invitation.ts'
import { joinTeam } from './join.ts'
import { teamEvent } from './record.ts'
import { standingIn } from './standing.ts'

export type Joined = { teamId: string; teamName: string; role: TeamRole }

/**
 * Makes the actor a member by a code, once. `not_found` for an unknown one, `conflict` when it was used, declined or
 * taken back or the actor is a member already, `expired`, `limit_reached` when the team is full.
 */
export async function acceptInvitation(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { code }: { code: string },
): Promise<Joined> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function acceptInvitationOnce(tx) {
    return once(tx, { actor, operation: 'team.accept', input: { code }, nowMs }, () =>
      acceptInvitationAs(tx, { accountId: actor.accountId, code, nowMs }),
    )
  })
}

/** The step of it, for who also makes the account that joins. */
export async function acceptInvitationAs(
  tx: Tx,
  { accountId, code, nowMs }: { accountId: string; code: string; nowMs: number },
): Promise<Joined> {
  const { id, role, team, teamId, teamName } = await openInvitation(tx, { accountId, code, nowMs })
  if (await standingIn(tx, accountId, teamId)) {
    throw new AppError('conflict', `You are a member of ${teamName} already.`, { facts: { teamId } })
  }
  await joinTeam(tx, team, { accountId, role, nowMs })
  await decide(tx, id, 'accepted', { accountId, nowMs })
  await appendEvents(tx, nowMs, [
    teamEvent({ accountId }, teamId, 'invitation.accepted', { subject: id }),
    teamEvent({ accountId }, teamId, 'member.joined', { subject: accountId, role, invitationId: id }),
  ])
  return { teamId, teamName, role }
}

/** Says no to an invitation; its code opens nothing any more. */
export async function declineInvitation(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Actor,
  { code }: { code: string },
): Promise<{ teamName: string }> {
  const nowMs = core.clock.nowMs()
  const { accountId } = actor
  return core.db.write(async function declineInvitationOnce(tx) {
    return once(tx, { actor, operation: 'team.decline', input: { code }, nowMs }, async () => {
      const { id, teamId, teamName } = await openInvitation(tx, { accountId, code, nowMs })
      await decide(tx, id, 'declined', { accountId, nowMs })
      await appendEvents(tx, nowMs, [teamEvent(actor, teamId, 'invitation.declined', { subject: id })])
      return { teamName }
    })
  })
}

/** The invitation of a code, with its team locked, or the refusal. */
async function openInvitation(tx: Tx, { accountId, code, nowMs }: { accountId: string; code: string; nowMs: number }) {
  const { team_id: teamId } = await requireInvitationFor(tx, accountId, code)
  const team = await lockTeam.first(tx, { id: teamId })
  // Once more: only now nobody else can decide it.
  const row = await requireInvitationFor(tx, accountId, code)
  requireInvitee(row, accountId)
  if (row.decided_by === accountId && (await standingIn(tx, accountId, teamId))) {
    throw new AppError('conflict', `You are a member of ${row.team_name} already.`, { facts: { teamId } })
  }
  requireOpen(row, nowMs)
  assert(team)
  await requireInviter(tx, row)
  return { id: row.id, role: row.role, team, teamId, teamName: row.team_name }
}

/** Rights count at the moment they are used: an invitation is worth what its maker may do by now. */
async function requireInviter(tx: Tx, row: InvitationRow): Promise<void> {
  const inviter = await standingIn(tx, row.invited_by, row.team_id)
  if (inviter && may(inviter, 'invite') && mayAssign(inviter.role, undefined, row.role)) return
  const message = `${row.inviter_name} may not invite to ${row.team_name} any more. Ask one of its admins for a new invitation.`
  throw new AppError('forbidden', message)
}

async function decide(
  tx: Tx,
  id: string,
  status: 'accepted' | 'declined',
  { accountId, nowMs }: { accountId: string; nowMs: number },
): Promise<void> {
  const decided = await decideInvitation.run(tx, { id, status, decidedBy: accountId, nowMs })
  assert(decided === 1, `The invitation ${id} was decided meanwhile`)
}
