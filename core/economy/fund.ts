import { mayOnPlatform } from '../access.ts'
import type { Actor } from '../actor.ts'
import { type Context, contextKey, personal } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { formatUsd } from '../money.ts'
import { requireContext } from '../teams/standing.ts'
import { readAmount, readReason } from './amounts.ts'
import { moneyCameIn } from './came-in.ts'
import { moveMoney } from './ledger.ts'
import { payOnce } from './payment.ts'
import { type Balance, balanceOf } from './wallet.ts'

/** What was paid, and the wallet of the context after it. */
export type Payment = { transferId: string; amountUsd: string } & Balance

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/** An amount of dollars as text, for the wallet of a context. */
export type FundRequest = { context: Context; amountUsd: string; reason?: string }

/**
 * Puts money into a wallet. From platform admins it comes from the platform; from everybody else out of their own
 * wallet into a team's. One's own wallet others cannot fill (`forbidden`, saying who can). Pays debt first, by arithmetic.
 */
export const fund = (core: Needs, actor: Actor, request: FundRequest): Promise<Payment> =>
  putIn(core, actor, request, 'fund')

/** Funding a team under its own name: what is owed goes down. */
export async function repay(core: Needs, actor: Actor, request: FundRequest): Promise<Payment> {
  if (request.context.type === 'user') {
    throw new AppError('bad_input', 'A personal wallet owes nothing. Choose the team to repay for.')
  }
  return putIn(core, actor, request, 'repay')
}

async function putIn(core: Needs, actor: Actor, request: FundRequest, kind: 'fund' | 'repay'): Promise<Payment> {
  const nowMs = core.clock.nowMs()
  const { context, amountUsd } = request
  const amountMicros = readAmount('amountUsd', amountUsd)
  const reason = request.reason === undefined ? undefined : readReason('reason', request.reason)
  const isPlatform = mayOnPlatform(actor.platformRole, 'grant')
  return core.db.write(async function fundOnce(tx) {
    const paid = { ids: core.ids, actor, operation: `wallet.${kind}`, input: request, nowMs }
    return payOnce(tx, paid, async (payment) => {
      await requireContext(tx, actor, context, isPlatform ? 'read' : 'fund')
      if (!isPlatform && context.type === 'user') throw notOnesOwn(actor)
      const moved = await moveMoney(tx, {
        ...payment,
        from: isPlatform ? 'platform:funding' : personal(actor.accountId),
        to: context,
        amountMicros,
        kind,
        actor: actor.accountId,
        context: contextKey(context),
        ...(reason === undefined ? {} : { reason }),
        nowMs,
      })
      await moneyCameIn(core, tx, context, moved)
      const details = { transferId: payment.id, amountUsd: formatUsd(amountMicros), kind, fromPlatform: isPlatform }
      await appendEvents(tx, nowMs, [
        {
          type: 'wallet.funded',
          actor: actor.accountId,
          context: contextKey(context),
          subject: contextKey(context),
          details,
        },
      ])
      return { transferId: payment.id, amountUsd: formatUsd(amountMicros), ...(await balanceOf(tx, context)) }
    })
  })
}

const notOnesOwn = ({ handle }: Actor): AppError =>
  new AppError(
    'forbidden',
    `Only a platform admin puts money into a personal wallet. Ask one for /grant @${handle} <amount>.`,
  )
