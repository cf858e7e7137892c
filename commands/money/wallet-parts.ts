import type { Part } from '#core/chat/message.ts'
import type { Balance, Wallet, WalletLimit } from '#core/economy/wallet.ts'
import { dollars, fields, isZero, muted } from '../replies.ts'

/** What is in a wallet; what is zero and has nothing to say is left out. */
export const balanceFields = ({ balanceUsd, heldUsd, availableUsd, creditLimitUsd, debtUsd }: Balance): Part =>
  fields({
    Balance: dollars(balanceUsd),
    Held: shownUnlessZero(heldUsd),
    'Credit line': shownUnlessZero(creditLimitUsd),
    Owed: shownUnlessZero(debtUsd),
    Available: dollars(availableUsd),
  })

const shownUnlessZero = (usd: string): string | undefined => (isZero(usd) ? undefined : dollars(usd))

/** The limits that apply, each with what is used and when it starts anew. */
export function limitLines({ limits }: Pick<Wallet, 'limits'>): Part[] {
  const [first] = limits
  if (!first) return []
  return [
    { type: 'list', items: limits.map(limitLine) },
    muted(`Limits are for the month and start anew on ${first.resetsAt.slice(0, 10)} (UTC).`),
  ]
}

function limitLine(limit: WalletLimit): string {
  const until = limit.raised && ` until ${limit.raised.until.slice(0, 16).replace('T', ' ')} UTC`
  if ('limitUsd' in limit) {
    const raised = limit.raised ? `, of it ${dollars(limit.raised.byUsd)}${until}` : ''
    return `${limit.title}: ${dollars(limit.usedUsd)} of ${dollars(limit.limitUsd)} used${raised}`
  }
  const raised = limit.raised ? `, of them ${limit.raised.byRuns}${until}` : ''
  return `${limit.title}: ${limit.usedRuns} of ${limit.limitRuns} runs used${raised}`
}
