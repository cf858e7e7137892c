import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ceilDiv, formatUsd, parseUsd, showUsd } from '#core/money.ts'

const MAX_MICROS = 10n ** 18n

describe('money as text', () => {
  it.each([
    ['12', 12_000_000n],
    ['12.5', 12_500_000n],
    ['$12.50', 12_500_000n],
    ['0.000001', 1n],
    ['.5', 500_000n],
    [' 7.25 ', 7_250_000n],
    ['007', 7_000_000n],
    ['0', 0n],
    ['1000000000000', MAX_MICROS],
  ])('reads %s', (text, micros) => {
    expect(parseUsd(text)).toBe(micros)
  })

  it.each([
    '',
    '$',
    '.',
    '12.',
    '12,50',
    '1,000',
    '-5',
    '+5',
    '1e3',
    '0x10',
    '0.0000001',
    '12 USD',
    '$$5',
    '5$',
    '٣',
    'NaN',
    '1 2',
  ])('refuses %j', (text) => {
    expect(parseUsd(text)).toBeUndefined()
  })

  it('refuses more than a trillion dollars', () => {
    expect(parseUsd('1000000000000.000001')).toBeUndefined()
    expect(parseUsd('9'.repeat(100_000))).toBeUndefined()
  })

  it.each([
    [12_345_678n, '12.345678', '$12.345678'],
    [2_000n, '0.002', '$0.002'],
    [12_500_000n, '12.50', '$12.50'],
    [0n, '0.00', '$0.00'],
    [1n, '0.000001', '$0.000001'],
    [-500_000n, '-0.50', '-$0.50'],
    [100_000n, '0.10', '$0.10'],
    [2n ** 60n, '1152921504606.846976', '$1152921504606.846976'],
  ])('writes %s as %s', (micros, api, people) => {
    expect(formatUsd(micros)).toBe(api)
    expect(showUsd(micros)).toBe(people)
  })

  it('reads back what it wrote, in both forms', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: MAX_MICROS }), (micros) => {
        expect(parseUsd(formatUsd(micros))).toBe(micros)
        expect(parseUsd(showUsd(micros))).toBe(micros)
      }),
      { numRuns: 5_000 },
    )
  })

  it('writes every amount with two to six decimals and loses none of it', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), (micros) => {
        const [, sign = '', dollars = '', decimals = ''] = /^(-?)(\d+)\.(\d{2,6})$/.exec(formatUsd(micros)) ?? []
        const size = BigInt(dollars) * 1_000_000n + BigInt(decimals.padEnd(6, '0'))
        expect(sign === '-' ? -size : size).toBe(micros)
        expect(decimals.length > 2 && decimals.endsWith('0')).toBe(false)
      }),
      { numRuns: 5_000 },
    )
  })

  it('takes no text for money that is none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        const micros = parseUsd(text)
        expect(micros === undefined || (micros >= 0n && micros <= MAX_MICROS)).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('ceilDiv', () => {
  it('is the least whole number that is not below the quotient', () => {
    const sized = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n })
    fc.assert(
      fc.property(sized, fc.bigInt({ min: 1n, max: 2n ** 60n }), (dividend, divisor) => {
        const quotient = ceilDiv(dividend, divisor)
        expect(quotient * divisor >= dividend).toBe(true)
        expect((quotient - 1n) * divisor < dividend).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })

  it('refuses to divide by nothing', () => {
    expect(() => ceilDiv(1n, 0n)).toThrow(RangeError)
    expect(() => ceilDiv(1n, -2n)).toThrow(RangeError)
  })
})
