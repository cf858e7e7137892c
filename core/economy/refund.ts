import type { Tx } from '#db/db.ts'
import { findRunContext, findTransfer, listChargesOfRun, sumRefunds } from '#db/ledger.ts'
import { holdTeam } from '#db/teams.ts'
import { mayOnPlatform } from '../access.ts'
import type { Actor } from '../actor.ts'
import { contextOf, walletOf } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError, notFound } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { formatUsd, showUsd } from '../money.ts'
import { readAmount, readReason } from './amounts.ts'
import { moneyCameIn } from './came-in.ts'
import type { Payment } from './fund.ts'
import { moveMoney } from './ledger.ts'
import { giveBack } from './limits.ts'
import { type NewPayment, payOnce } from './payment.ts'
import { balanceOf } from './wallet.ts'

/** One charge by its transfer, or everything a run was charged. Without an amount all that is left of it. */
export type RefundRequest = ({ transferId: string } | { runId: string }) & { amountUsd?: string; reason: string }

/**
 * Gives charged money back to the wallet it came from, and room back to the limits it was counted against; for platform
 * admins. Never more than was charged (`bad_input` with what is left), also when two do it at once.
 */
export async function refundCharge(
  core: Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>,
  actor: Actor,
  request: RefundRequest,
): Promise<Payment> {
  const nowMs = core.clock.nowMs()
  if (!mayOnPlatform(actor.platformRole, 'refund')) throw new AppError('forbidden', 'Only a platform admin refunds.')
  const wantedMicros = request.amountUsd === undefined ? undefined : readAmount('amountUsd', request.amountUsd)
  const reason = readReason('reason', request.reason)
  return core.db.write(async function refundOnce(tx) {
    const paid = { ids: core.ids, actor, operation: 'wallet.refund', input: request, nowMs }
    return payOnce(tx, paid, async (payment) => {
      const charges = await refundable(tx, request)
      const leftMicros = charges.reduce((sum, charge) => sum + charge.leftMicros, 0n)
      const amountMicros = wantedMicros ?? leftMicros
      if (amountMicros > leftMicros || leftMicros === 0n) throw tooMuch(leftMicros)
      const by = { accountId: actor.accountId, reason, nowMs }
      await refundEach(core, tx, { charges, amountMicros, payment }, by)
      const [charge] = charges
      if (!charge) throw notFound('such charge')
      const amountUsd = formatUsd(amountMicros)
      return { transferId: payment.id, amountUsd, ...(await balanceOf(tx, contextOf(charge.context))) }
    })
  })
}

interface Charge {
  id: string
  context: string
  spender: string
  /** The month in which it was counted. */
  period: string
  runId: string | null
  leftMicros: bigint
}

/** The charges meant, each locked: nobody else refunds them before this transaction ends. */
async function refundable(tx: Tx, request: RefundRequest): Promise<Charge[]> {
  const ids = 'transferId' in request ? [request.transferId] : await chargesOfRun(tx, request.runId)
  const charges: Charge[] = []
  for (const id of ids) {
    const row = await findTransfer.first(tx, { id })
    if (row?.kind !== 'charge' || row.state !== 'posted' || row.context === null) throw notFound('such charge')
    const context = contextOf(row.context)
    if (context.type === 'team' && !(await holdTeam.first(tx, { id: context.id }))) {
      throw new AppError('conflict', 'The team that paid this was deleted; its wallet takes nothing any more.')
    }
    const hold = row.pending_id === null ? undefined : await findTransfer.first(tx, { id: row.pending_id })
    const refunded = await sumRefunds.first(tx, { id })
    charges.push({
      id,
      context: row.context,
      spender: row.actor,
      period: hold?.period ?? row.period,
      runId: row.run_id,
      leftMicros: row.amount_micros - (refunded?.sum_micros ?? 0n),
    })
  }
  return charges
}

async function chargesOfRun(tx: Tx, runId: string): Promise<string[]> {
  const run = await findRunContext.first(tx, { runId })
  if (!run) throw notFound('such run')
  const rows = await listChargesOfRun.all(tx, { runId, wallet: walletOf(contextOf(run.context)) })
  if (rows.length === 0) throw new AppError('not_found', 'This run was charged nothing.')
  return rows.map(({ id }) => id)
}

async function refundEach(
  core: Pick<Core, 'clock' | 'ids' | 'queue'>,
  tx: Tx,
  { charges, amountMicros, payment }: { charges: Charge[]; amountMicros: bigint; payment: NewPayment },
  { accountId, reason, nowMs }: { accountId: string; reason: string; nowMs: number },
): Promise<void> {
  let restMicros = amountMicros
  let next: NewPayment = payment
  for (const { id, context, spender, period, runId, leftMicros } of charges) {
    const partMicros = restMicros < leftMicros ? restMicros : leftMicros
    if (partMicros === 0n) continue
    restMicros -= partMicros
    const to = contextOf(context)
    await giveBack(tx, { accountId: spender, context: to }, period, { amountMicros: partMicros })
    const moved = await moveMoney(tx, {
      ...next,
      from: 'platform:income',
      to,
      amountMicros: partMicros,
      kind: 'refund',
      actor: accountId,
      context,
      reason,
      reversesId: id,
      ...(runId === null ? {} : { runId }),
      nowMs,
    })
    await moneyCameIn(core, tx, to, moved)
    const details = { transferId: next.id, reverses: id, amountUsd: formatUsd(partMicros), reason }
    await appendEvents(tx, nowMs, [
      { type: 'charge.refunded', actor: accountId, context, subject: runId ?? id, details },
    ])
    next = { id: core.ids.newId('tr') }
  }
}

function tooMuch(leftMicros: bigint): AppError {
  const message =
    leftMicros === 0n ? 'This was refunded in full already.' : `At most ${showUsd(leftMicros)} is left to refund.`
  return new AppError(leftMicros === 0n ? 'conflict' : 'bad_input', message, {
    facts: { refundableUsd: formatUsd(leftMicros) },
  })
}
