import { findAccount } from '#db/accounts.ts'
import { findBudgetRequest, findOpenRequestOfRun } from '#db/budgets.ts'
import type { Reader } from '#db/db.ts'
import { findFundsWait } from '#db/funds-waits.ts'
import { limitWords, utcTime } from '../budgets/words.ts'
import type { Button } from '../chat/message.ts'
import { isFixed } from '../economy/fixed-limits.ts'
import { payerName } from '../teams/payer.ts'
import { cancelButton, retryButton } from './buttons.ts'
import type { CardRun } from './card-run.ts'
import { waitingForOf } from './funds-wait.ts'

/**
 * What the card of a run says that lacks money or room: what is missing, until when it is kept, who can help. Amounts of
 * a person's limits are not for a group to read; /balance has them.
 */
export async function whatIsMissing(
  on: Reader,
  { row, context, state }: CardRun,
): Promise<{ words: string; buttons: Button[] } | undefined> {
  if (state.status === 'payment_failed') {
    return {
      words: await askedWords(on, row.id),
      buttons: [retryButton(row.id), ...(await askButton(on, row.id, 'available'))],
    }
  }
  const wait = row.status === 'waiting' ? await findFundsWait.first(on, { runId: row.id }) : undefined
  if (wait?.state !== 'waiting') return undefined
  const account = await findAccount.first(on, { id: row.account_id })
  const payer = await payerName(on, context)
  const limit = limitWords(wait.limit_name, { handle: account?.handle ?? '', payer })
  const what =
    wait.limit_name === 'available'
      ? waitingForOf(wait).message
      : `There is no room for this: ${limit} has not enough left.`
  const help = (await askedWords(on, row.id)) || helpWords(wait.limit_name, context.type)
  return {
    words: `${what} It is kept until ${utcTime(wait.expires_at_ms)} and begins by itself. ${help}`.trim(),
    buttons: [...(await askButton(on, row.id, wait.limit_name)), cancelButton(row.id)],
  }
}

function helpWords(limit: string, payer: 'user' | 'team'): string {
  if (limit === 'person_monthly_cap') return '/cap me <amount> changes it.'
  if (isFixed(limit)) return 'Other runs of it may leave some of what they hold.'
  if (payer === 'user') return 'A platform admin can help.'
  return limit === 'available'
    ? 'The admins of the team can help, or whoever says /fund <amount>.'
    : 'The admins of the team can help.'
}

/** Nobody asks others about a limit of their own, or about one that stays as it was made, or asks twice. */
async function askButton(on: Reader, runId: string, limit: string): Promise<Button[]> {
  if (limit === 'person_monthly_cap' || isFixed(limit)) return []
  if (await findOpenRequestOfRun.first(on, { runId })) return []
  return [{ label: 'Ask for more', command: `/askmore --run ${runId}`, style: 'primary' }]
}

async function askedWords(on: Reader, runId: string): Promise<string> {
  const open = await findOpenRequestOfRun.first(on, { runId })
  const request = open && (await findBudgetRequest.first(on, { id: open.id }))
  return request ? `@${request.handle} has asked for more.` : ''
}
