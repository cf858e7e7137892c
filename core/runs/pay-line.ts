import type { Reader } from '#db/db.ts'
import { findAvailable } from '#db/ledger.ts'
import { type Context, walletOf } from '../context.ts'
import { showUsd } from '../money.ts'

/** What may be spent of a context's wallet, credit included. */
export async function availableMicros(on: Reader, context: Context): Promise<bigint> {
  return (await findAvailable.first(on, { id: walletOf(context) }))?.available_micros ?? 0n
}

interface Payer {
  context: Context
  /** As `payerName` has it. */
  payer: string
}

interface Cost {
  estimateMicros: bigint
  maxMicros: bigint
}

/** `Team Acme · ≈ $0.18 (max $0.30) · $41.20 left`: who pays, before anything is paid. */
export const payLine = (on: Reader, payer: Payer, cost: Cost): Promise<string> => moneyLine(on, payer, quoteWords(cost))

export const quoteWords = ({ estimateMicros, maxMicros }: Cost): string =>
  `≈ ${showUsd(estimateMicros)} (max ${showUsd(maxMicros)})`

/** Who pays, what for, and what is left. */
export async function moneyLine(on: Reader, { context, payer }: Payer, spent: string): Promise<string> {
  return `${payer} · ${spent} · ${showUsd(await availableMicros(on, context))} left`
}
