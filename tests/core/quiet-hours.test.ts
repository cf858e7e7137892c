import { expect, it } from 'vitest'
import { nextTimeOfDayMs, quietUntilAllMs, quietUntilMs } from '#core/quiet-hours.ts'

it('quiet hours end when the clock on the wall says so', () => {
  const night = { from: '22:00', to: '07:00' }
  const until = (zone: string, at: string, quiet: Parameters<typeof quietUntilMs>[0] = night) => {
    const ms = quietUntilMs(quiet, zone, Date.parse(at))
    return ms === null ? null : new Date(ms).toISOString()
  }
  expect(until('UTC', '2026-11-20T21:59:59Z')).toBeNull()
  expect(until('UTC', '2026-11-20T22:00:30Z')).toBe('2026-11-21T07:00:00.000Z')
  expect(until('UTC', '2026-11-21T06:59:59Z')).toBe('2026-11-21T07:00:00.000Z')
  expect(until('UTC', '2026-11-21T07:00:00Z')).toBeNull()
  expect(until('America/New_York', '2026-11-21T04:00:00Z')).toBe('2026-11-21T12:00:00.000Z')
  // The night in which the clocks go forward is an hour shorter, the one in which they go back an hour longer.
  expect(until('America/New_York', '2027-03-14T03:00:00Z')).toBe('2027-03-14T11:00:00.000Z')
  expect(until('America/New_York', '2027-11-07T02:30:00Z')).toBe('2027-11-07T12:00:00.000Z')
  expect(until('Europe/Lisbon', '2026-11-20T12:00:00Z', { from: '11:00', to: '13:30' })).toBe(
    '2026-11-20T13:30:00.000Z',
  )
  expect(until('Europe/Lisbon', '2026-11-20T12:00:00Z', null)).toBeNull()
})

it('one that is half skipped or told twice by the clocks still has one end', () => {
  const until = (from: string, to: string, at: string) => {
    const ms = quietUntilMs({ from, to }, 'Europe/Berlin', Date.parse(at))
    return ms === null ? null : new Date(ms).toISOString()
  }
  // 02:30 does not come on the 28th of March 2027, and comes twice on the 31st of October.
  expect(until('22:00', '02:30', '2027-03-27T22:00:00Z')).toBe('2027-03-28T01:00:00.000Z')
  expect(until('22:00', '02:30', '2027-10-30T22:00:00Z')).toBe('2027-10-31T00:30:00.000Z')
  expect(until('22:00', '07:00', '2027-03-27T22:00:00Z')).toBe('2027-03-28T05:00:00.000Z')
  expect(until('22:00', '07:00', '2027-10-30T22:00:00Z')).toBe('2027-10-31T06:00:00.000Z')
})

it('by several rules is over when it is by all of them', () => {
  const rule = (from: string, to: string, timeZone = 'UTC') => ({ hours: { from, to }, timeZone })
  const until = (at: string, ...rules: ReturnType<typeof rule>[]) => {
    const ms = quietUntilAllMs(rules, Date.parse(at))
    return ms === null ? null : new Date(ms).toISOString()
  }
  const night = rule('22:00', '07:00')
  expect(until('2026-11-20T12:00:00Z')).toBeNull()
  expect(until('2026-11-20T12:00:00Z', night)).toBeNull()
  expect(until('2026-11-20T23:00:00Z', night, rule('06:00', '08:00'))).toBe('2026-11-21T08:00:00.000Z')
  expect(until('2026-11-20T23:00:00Z', rule('06:00', '08:00'), night)).toBe('2026-11-21T08:00:00.000Z')
  // Rules that leave nothing of the day hold nothing up for ever.
  expect(until('2026-11-20T23:00:00Z', night, rule('07:00', '22:00'))).toBe('2026-11-21T23:00:00.000Z')
})

it('the next time of a day comes once a day, whatever the clocks do', () => {
  const next = (time: string, zone: string, at: string) =>
    new Date(nextTimeOfDayMs(time, zone, Date.parse(at))).toISOString()
  expect(next('09:00', 'UTC', '2026-11-20T08:59:59Z')).toBe('2026-11-20T09:00:00.000Z')
  expect(next('09:00', 'UTC', '2026-11-20T09:00:00Z')).toBe('2026-11-21T09:00:00.000Z')
  expect(next('09:00', 'UTC', '2026-11-20T09:01:00Z')).toBe('2026-11-21T09:00:00.000Z')
  expect(next('00:00', 'UTC', '2026-11-20T23:59:30Z')).toBe('2026-11-21T00:00:00.000Z')
  expect(next('23:59', 'UTC', '2026-11-20T23:59:30Z')).toBe('2026-11-21T23:59:00.000Z')
  expect(next('09:00', 'Europe/Berlin', '2027-03-27T12:00:00Z')).toBe('2027-03-28T07:00:00.000Z')
  expect(next('09:00', 'Europe/Berlin', '2027-10-30T12:00:00Z')).toBe('2027-10-31T08:00:00.000Z')
  expect(next('02:30', 'Europe/Berlin', '2027-03-27T12:00:00Z')).toBe('2027-03-28T01:00:00.000Z')
})
