import assert from 'node:assert/strict'
import type { Tx } from '#db/db.ts'
import { findTransfer, findWallet, insertTransfer, reserveMoney, settleMoney } from '#db/ledger.ts'
import { type Context, contextKey, walletOf } from '../context.ts'
import { AppError } from '../errors.ts'
import { showUsd } from '../money.ts'
import { blankTransfer, moveMoney, writeEntry } from './ledger.ts'
import { countAgainstLimits, giveBack } from './limits.ts'

/** What a run's money needs to know of the run. */
export interface PaidRun {
  id: string
  context: Context
  accountId: string
  /** Holds placed so far: one at the start, one more for each top-up. */
  holds: number
}

const holdId = (runId: string, number: number): string => `hold_${runId}_${number}`
const chargeId = (runId: string, number: number): string => `charge_${runId}_${number}`

/**
 * Sets a run's money aside, counted against every limit, or refuses with the limit's name (`limit_reached`,
 * `insufficient_funds`). Must stand in the transaction that creates the run or lets its step start.
 * The same hold twice fails: its id is made from the run.
 */
export async function placeHold(
  tx: Tx,
  run: PaidRun,
  { amountMicros, nowMs }: { amountMicros: bigint; nowMs: number },
): Promise<void> {
  const isFirst = run.holds === 0
  await countAgainstLimits(tx, run, { amountMicros, runs: isFirst ? 1 : 0, nowMs })
  if (amountMicros === 0n) return
  const wallet = walletOf(run.context)
  if ((await reserveMoney.run(tx, { id: wallet, amountMicros })) === 0) throw await notEnough(tx, wallet, amountMicros)
  await insertTransfer.run(tx, {
    ...blankTransfer(holdId(run.id, run.holds + 1), nowMs),
    debit: wallet,
    credit: 'platform:income',
    amountMicros,
    state: 'pending',
    kind: 'charge',
    runId: run.id,
    actor: run.accountId,
    context: contextKey(run.context),
  })
}

/**
 * Ends all holds of a run at once: the cost is charged, the rest is free again. A cost above what was held is charged
 * beside it when the wallet and the limits allow; returns what could not be charged, zero as a rule.
 * A second time fails: a hold is resolved at most once.
 */
export async function settleHolds(
  tx: Tx,
  run: PaidRun,
  { costMicros, nowMs }: { costMicros: bigint; nowMs: number },
): Promise<bigint> {
  let restMicros = costMicros
  for (let number = 1; number <= run.holds; number++) {
    const hold = await findTransfer.first(tx, { id: holdId(run.id, number) })
    assert(hold, `No hold ${number} of ${run.id}`)
    const chargedMicros = restMicros < hold.amount_micros ? restMicros : hold.amount_micros
    await resolveHold(tx, run, number, { heldMicros: hold.amount_micros, chargedMicros, nowMs })
    await giveBack(tx, run, hold.period, hold.amount_micros - chargedMicros)
    restMicros -= chargedMicros
  }
  return restMicros
}

async function resolveHold(
  tx: Tx,
  run: PaidRun,
  number: number,
  { heldMicros, chargedMicros, nowMs }: { heldMicros: bigint; chargedMicros: bigint; nowMs: number },
): Promise<void> {
  const wallet = walletOf(run.context)
  const isCharged = chargedMicros > 0n
  const id = chargeId(run.id, number)
  await insertTransfer.run(tx, {
    ...blankTransfer(id, nowMs),
    debit: wallet,
    credit: 'platform:income',
    amountMicros: isCharged ? chargedMicros : heldMicros,
    state: isCharged ? 'posted' : 'released',
    kind: 'charge',
    pendingId: holdId(run.id, number),
    runId: run.id,
    actor: run.accountId,
    context: contextKey(run.context),
  })
  const after = await settleMoney.first(tx, { id: wallet, heldMicros, chargedMicros, entries: isCharged ? 1 : 0 })
  assert(after, `No wallet ${wallet}`)
  if (isCharged) await writeEntry(tx, wallet, id, -chargedMicros, after)
}

/** Charges what a settled run still owes; refused like a hold. */
export async function chargeOwed(
  tx: Tx,
  run: PaidRun,
  { amountMicros, nowMs, id }: { amountMicros: bigint; nowMs: number; id: string },
): Promise<void> {
  await countAgainstLimits(tx, run, { amountMicros, runs: 0, nowMs })
  await moveMoney(tx, {
    id,
    from: run.context,
    to: 'platform:income',
    amountMicros,
    kind: 'charge',
    actor: run.accountId,
    context: contextKey(run.context),
    runId: run.id,
    nowMs,
  })
}

async function notEnough(tx: Tx, wallet: string, amountMicros: bigint): Promise<AppError> {
  const found = await findWallet.first(tx, { id: wallet })
  assert(found, `No wallet ${wallet}`)
  const availableMicros = found.posted_micros - found.pending_micros + found.credit_limit_micros
  const message = `Not enough money: this needs up to ${showUsd(amountMicros)}, and ${showUsd(availableMicros)} is available.`
  return new AppError('insufficient_funds', message, {
    facts: { limit: 'available', neededUsd: showUsd(amountMicros), availableUsd: showUsd(availableMicros) },
  })
}
