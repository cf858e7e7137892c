import { mayOnPlatform } from '../access.ts'
import type { Actor } from '../actor.ts'
import { contextKey, personal, teamContext } from '../context.ts'
import type { Core } from '../core.ts'
import { notFound } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { formatUsd } from '../money.ts'
import { requirePerson } from '../teams/member.ts'
import { requireContext } from '../teams/standing.ts'
import { readAmount, readReason } from './amounts.ts'
import type { Payment } from './fund.ts'
import { moveMoney } from './ledger.ts'
import { countAgainstLimits } from './limits.ts'
import { payOnce } from './payment.ts'
import { balanceOf } from './wallet.ts'
import { warnOf } from './warnings.ts'

/** Charges a person's own wallet, or with `teamId` the team's as that person's spending there. */
export type DebitRequest = { accountId: string; amountUsd: string; description: string; teamId?: string }

/**
 * Charges something that was no run: oneself, or anybody for platform admins (`not_found` for others). Counted against
 * all limits like a run, and refused like one. The person who spends must be allowed to spend in the team.
 */
export async function debit(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>,
  actor: Actor,
  request: DebitRequest,
): Promise<Payment> {
  const nowMs = core.clock.nowMs()
  const { accountId, teamId } = request
  const isAllowed = accountId === actor.accountId || mayOnPlatform(actor.platformRole, 'refund')
  if (!isAllowed) throw notFound('such person')
  const amountMicros = readAmount('amountUsd', request.amountUsd)
  const reason = readReason('description', request.description)
  const context = teamId === undefined ? personal(accountId) : teamContext(teamId)
  return core.db.write(async function debitOnce(tx) {
    const paid = { ids: core.ids, actor, operation: 'wallet.debit', input: request, nowMs }
    return payOnce(tx, paid, async (payment) => {
      await requirePerson(tx, accountId)
      await requireContext(tx, { accountId }, context, 'run')
      const spender = { accountId, context }
      const crossed = await countAgainstLimits(tx, spender, { amountMicros, runs: 0, nowMs })
      const moved = await moveMoney(tx, {
        ...payment,
        from: context,
        to: 'platform:income',
        amountMicros,
        kind: 'charge',
        // Whose spending it is, as for runs; who asked for it stands in the event.
        actor: accountId,
        context: contextKey(context),
        reason,
        nowMs,
      })
      await warnOf(core, tx, spender, { amountMicros, crossed, availableMicros: moved.leftMicros, nowMs })
      const amountUsd = formatUsd(amountMicros)
      const key = contextKey(context)
      const details = { transferId: payment.id, amountUsd, accountId, description: reason }
      await appendEvents(tx, nowMs, [
        { type: 'wallet.debited', actor: actor.accountId, context: key, subject: key, details },
      ])
      return { transferId: payment.id, amountUsd, ...(await balanceOf(tx, context)) }
    })
  })
}
