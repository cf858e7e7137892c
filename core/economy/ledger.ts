import assert from 'node:assert/strict'
import type { Tx } from '#db/db.ts'
import { creditMoney, debitMoney, insertEntry, insertTransfer, insertWallet, type NewTransfer } from '#db/ledger.ts'
import type { TransferKind } from '#db/schema.ts'
import { type Context, walletOf } from '../context.ts'
import { AppError } from '../errors.ts'
import { showUsd } from '../money.ts'
import { periodOf } from './period.ts'

export type PlatformAccount = 'platform:funding' | 'platform:income' | 'platform:grants'

/** A movement of money that happens at once. Wallets are named by their context, the platform's accounts by their name. */
export interface Movement {
  id: string
  from: Context | PlatformAccount
  to: Context | PlatformAccount
  amountMicros: bigint
  kind: TransferKind
  actor: string
  context: string | null
  reason?: string
  runId?: string
  idempotencyKey?: string
  reversesId?: string
  nowMs: number
}

export async function openWallet(tx: Tx, context: Context, nowMs: number): Promise<void> {
  await insertWallet.run(tx, { id: walletOf(context), nowMs })
}

/**
 * Moves money and writes both sides: the transfer, and an entry with the balance after it for each wallet.
 * Refused (`insufficient_funds`) when the paying wallet has less than that available; platform accounts may go below zero.
 */
export async function moveMoney(tx: Tx, movement: Movement): Promise<void> {
  const { from, to, amountMicros, nowMs } = movement
  if (amountMicros <= 0n) throw new AppError('bad_input', 'The amount must be more than zero.')
  await insertTransfer.run(tx, {
    ...blankTransfer(movement.id, nowMs),
    debit: ledgerId(from),
    credit: ledgerId(to),
    amountMicros,
    state: 'posted',
    kind: movement.kind,
    actor: movement.actor,
    context: movement.context,
    reason: movement.reason ?? null,
    runId: movement.runId ?? null,
    idempotencyKey: movement.idempotencyKey ?? null,
    reversesId: movement.reversesId ?? null,
  })
  if (typeof from !== 'string') await takeFrom(tx, from, amountMicros, movement.id)
  if (typeof to !== 'string') await giveTo(tx, to, amountMicros, movement.id)
}

async function takeFrom(tx: Tx, context: Context, amountMicros: bigint, transferId: string): Promise<void> {
  const id = walletOf(context)
  const after = await debitMoney.first(tx, { id, amountMicros })
  if (!after) throw new AppError('insufficient_funds', `There is less than ${showUsd(amountMicros)} available.`)
  await writeEntry(tx, id, transferId, -amountMicros, after)
}

async function giveTo(tx: Tx, context: Context, amountMicros: bigint, transferId: string): Promise<void> {
  const id = walletOf(context)
  const after = await creditMoney.first(tx, { id, amountMicros })
  assert(after, `No wallet ${id}`)
  await writeEntry(tx, id, transferId, amountMicros, after)
}

export const writeEntry = (
  tx: Tx,
  accountId: string,
  transferId: string,
  amountMicros: bigint,
  after: { posted_micros: bigint; entry_seq: number },
): Promise<number> =>
  insertEntry.run(tx, {
    accountId,
    seq: after.entry_seq,
    transferId,
    amountMicros,
    balanceAfterMicros: after.posted_micros,
  })

export const ledgerId = (side: Context | PlatformAccount): string => (typeof side === 'string' ? side : walletOf(side))

/** What most transfers leave empty. */
export const blankTransfer = (
  id: string,
  nowMs: number,
): Pick<
  NewTransfer,
  'id' | 'pendingId' | 'runId' | 'stepId' | 'idempotencyKey' | 'reason' | 'reversesId' | 'period' | 'nowMs'
> => ({
  id,
  pendingId: null,
  runId: null,
  stepId: null,
  idempotencyKey: null,
  reason: null,
  reversesId: null,
  period: periodOf(nowMs),
  nowMs,
})
