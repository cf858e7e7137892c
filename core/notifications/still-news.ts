import { findBudgetRequest } from '#db/budgets.ts'
import type { Reader } from '#db/db.ts'
import { findInvitationById } from '#db/invitations.ts'
import { findStanding } from '#db/memberships.ts'
import { findNotified, type NotificationRow } from '#db/notifications.ts'
import { findReview } from '#db/reviews.ts'
import { mayOnPlatform } from '../access.ts'
import { contextOf } from '../context.ts'
import { type NotificationType, TYPES } from './types.ts'

/** Whether somebody may still hear of it: of a team only who is in it, and platform admins of requests for money. */
export async function mayStillHear(on: Reader, row: NotificationRow): Promise<boolean> {
  const type = row.type as NotificationType
  const context = contextOf(row.context)
  if (context.type === 'user' || TYPES[type].isForOutsiders) return true
  const { account_id: accountId } = row
  if (await findStanding.first(on, { accountId, teamId: context.id })) return true
  if (type !== 'budget_asked') return false
  const person = await findNotified.first(on, { accountId })
  return person !== undefined && mayOnPlatform(person.platform_role, 'grant')
}

/** Whether there is anything left to do about it: what others have answered meanwhile needs no answer any more. */
export async function isStillNews(on: Reader, { type, cause }: NotificationRow, nowMs: number): Promise<boolean> {
  switch (type as NotificationType) {
    case 'review_asked':
    case 'review_reminded':
      return (await findReview.first(on, { id: cause }))?.status === 'open'
    case 'budget_asked': {
      const request = await findBudgetRequest.first(on, { id: cause })
      return request?.status === 'open' && request.expires_at_ms > nowMs
    }
    case 'invitation': {
      const invitation = await findInvitationById.first(on, { id: cause })
      return invitation?.status === 'open' && invitation.expires_at_ms > nowMs
    }
    default:
      return true
  }
}
