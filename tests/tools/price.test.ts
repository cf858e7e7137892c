import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { costOf, kilobytesOf, type Price, quoteOf, secondsOf, UNITS_PER_RATE } from '#core/tools/price.ts'
import type { PriceUnit } from '#core/tools/tool.ts'

const units = fc.constantFrom<PriceUnit>('run', 'second', 'token', 'request', 'kilobyte')
const amount = fc.bigInt(0n, 10n ** 15n)
const price = fc.record({ unit: units, rateMicros: amount, maxMicros: amount })

describe('prices', () => {
  it('are never below the exact amount, and less than one micro-dollar above it', () => {
    fc.assert(
      fc.property(price, amount, (price, used) => {
        const exactTimesPer = price.rateMicros * used
        const per = UNITS_PER_RATE[price.unit]
        const cost = costOf(price, used)
        expect(cost * per >= exactTimesPer).toBe(true)
        expect((cost - 1n) * per < exactTimesPer || cost === 0n).toBe(true)
      }),
    )
  })

  it('cost nothing for nothing', () => {
    fc.assert(fc.property(price, (price) => costOf(price, 0n) === 0n))
  })

  it('never grow by being split', () => {
    fc.assert(
      fc.property(price, amount, amount, (price, a, b) => {
        expect(costOf(price, a + b) <= costOf(price, a) + costOf(price, b)).toBe(true)
        expect(costOf(price, a + b) >= costOf(price, a)).toBe(true)
      }),
    )
  })

  it('count tokens by the million', () => {
    const price: Price = { unit: 'token', rateMicros: 150_000n, maxMicros: 500_000n }
    expect(costOf(price, 1_000_000n)).toBe(150_000n)
    expect(costOf(price, 1n)).toBe(1n)
    expect(costOf(price, 7n)).toBe(2n)
  })

  it('count begun kilobytes and seconds', () => {
    expect([0n, 1n, 1_024n, 1_025n].map(kilobytesOf)).toEqual([0n, 1n, 1n, 2n])
    expect([0n, 1n, 1_000n, 1_001n].map(secondsOf)).toEqual([0n, 1n, 1n, 2n])
  })

  it('are quoted within their maximum', () => {
    fc.assert(
      fc.property(price, amount, (price, used) => {
        const quote = quoteOf(price, used)
        expect(quote.maxMicros).toBe(price.maxMicros)
        expect(quote.estimateMicros <= quote.maxMicros).toBe(true)
      }),
    )
  })

  it('refuse less than nothing', () => {
    expect(() => costOf({ unit: 'run', rateMicros: 1n, maxMicros: 1n }, -1n)).toThrow(RangeError)
  })
})
