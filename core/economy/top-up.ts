import type { Reader, Tx } from '#db/db.ts'
import { findWallet } from '#db/ledger.ts'
import { walletOf } from '../context.ts'
import { showUsd } from '../money.ts'
import { type PaidRun, placeHold } from './holds.ts'
import { limitStates } from './limits.ts'

/** Why there is no room for more, in a sentence; undefined when there is. */
async function noRoomFor(on: Reader, run: PaidRun, amountMicros: bigint, nowMs: number): Promise<string | undefined> {
  const wallet = await findWallet.first(on, { id: walletOf(run.context) })
  const available = wallet ? wallet.posted_micros - wallet.pending_micros + wallet.credit_limit_micros : 0n
  if (available < amountMicros) {
    return `It needs ${showUsd(amountMicros)} more, and ${showUsd(available)} is available.`
  }
  for (const { title, limitMicros, usedMicros } of await limitStates(on, run, nowMs)) {
    if (limitMicros === null || usedMicros + amountMicros <= limitMicros) continue
    return `It needs ${showUsd(amountMicros)} more. ${title} is ${showUsd(limitMicros)}, and ${showUsd(usedMicros)} is used.`
  }
  return undefined
}

/** Holds more for a run that goes on, or says why not and writes nothing. */
export async function tryTopUp(
  tx: Tx,
  run: PaidRun,
  { amountMicros, nowMs }: { amountMicros: bigint; nowMs: number },
): Promise<string | undefined> {
  const reason = await noRoomFor(tx, run, amountMicros, nowMs)
  if (reason === undefined) await placeHold(tx, run, { amountMicros, nowMs })
  return reason
}
