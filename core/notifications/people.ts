import { listAdmins } from '#db/accounts.ts'
import type { Reader } from '#db/db.ts'
import { listMembershipsOf } from '#db/memberships.ts'
import { may, type TeamAction } from '../access.ts'
import { periodOf } from '../economy/period.ts'

export interface Addressee {
  accountId: string
  handle: string
}

/** Those in a team who may do something there now. */
export async function whoMay(on: Reader, teamId: string, action: TeamAction, nowMs: number): Promise<Addressee[]> {
  const members = await listMembershipsOf.all(on, { teamId, period: periodOf(nowMs) })
  return members
    .filter(({ role, can_invite }) => may({ role, canInvite: can_invite === 1 }, action))
    .map(({ account_id, handle }) => ({ accountId: account_id, handle }))
}

export async function platformAdmins(on: Reader): Promise<Addressee[]> {
  return (await listAdmins.all(on, {})).map(({ id, handle }) => ({ accountId: id, handle }))
}
