import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkCron, describeCron, nextCronMs, wallClockMs } from '#core/schedules/cron.ts'
import { areMissed, BUSY_MS, ON_TIME_MS, shareMissed } from '#core/schedules/missed.ts'
import { describeRhythm, dueTimes, nextAfter, nextWithin, type Rhythm, upcoming } from '#core/schedules/rhythm.ts'

const at = (iso: string): number => Date.parse(iso)
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())
const NEW_YORK = 'America/New_York'
const daily = (cron: string, timeZone = NEW_YORK): Rhythm => ({ kind: 'cron', cron, timeZone })
const NO_BOUNDS = { expiresAtMs: null, maxRuns: null, runs: 0 }

describe('times of a cron pattern', () => {
  it('come once in the night in which clocks leap over them, when they have', () => {
    const times = upcoming(daily('30 2 * * *'), NO_BOUNDS, at('2027-03-13T07:30:00Z'), 3)
    expect(times.map(iso)).toEqual(['2027-03-13T07:30:00.000Z', '2027-03-14T07:00:00.000Z', '2027-03-15T06:30:00.000Z'])
  })

  it('come once in the night in which clocks show them twice, the first time', () => {
    const times = upcoming(daily('30 1 * * *'), NO_BOUNDS, at('2027-11-06T05:30:00Z'), 3)
    expect(times.map(iso)).toEqual(['2027-11-06T05:30:00.000Z', '2027-11-07T05:30:00.000Z', '2027-11-08T06:30:00.000Z'])
    // Whatever moment one asks from, between the two as well.
    expect(iso(nextAfter(daily('30 1 * * *'), at('2027-11-07T05:30:00.001Z')))).toBe('2027-11-08T06:30:00.000Z')
  })

  it('are those of its zone', () => {
    expect(iso(nextCronMs('0 9 * * 1-5', 'Europe/Berlin', at('2026-11-20T10:00:00Z')))).toBe('2026-11-23T08:00:00.000Z')
    expect(iso(nextCronMs('0 9 * * 1-5', 'Asia/Tokyo', at('2026-11-20T10:00:00Z')))).toBe('2026-11-23T00:00:00.000Z')
    expect(iso(nextCronMs('*/10 * * * * *', 'UTC', at('2026-11-20T10:00:05.500Z')))).toBe('2026-11-20T10:00:10.000Z')
  })

  it('are refused with what is wrong', () => {
    const problem = (text: string): string => {
      try {
        return checkCron(text, 'UTC', at('2026-11-20T10:00:00Z'))
      } catch (error) {
        return (error as Error).message
      }
    }
    expect(problem(' 0  9 * * 1-5 ')).toBe('0 9 * * 1-5')
    expect(problem('* * * *')).toContain('it has five fields, or six with seconds in front')
    expect(problem('0 0 0 1 1 * 2030')).toContain('five fields')
    expect(problem('@daily')).toContain('five fields')
    expect(problem('61 * * * *')).toContain('does not work')
    expect(problem('? 12 15 * 1')).toContain('does not work')
    expect(problem('0 0 30 2 *')).toContain('there is no such day')
    expect(problem('0 0 31 4,6 *')).toContain('there is no such day')
  })

  it('can be said in words', () => {
    expect(describeCron('0 9 * * 1-5')).toBe('At 09:00, Monday through Friday')
    expect(describeRhythm(daily('0 9 * * 1-5', 'Europe/Berlin'))).toBe(
      'at 09:00, Monday through Friday (Europe/Berlin)',
    )
    expect(describeRhythm({ kind: 'interval', everyMs: 900_000, atMs: 0, timeZone: 'UTC' })).toBe('every 15m')
    const once = { kind: 'once', atMs: at('2026-11-21T08:00:00Z'), timeZone: 'Europe/Berlin' } as const
    expect(describeRhythm(once)).toBe('once, 21 Nov 2026, 09:00 (Europe/Berlin)')
  })
})

describe('a time on the wall', () => {
  it('is found in its zone, in the odd hours of the year as well', () => {
    const wall = (text: string, zone = NEW_YORK) => {
      const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = text.split(/\D/).map(Number)
      return iso(wallClockMs({ year, month, day, hour, minute, second: 0 }, zone))
    }
    expect(wall('2027-03-14 02:30')).toBe('2027-03-14T07:00:00.000Z')
    expect(wall('2027-11-07 01:30')).toBe('2027-11-07T05:30:00.000Z')
    expect(wall('2026-12-01 09:00', 'Europe/Berlin')).toBe('2026-12-01T08:00:00.000Z')
    expect(wall('2026-06-01 09:00', 'Europe/Berlin')).toBe('2026-06-01T07:00:00.000Z')
    expect(wall('2026-06-01 09:00', 'Pacific/Kiritimati')).toBe('2026-05-31T19:00:00.000Z')
    expect(wall('2026-06-01 09:00', 'Pacific/Niue')).toBe('2026-06-01T20:00:00.000Z')
  })
})

const zones = fc.constantFrom(
  'UTC',
  NEW_YORK,
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/St_Johns',
)
const minutes = fc.oneof(fc.constant('*'), fc.integer({ min: 0, max: 59 }).map(String), fc.constant('*/7'))
const hours = fc.oneof(fc.constant('*'), fc.integer({ min: 0, max: 23 }).map(String), fc.constant('1-3'))
const days = fc.constantFrom('* * *', '* * 1-5', '1 * *', 'L * *', '29 2 *', '* 3,11 0', '* * 5#2')
const crons = fc
  .tuple(minutes, hours, days, zones)
  .map(([minute, hour, day, zone]) => daily(`${minute} ${hour} ${day}`, zone))
