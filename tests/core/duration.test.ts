import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDurationMs, showAgo, showDuration } from '#core/duration.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('durations', () => {
  it.each([
    ['2h30m', 2 * HOUR + 30 * MINUTE],
    ['90s', 90_000],
    ['PT2H', 2 * HOUR],
    ['1d', DAY],
    ['pt1h30m', HOUR + 30 * MINUTE],
    ['P1DT2H', DAY + 2 * HOUR],
    ['P2W', 14 * DAY],
    ['PT1.5S', 1_500],
    ['1.5 hours', 90 * MINUTE],
    ['2 hours 5 min', 2 * HOUR + 5 * MINUTE],
    ['1.1s', 1_100],
    ['500ms', 500],
    ['30m 2h', 2 * HOUR + 30 * MINUTE],
    ['PT0S', 0],
    [' 3 Days ', 3 * DAY],
  ])('reads %s', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms)
  })

  it.each([
    '',
    ' ',
    '5',
    'h',
    '-5m',
    '1h1h',
    '2h and 5m',
    'P',
    'PT',
    'P1M',
    'P1Y',
    'P1D2H',
    'PT1H2D',
    '1.5ms',
    '1y',
    '1,5h',
    '101y',
    '40000d',
    '1e3s',
    'P1DT',
    '٣h',
  ])('refuses %j', (text) => {
    expect(parseDurationMs(text)).toBeUndefined()
  })

  it('survives any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const ms = parseDurationMs(text)
        expect(ms === undefined || (Number.isInteger(ms) && ms >= 0)).toBe(true)
      }),
      { numRuns: 3_000 },
    )
    expect(parseDurationMs('1'.repeat(1_000_000))).toBeUndefined()
  })

  it.each([
    [0, '0ms'],
    [450, '450ms'],
    [1_250, '1.2s'],
    [42_999, '42s'],
    [MINUTE, '1m'],
    [2 * HOUR + 30 * MINUTE + 59_000, '2h 30m'],
    [DAY + MINUTE, '1d'],
    [3 * DAY + 4 * HOUR, '3d 4h'],
    [-90_000, '-1m 30s'],
  ])('shows %d as %s', (ms, text) => {
    expect(showDuration(ms)).toBe(text)
  })

  it('shows what reads back as the same, rounded down', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 36_500 * DAY }), (ms) => {
        const back = parseDurationMs(showDuration(ms))
        const grain = ms < 1_000 ? 1 : ms < 10_000 ? 100 : ms < HOUR ? 1_000 : ms < DAY ? MINUTE : HOUR
        expect(back).toBe(Math.floor(ms / grain) * grain)
      }),
      { numRuns: 5_000 },
    )
  })

  it.each([
    [0, 'just now'],
    [9_999, 'just now'],
    [-5_000, 'just now'],
    [30_000, '30s ago'],
    [5 * MINUTE + 59_000, '5m ago'],
    [3 * DAY, '3d ago'],
    [-2 * HOUR, 'in 2h'],
  ])('says of %d ms: %s', (agoMs, text) => {
    expect(showAgo(1_800_000_000_000 - agoMs, 1_800_000_000_000)).toBe(text)
  })
})
