import type { Reader } from '#db/db.ts'
import type { ContextKey } from '../context.ts'
import type { Price } from '../economy/prices.ts'
import { providersFor } from '../providers/find.ts'
import { JOB_TOOL, priceKey } from './price-key.ts'

/**
 * The prices of the providers of a context, by price key, and under the tool's own name the range of them: what a job costs
 * when only the run will know the provider. One without a price is left out, so that it cannot be used.
 */
export async function providerPrices(on: Reader, context: ContextKey): Promise<Map<string, Price>> {
  const prices = new Map<string, Price>()
  let range: Price | undefined
  for (const { name, rate_micros: rateMicros } of (await providersFor(on, context)).values()) {
    if (rateMicros === null) continue
    prices.set(priceKey(JOB_TOOL, name), { unit: 'run', rateMicros, maxMicros: rateMicros })
    range = {
      unit: 'run',
      rateMicros: range && range.rateMicros < rateMicros ? range.rateMicros : rateMicros,
      maxMicros: range && range.maxMicros > rateMicros ? range.maxMicros : rateMicros,
    }
  }
  if (range) prices.set(JOB_TOOL, range)
  return prices
}