const moments = fc.oneof(
  fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2028-12-31T00:00:00Z') }),
  // The hours around the changes of the clocks, of which there are few.
  fc.integer({ min: at('2027-03-14T05:00:00Z'), max: at('2027-03-14T09:00:00Z') }),
  fc.integer({ min: at('2027-11-07T04:00:00Z'), max: at('2027-11-07T08:00:00Z') }),
  fc.integer({ min: at('2027-10-31T00:00:00Z'), max: at('2027-10-31T03:00:00Z') }),
)
const rhythms: fc.Arbitrary<Rhythm> = fc.oneof(
  crons,
  fc.record({
    kind: fc.constant('interval' as const),
    everyMs: fc.integer({ min: 1_000, max: 10_000_000 }),
    atMs: moments,
    timeZone: fc.constant('UTC'),
  }),
)

describe('the next time of any rhythm', () => {
  it('is never now or before, and never further on than from a later moment', () => {
    fc.assert(
      fc.property(rhythms, moments, fc.integer({ min: 0, max: 7_200_000 }), (rhythm, fromMs, laterMs) => {
        const next = nextAfter(rhythm, fromMs)
        const later = nextAfter(rhythm, fromMs + laterMs)
        if (next === null || later === null) return
        expect(next).toBeGreaterThan(fromMs)
        expect(later).toBeGreaterThanOrEqual(next)
        // From any moment before it, it is the same one: nothing is skipped, and nothing comes twice.
        if (fromMs + laterMs < next) expect(later).toBe(next)
      }),
      { numRuns: 2_000 },
    )
  })

  it('makes a row that rises, whatever the clocks do', () => {
    fc.assert(
      fc.property(rhythms, moments, (rhythm, fromMs) => {
        const first = nextAfter(rhythm, fromMs)
        if (first === null) return
        const times = upcoming(rhythm, NO_BOUNDS, first, 30)
        for (const [index, time] of times.entries()) if (index > 0) expect(time).toBeGreaterThan(times[index - 1] ?? 0)
      }),
      { numRuns: 500 },
    )
  })

  it('ends with its bounds', () => {
    const rhythm: Rhythm = { kind: 'interval', everyMs: 1_000, atMs: 1_000, timeZone: 'UTC' }
    expect(nextWithin(rhythm, { expiresAtMs: 5_000, maxRuns: null, runs: 0 }, 4_000)).toEqual({ atMs: 5_000 })
    expect(nextWithin(rhythm, { expiresAtMs: 5_000, maxRuns: null, runs: 0 }, 5_000)).toEqual({ ended: 'expired' })
    expect(nextWithin(rhythm, { expiresAtMs: null, maxRuns: 2, runs: 2 }, 0)).toEqual({ ended: 'max_runs' })
    expect(nextWithin({ kind: 'once', atMs: 5, timeZone: 'UTC' }, NO_BOUNDS, 5)).toEqual({ ended: 'done' })
    expect(upcoming(rhythm, { expiresAtMs: 3_000, maxRuns: null, runs: 0 }, 1_000, 9)).toEqual([1_000, 2_000, 3_000])
    expect(upcoming(rhythm, { expiresAtMs: null, maxRuns: 5, runs: 3 }, 1_000, 9)).toEqual([1_000, 2_000])
  })
})

describe('times that nobody was there for', () => {
  const every: Rhythm = { kind: 'interval', everyMs: 1_000, atMs: 1_000, timeZone: 'UTC' }
  const due = (nowMs: number, most = 1_000) => dueTimes(every, { firstMs: 1_000, nowMs, expiresAtMs: null, most })

  it('are counted one by one, up to a point', () => {
    expect(due(3_999)).toEqual({ times: [1_000, 2_000, 3_000] })
    const year = due(365 * 86_400_000)
    expect(year.restFromMs).toBe(1_000)
    expect(year.times.length).toBeGreaterThan(90)
    expect(year.times.length).toBeLessThan(120)
    expect(year.times.at(-1)).toBe(365 * 86_400_000)
  })

  it('were missed when there are several, or one long ago, and nobody has looked since', () => {
    const late = (times: number[], byMs: number) =>
      areMissed(times, { nowMs: (times[0] ?? 0) + byMs, sinceMs: Infinity })
    expect(late([1_000], ON_TIME_MS)).toBe(false)
    expect(late([1_000], ON_TIME_MS + 1)).toBe(true)
    expect(late([1_000, 2_000], 1_000)).toBe(true)
  })

  it('were not missed by who was there and busy, unless it slept', () => {
    const times = [1_000, 2_000, 3_000]
    expect(areMissed(times, { nowMs: 3_000, sinceMs: 999 })).toBe(false)
    expect(areMissed(times, { nowMs: 3_000, sinceMs: 1_000 })).toBe(true)
    expect(areMissed(times, { nowMs: 1_000 + BUSY_MS, sinceMs: 0 })).toBe(false)
    expect(areMissed(times, { nowMs: 1_001 + BUSY_MS, sinceMs: 0 })).toBe(true)
  })

  it('are shared by the policy: none, the last, or the last so many', () => {
    const times = Array.from({ length: 10 }, (_, index) => index)
    expect(shareMissed({ policy: 'skip', max: 100 }, times).run).toEqual([])
    expect(shareMissed({ policy: 'once', max: 100 }, times)).toEqual({ missed: times.slice(0, 9), run: [9] })
    expect(shareMissed({ policy: 'all', max: 100 }, times).run).toEqual(times)
    expect(shareMissed({ policy: 'all', max: 3 }, times)).toEqual({ missed: times.slice(0, 7), run: [7, 8, 9] })
  })
})
