import type { Reader } from '#db/db.ts'
import { findInvitationByCode, findInvitationFor, type listOpenInvitations } from '#db/invitations.ts'
import type { TeamRole } from '#db/schema.ts'
import { AppError } from '../errors.ts'
import { hashSecret } from '../ids.ts'

export const INVITATION_LIFETIME_MS = 7 * 24 * 60 * 60 * 1000

/** As the team sees it. The code itself was shown once, to who made it. */
export type Invitation = {
  id: string
  role: TeamRole
  /** Whom it was meant for: `@handle` when that is a person here (then it works for them alone), else the inviter's words. */
  invitee: string | null
  /** Handle of who made it. */
  invitedBy: string
  createdAt: string
  expiresAt: string
}

/** As whoever holds the code sees it, before they are anybody here. */
export type OfferedInvitation = {
  teamName: string
  role: TeamRole
  invitedBy: string
  status: 'open' | 'accepted' | 'declined' | 'revoked' | 'expired'
  expiresAt: string
}

type OpenRow = Awaited<ReturnType<typeof listOpenInvitations.all>>[number]
export type InvitationRow = NonNullable<Awaited<ReturnType<typeof findInvitationByCode.first>>>

export const invitationView = (row: OpenRow): Invitation => ({
  id: row.id,
  role: row.role,
  invitee: row.invitee_handle === null ? row.invitee : `@${row.invitee_handle}`,
  invitedBy: row.inviter_handle,
  createdAt: new Date(row.created_at_ms).toISOString(),
  expiresAt: new Date(row.expires_at_ms).toISOString(),
})

export function statusAt(row: InvitationRow, nowMs: number): OfferedInvitation['status'] {
  if (row.status !== 'open') return row.status
  if (row.team_deleted_at_ms !== null) return 'revoked'
  return row.expires_at_ms <= nowMs ? 'expired' : 'open'
}

/** The invitation a code belongs to, in whatever state, or `not_found`. */
export async function requireInvitation(on: Reader, code: string): Promise<InvitationRow> {
  const row = await findInvitationByCode.first(on, { codeHash: hashSecret(code.trim()) })
  if (row) return row
  throw unknownCode()
}

/** The same for a person who accepts or declines: what is for them alone has its own name, and needs no code. */
export async function requireInvitationFor(on: Reader, accountId: string, code: string): Promise<InvitationRow> {
  const id = code.trim()
  const row = id.startsWith('inv_') ? await findInvitationFor.first(on, { id, accountId }) : undefined
  return row ?? requireInvitation(on, code)
}

const unknownCode = (): AppError =>
  new AppError('not_found', 'This invitation code is not known here. Check it, or ask for a new one.')

/** Refuses what can no longer be decided, in a sentence that says why. */
export function requireOpen(row: InvitationRow, nowMs: number): void {
  const status = statusAt(row, nowMs)
  const again = `Ask ${row.inviter_name} for a new one.`
  if (status === 'accepted') throw new AppError('conflict', `This invitation was used already. ${again}`)
  if (status === 'declined') throw new AppError('conflict', `This invitation was declined. ${again}`)
  if (status === 'revoked') throw new AppError('conflict', 'This invitation was taken back.')
  if (status === 'expired') throw new AppError('expired', `This invitation has expired. ${again}`)
}

/** An invitation of a person who is known here is for that person alone. */
export function requireInvitee(row: InvitationRow, accountId: string): void {
  if (row.invitee?.startsWith('acc_') && row.invitee !== accountId) {
    throw new AppError('forbidden', 'This invitation is for somebody else.')
  }
}
