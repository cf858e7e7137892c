import type { Reader } from '#db/db.ts'
import { findMembership } from '#db/memberships.ts'
import type { TeamRole } from '#db/schema.ts'
import { accountByHandle, accountById } from '../accounts/account.ts'
import { cut } from '../cut.ts'
import { periodOf } from '../economy/period.ts'
import { AppError, notFound } from '../errors.ts'
import { formatUsd, usdOrNull } from '../money.ts'

export type Member = {
  accountId: string
  handle: string
  displayName: string
  role: TeamRole
  /** Of this person in this team per UTC month; null is no cap. */
  spendingCapUsd: string | null
  canInvite: boolean
  /** This month, what is held included. */
  spentUsd: string
  joinedAt: string
}

type MemberRow = NonNullable<Awaited<ReturnType<typeof findMembership.first>>>

export const memberView = (row: MemberRow): Member => ({
  accountId: row.account_id,
  handle: row.handle,
  displayName: row.display_name,
  role: row.role,
  spendingCapUsd: usdOrNull(row.spending_cap_micros),
  canInvite: row.can_invite === 1,
  spentUsd: formatUsd(row.spent_micros ?? 0n),
  joinedAt: new Date(row.created_at_ms).toISOString(),
})

/** A member's row, or `not_found`. */
export async function requireMember(on: Reader, teamId: string, accountId: string, nowMs: number): Promise<MemberRow> {
  const row = await findMembership.first(on, { teamId, accountId, period: periodOf(nowMs) })
  if (!row) throw notFound('such member')
  return row
}

/** A person as people name them: `@anna`, `anna` or an account's id. `not_found` for unknown and closed accounts. */
export async function requirePerson(
  on: Reader,
  named: string,
): Promise<{ accountId: string; handle: string; displayName: string }> {
  const account = await findPerson(on, named)
  if (account) return account
  throw new AppError('not_found', `There is no person ${cut(named.trim(), 80)} here.`)
}

export async function findPerson(
  on: Reader,
  named: string,
): Promise<{ accountId: string; handle: string; displayName: string } | undefined> {
  const text = named.trim()
  const account = text.startsWith('acc_') ? await accountById(on, text) : await accountByHandle(on, text)
  if (!account || account.isDisabled) return undefined
  return { accountId: account.id, handle: account.handle, displayName: account.displayName }
}
