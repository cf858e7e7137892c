import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Governing, govern } from '#core/plans/governor.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOW = Date.parse('2026-11-20T10:00:00Z')

const usual: Governing = {
  nowMs: NOW,
  everyMs: HOUR,
  minMs: 10 * MINUTE,
  maxMs: 6 * HOUR,
  hints: [],
  adviceAtMs: null,
  fallback: 'adaptive',
  changed: null,
  troubles: 0,
  repeats: 0,
}
const delayOf = (given: Partial<Governing>): number => govern({ ...usual, ...given }).atMs - NOW

/** Everything that could be stored or computed, and what could not. */
const anyNumber = fc.oneof(
  fc.integer({ min: -10, max: 100 }),
  fc.integer(),
  fc.double(),
  fc.constantFrom(
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0,
    -1,
    Number.MAX_SAFE_INTEGER,
    1e300,
  ),
)
const moment = fc.oneof(fc.integer({ min: NOW - 48 * HOUR, max: NOW + 48 * HOUR }), anyNumber)
const anyHint = fc.record({
  saidBy: fc.constantFrom('person' as const, 'model' as const),
  everyMs: fc.option(anyNumber),
  atMs: fc.option(moment),
  untilMs: moment,
})
const given = fc.record({
  nowMs: fc.constant(NOW),
  everyMs: fc.integer({ min: 1_000, max: 48 * HOUR }),
  minMs: fc.integer({ min: 1_000, max: 24 * HOUR }),
  maxMs: fc.integer({ min: 1_000, max: 48 * HOUR }),
  hints: fc.array(anyHint, { maxLength: 5 }),
  adviceAtMs: fc.option(moment),
  fallback: fc.constantFrom('interval' as const, 'adaptive' as const),
  changed: fc.option(anyNumber),
  troubles: anyNumber,
  repeats: anyNumber,
})

describe('the governor', () => {
  it('always gives a whole moment within the bounds, whatever comes in', () => {
    fc.assert(
      fc.property(given, (one) => {
        const maxMs = Math.max(one.minMs, one.maxMs)
        const { atMs, because } = govern(one)
        expect(Number.isSafeInteger(atMs)).toBe(true)
        expect(atMs).toBeGreaterThanOrEqual(NOW + one.minMs)
        expect(atMs).toBeLessThanOrEqual(NOW + maxMs)
        expect(because.every((line) => line.length > 0 && !/NaN|Infinity|undefined/.test(line))).toBe(true)
      }),
      { numRuns: 3_000 },
    )
  })

  it('keeps to a usable moment even when its bounds are nonsense', () => {
    fc.assert(
      fc.property(given, anyNumber, anyNumber, anyNumber, (one, everyMs, minMs, maxMs) => {
        const { atMs } = govern({ ...one, everyMs, minMs, maxMs })
        expect(Number.isFinite(atMs)).toBe(true)
        expect(atMs).toBeGreaterThan(NOW)
      }),
      { numRuns: 2_000 },
    )
  })

  it('never comes sooner for more troubles', () => {
    fc.assert(
      fc.property(given, fc.nat(30), fc.nat(30), (one, fewer, more) => {
        const before = govern({ ...one, troubles: fewer }).atMs
        expect(govern({ ...one, troubles: fewer + more }).atMs).toBeGreaterThanOrEqual(before)
      }),
      { numRuns: 2_000 },
    )
  })

  it('gives the same for the same', () => {
    fc.assert(
      fc.property(given, (one) => {
        expect(govern(one)).toEqual(govern(structuredClone(one)))
      }),
    )
  })

  it('says who decided', () => {
    const person = { saidBy: 'person', everyMs: 30 * MINUTE, atMs: null, untilMs: NOW + HOUR } as const
    const model = { saidBy: 'model', everyMs: 2 * HOUR, atMs: null, untilMs: NOW + HOUR } as const
    const advice = { adviceAtMs: NOW + 3 * HOUR }
    expect(govern({ ...usual, ...advice, hints: [model, person] })).toMatchObject({
      by: 'person',
      atMs: NOW + 30 * MINUTE,
    })
    expect(govern({ ...usual, ...advice, hints: [model] })).toMatchObject({ by: 'model', atMs: NOW + 3 * HOUR })
    expect(govern({ ...usual, hints: [model] })).toMatchObject({ by: 'model_hint', atMs: NOW + 2 * HOUR })
    expect(govern({ ...usual, changed: 1 })).toMatchObject({ by: 'adaptive', atMs: NOW + HOUR / 2 })
    expect(govern({ ...usual, changed: 0 })).toMatchObject({ by: 'adaptive', atMs: NOW + 1.5 * HOUR })
    expect(govern({ ...usual, changed: 1, fallback: 'interval' })).toMatchObject({ by: 'interval', atMs: NOW + HOUR })
    expect(govern(usual)).toMatchObject({ by: 'interval', corrections: [], atMs: NOW + HOUR })
  })

  it('forgets a hint whose time is over', () => {
    const over = { saidBy: 'person', everyMs: 30 * MINUTE, atMs: null, untilMs: NOW } as const
    expect(govern({ ...usual, hints: [over] }).by).toBe('interval')
    const past = { saidBy: 'person', everyMs: null, atMs: NOW - 1, untilMs: NOW + HOUR } as const
    expect(govern({ ...usual, hints: [past] }).by).toBe('interval')
  })

  it('keeps within min and max, and says so', () => {
    expect(govern({ ...usual, adviceAtMs: NOW + 1 })).toMatchObject({ atMs: NOW + 10 * MINUTE, corrections: ['min'] })
    expect(govern({ ...usual, adviceAtMs: NOW + 99 * HOUR })).toMatchObject({
      atMs: NOW + 6 * HOUR,
      corrections: ['max'],
    })
    expect(govern({ ...usual, adviceAtMs: NOW - HOUR }).by).toBe('interval')
  })

  it('waits twice as long for each trouble in a row, and longer where nothing changes', () => {
    expect([0, 1, 2, 3].map((troubles) => delayOf({ troubles }) / HOUR)).toEqual([1, 2, 4, 6])
    expect([0, 2, 3, 5, 6].map((repeats) => delayOf({ repeats }) / HOUR)).toEqual([1, 1, 2, 2, 4])
    // What a person said stands, but spares what fails.
    const person = { saidBy: 'person', everyMs: 30 * MINUTE, atMs: null, untilMs: NOW + HOUR } as const
    expect(delayOf({ hints: [person], repeats: 9 })).toBe(30 * MINUTE)
    expect(delayOf({ hints: [person], troubles: 1 })).toBe(HOUR)
  })
})
