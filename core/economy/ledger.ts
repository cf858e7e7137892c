import assert from 'node:assert/strict'
import type { Tx } from '#db/db.ts'
import {
  creditMoney,
  debitMoney,
  debitOwnMoney,
  findWallet,
  insertEntry,
  insertTransfer,
  insertWallet,
  type NewTransfer,
} from '#db/ledger.ts'
import type { TransferKind } from '#db/schema.ts'
import { type Context, walletOf } from '../context.ts'
import { AppError } from '../errors.ts'
import { MICROS_PER_USD, showUsd } from '../money.ts'
import { periodOf } from './period.ts'
import { refusalOf, walletShortage } from './shortage.ts'

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
  /** Takes only what the paying wallet owns, nothing of its credit line. */
  withoutCredit?: boolean
  nowMs: number
}

/** Nine trillion dollars; room for one more payment below the end of 64 bits. */
const WALLET_MOST_MICROS = 9_000_000_000_000n * MICROS_PER_USD

export async function openWallet(tx: Tx, context: Context, nowMs: number): Promise<void> {
  await insertWallet.run(tx, { id: walletOf(context), nowMs })
}

/** How the wallets stand after a movement. */
export interface Moved {
  /** What the paying wallet has available now; null for the platform's accounts. */
  leftMicros: bigint | null
  /** The same of the wallet that was paid to, and the runs that wait for money in it. */
  toMicros: bigint | null
  waiters: number
}

/**
 * Moves money and writes both sides: the transfer, and an entry with the balance after it for each wallet.
 * Refused (`insufficient_funds`) when the paying wallet has less than that available; platform accounts may go below zero.
 */
export async function moveMoney(tx: Tx, movement: Movement): Promise<Moved> {
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
  const moved: Moved = { leftMicros: null, toMicros: null, waiters: 0 }
  const take = async (): Promise<void> => {
    moved.leftMicros = await takeFrom(tx, movement)
  }
  const give = async (): Promise<void> => {
    Object.assign(moved, await giveTo(tx, movement))
  }
  // Wallets are taken in the order of their ids, so that money going both ways at once does not deadlock.
  for (const side of ledgerId(from) < ledgerId(to) ? [take, give] : [give, take]) await side()
  return moved
}

async function takeFrom(tx: Tx, { from, amountMicros, id, withoutCredit }: Movement): Promise<bigint | null> {
  if (typeof from === 'string') return null
  const wallet = walletOf(from)
  const debit = withoutCredit ? debitOwnMoney : debitMoney
  const after = await debit.first(tx, { id: wallet, amountMicros })
  if (!after) {
    throw refusalOf(await walletShortage(tx, wallet, amountMicros, { withoutCredit: withoutCredit ?? false }))
  }
  await writeEntry(tx, wallet, id, -amountMicros, after)
  return after.available_micros
}

async function giveTo(tx: Tx, { to, amountMicros, id }: Movement): Promise<Partial<Moved>> {
  if (typeof to === 'string') return {}
  const wallet = walletOf(to)
  const after = await creditMoney.first(tx, { id: wallet, amountMicros, mostMicros: WALLET_MOST_MICROS })
  if (after) {
    await writeEntry(tx, wallet, id, amountMicros, after)
    return { toMicros: after.available_micros, waiters: after.waiters }
  }
  assert(await findWallet.first(tx, { id: wallet }), `No wallet ${wallet}`)
  throw new AppError('bad_input', `A wallet cannot hold more than ${showUsd(WALLET_MOST_MICROS)}.`)
}

export const writeEntry = (
  tx: Tx,
  accountId: string,
  transferId: string,
  amountMicros: bigint,
  after: { posted_micros: bigint; entry_seq: number },
): Promise<unknown> =>
  insertEntry.run(tx, {
    accountId,
    seq: after.entry_seq,
    transferId,
    amountMicros,
    balanceAfterMicros: after.posted_micros,
  })

const ledgerId = (side: Context | PlatformAccount): string => (typeof side === 'string' ? side : walletOf(side))

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
