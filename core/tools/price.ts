import type { PriceUnit, ToolInfo } from './tool.ts'

export type Price = ToolInfo['price']

/**
 * How many units one `rateMicros` buys. Tokens are sold by the million, as every provider prints its list: a rate per
 * single token would be less than one micro-dollar for most models.
 */
export const UNITS_PER_RATE: Record<PriceUnit, bigint> = {
  run: 1n,
  second: 1n,
  token: 1_000_000n,
  request: 1n,
  kilobyte: 1n,
}

/** What so many whole units cost, in micro-dollars, rounded up; nothing costs nothing. The price's maximum is not applied. */
export function costOf(price: Price, units: bigint): bigint {
  if (units < 0n) throw new RangeError(`Units cannot be negative: ${units}`)
  return divideUp(price.rateMicros * units, UNITS_PER_RATE[price.unit])
}

/** What a call is expected to cost and the most it may cost, which is what is held before it starts. */
export function quoteOf(price: Price, expectedUnits = 1n): { estimateMicros: bigint; maxMicros: bigint } {
  const cost = costOf(price, expectedUnits)
  return { estimateMicros: cost < price.maxMicros ? cost : price.maxMicros, maxMicros: price.maxMicros }
}

/** Units for `kilobyte` prices: every begun 1,024 bytes counts. */
export const kilobytesOf = (sizeBytes: bigint): bigint => divideUp(sizeBytes, 1_024n)

/** Units for `second` prices: every begun second counts. */
export const secondsOf = (durationMs: bigint): bigint => divideUp(durationMs, 1_000n)

const divideUp = (amount: bigint, by: bigint): bigint => (amount + by - 1n) / by
