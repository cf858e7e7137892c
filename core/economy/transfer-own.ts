import type { Reader } from '#db/db.ts'
import { may } from '../access.ts'
import type { Actor } from '../actor.ts'
import { type Context, contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { formatUsd } from '../money.ts'
import { requireContext } from '../teams/standing.ts'
import { readAmount } from './amounts.ts'
import { moneyCameIn } from './came-in.ts'
import type { Payment } from './fund.ts'
import { moveMoney } from './ledger.ts'
import { payOnce } from './payment.ts'
import { balanceOf } from './wallet.ts'
import { warnOf } from './warnings.ts'

export type TransferRequest = { from: Context; to: Context; amountUsd: string }

/**
 * Moves money between wallets of one's own: the personal one, and those of teams. Into a team whoever may fund it, out of
 * one its owner, and then only money that is there: a credit line is for spending. Answers with the wallet it came from.
 */
export async function transferOwn(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>,
  actor: Actor,
  request: TransferRequest,
): Promise<Payment> {
  const nowMs = core.clock.nowMs()
  const { from, to } = request
  const amountMicros = readAmount('amountUsd', request.amountUsd)
  if (contextKey(from) === contextKey(to)) throw new AppError('bad_input', 'These are one and the same wallet.')
  return core.db.write(async function transferOwnOnce(tx) {
    const paid = { ids: core.ids, actor, operation: 'wallet.transfer', input: request, nowMs }
    return payOnce(tx, paid, async (payment) => {
      await requireMayEmpty(tx, actor, from)
      await requireContext(tx, actor, to, 'fund')
      const moved = await moveMoney(tx, {
        ...payment,
        from,
        to,
        amountMicros,
        kind: from.type === 'user' ? 'fund' : 'adjust',
        actor: actor.accountId,
        context: contextKey(from),
        withoutCredit: true,
        nowMs,
      })
      await moneyCameIn(core, tx, to, moved)
      const spender = { accountId: actor.accountId, context: from }
      await warnOf(core, tx, spender, { amountMicros, crossed: [], availableMicros: moved.leftMicros, nowMs })
      const amountUsd = formatUsd(amountMicros)
      const details = { transferId: payment.id, amountUsd, from: contextKey(from), to: contextKey(to) }
      await appendEvents(
        tx,
        nowMs,
        [from, to].map((side) => ({
          type: 'wallet.transferred',
          actor: actor.accountId,
          context: contextKey(side),
          subject: contextKey(side),
          details,
        })),
      )
      return { transferId: payment.id, amountUsd, ...(await balanceOf(tx, from)) }
    })
  })
}

/** What a team owns is its owner's to take out, as its debt is theirs to ask for. */
async function requireMayEmpty(on: Reader, actor: Actor, from: Context): Promise<void> {
  const standing = await requireContext(on, actor, from, 'read')
  if (!standing || may(standing, 'credit_line')) return
  throw new AppError('forbidden', `Only the owner of ${standing.teamName} may take money out of its wallet.`)
}
