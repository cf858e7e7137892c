import type { Reader, Tx } from '#db/db.ts'
import { findPrice, insertPrice } from '#db/prices.ts'
import { isModelTool } from '../models/model-tools.ts'
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
 * costs what they ask, each their own, and what asks a model costs what that costs: a row here would be a wrong price.
 */
export async function seedPrices(tx: Tx, tools: readonly Tool[]): Promise<void> {
  for (const { toolId, price, delivery } of tools) {
    if (delivery === 'callback' || isModelTool(toolId)) continue
    await insertPrice.run(tx, { toolId, effectiveAtMs: 0, ...price })
  }
}
