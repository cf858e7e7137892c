import type { Reader } from '#db/db.ts'
import { findWallet } from '#db/ledger.ts'
import type { Actor } from '../actor.ts'
import { type Context, contextKey, walletOf } from '../context.ts'
import type { Core } from '../core.ts'
import { formatUsd } from '../money.ts'
import { requireContext } from '../teams/standing.ts'
import { type LimitState, limitStates } from './limit-states.ts'

/** What is in a wallet, in dollars as text. Available is the balance less what is held, plus the credit line. */
export type Balance = {
  balanceUsd: string
  heldUsd: string
  availableUsd: string
  creditLimitUsd: string
  debtUsd: string
  /** Null where none was approved. */
  creditLine: { limitUsd: string; enabled: boolean; approvedBy: string } | null
}

/**
 * A limit of money, or of runs: then with `limitRuns`, `usedRuns`, `remainingRuns`. What was granted on top of it for a
 * time is in it, and named.
 */
export type WalletLimit = { name: string; title: string; resetsAt: string } & (
  | { limitUsd: string; usedUsd: string; remainingUsd: string; raised?: { byUsd: string; until: string } }
  | { limitRuns: number; usedRuns: number; remainingRuns: number; raised?: { byRuns: number; until: string } }
)

export type Wallet = { context: { type: 'user' | 'team'; id: string }; limits: WalletLimit[] } & Balance

/** A context's wallet and the limits that the actor meets in it. Everybody in a team may see the team's. */
export async function walletView(
  core: Pick<Core, 'db' | 'clock'>,
  actor: Pick<Actor, 'accountId'>,
  context: Context,
): Promise<Wallet> {
  await requireContext(core.db, actor, context, 'read')
  const limits = await limitStates(core.db, { accountId: actor.accountId, context }, core.clock.nowMs())
  return { context, ...(await balanceOf(core.db, context)), limits: limits.map(limitView) }
}

export async function balanceOf(on: Reader, context: Context): Promise<Balance> {
  const wallet = await findWallet.first(on, { id: walletOf(context) })
  if (!wallet) throw new Error(`No wallet of ${contextKey(context)}`)
  const { posted_micros: posted, pending_micros: held, credit_limit_micros: credit, credit_approved_by } = wallet
  return {
    balanceUsd: formatUsd(posted),
    heldUsd: formatUsd(held),
    availableUsd: formatUsd(posted - held + credit),
    creditLimitUsd: formatUsd(credit),
    debtUsd: formatUsd(posted < 0n ? -posted : 0n),
    creditLine:
      credit_approved_by === null
        ? null
        : { limitUsd: formatUsd(credit), enabled: credit > 0n, approvedBy: credit_approved_by },
  }
}

function limitView({
  name,
  title,
  limitMicros,
  usedMicros,
  maxRuns,
  usedRuns,
  resetsAtMs,
  raised,
}: LimitState): WalletLimit {
  const until = raised && new Date(raised.untilMs).toISOString()
  const common = { name, title, resetsAt: new Date(resetsAtMs).toISOString() }
  if (limitMicros === null) {
    const limitRuns = maxRuns ?? 0
    return {
      ...common,
      limitRuns,
      usedRuns,
      remainingRuns: Math.max(limitRuns - usedRuns, 0),
      ...(raised && until ? { raised: { byRuns: raised.runs, until } } : {}),
    }
  }
  const restMicros = limitMicros > usedMicros ? limitMicros - usedMicros : 0n
  return {
    ...common,
    limitUsd: formatUsd(limitMicros),
    usedUsd: formatUsd(usedMicros),
    remainingUsd: formatUsd(restMicros),
    ...(raised && until ? { raised: { byUsd: formatUsd(raised.micros), until } } : {}),
  }
}
