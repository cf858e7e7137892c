import type { Reader, Tx } from '#db/db.ts'
import { findPrice, insertPrice } from '#db/ledger.ts'
import type { PriceUnit, Tool } from '../tools/tool.ts'

export interface Price {
  unit: PriceUnit
  rateMicros: bigint
  maxMicros: bigint
}

/** The price in force; undefined when nobody has set one, and then the tool must not run. */
export async function priceOf(on: Reader, toolId: string, nowMs: number): Promise<Price | undefined> {
  const row = await findPrice.first(on, { toolId, nowMs })
  return row && { unit: row.unit as PriceUnit, rateMicros: row.rate_micros, maxMicros: row.max_micros }
}

/**
 * Puts in what the tools were shipped with, valid from the beginning of time; rows that are there stay. What others work on
 * costs what they ask, each their own: a row here would be a wrong price.
 */
export async function seedPrices(tx: Tx, tools: readonly Tool[]): Promise<void> {
  for (const { toolId, price, delivery } of tools) {
    if (delivery === 'callback') continue
    await insertPrice.run(tx, { toolId, effectiveAtMs: 0, ...price })
  }
}
