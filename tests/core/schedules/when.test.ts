import { describe, expect, it } from 'vitest'
import type { Rhythm } from '#core/schedules/rhythm.ts'
import { readWhen, readWhole } from '#core/schedules/when.ts'

/** A Friday, eleven in the morning in Berlin. */
const NOW = Date.parse('2026-11-20T10:00:00Z')
const here = { nowMs: NOW, timeZone: 'Europe/Berlin' }

const shown = (rhythm: Rhythm): string => {
  if (rhythm.kind === 'cron') return rhythm.cron
  return rhythm.kind === 'interval' ? `every ${rhythm.everyMs}` : new Date(rhythm.atMs).toISOString()
}
const read = (text: string, zone = 'Europe/Berlin'): [string, string, boolean] => {
  const { rhythm, length, isGuess } = readWhen(text, { nowMs: NOW, timeZone: zone })
  return [shown(rhythm), text.slice(length), isGuess]
}
const refused = (text: string): string => {
  try {
    return `taken: ${shown(readWhen(text, here).rhythm)}`
  } catch (error) {
    return (error as Error).message
  }
}

describe('when something is to happen', () => {
  it.each([
    ['every 15m', 'every 900000'],
    ['every 2h', 'every 7200000'],
    ['every 1h30m', 'every 5400000'],
    ['every 1 hour 30 minutes', 'every 5400000'],
    ['Every 3 days', 'every 259200000'],
    ['every minute', '* * * * *'],
    ['every hour', '0 * * * *'],
    ['every day', '0 9 * * *'],
    ['every day at 9', '0 9 * * *'],
    ['daily', '0 9 * * *'],
    ['Daily at 17:30', '30 17 * * *'],
    ['hourly', '0 * * * *'],
    ['every day at 17:30', '30 17 * * *'],
    ['every weekday at 9am', '0 9 * * 1-5'],
    ['every weekend at noon', '0 12 * * 0,6'],
    ['every monday at 9:30', '30 9 * * 1'],
    ['every Mon, Wed and Fri at 5 pm', '0 17 * * 1,3,5'],
    ['every tuesday and thursday', '0 9 * * 2,4'],
    ['every day at midnight', '0 0 * * *'],
    ['every day at 12am', '0 0 * * *'],
    ['cron "*/5 * * * *"', '*/5 * * * *'],
    ['cron “0 0 9 * * 1”', '0 0 9 * * 1'],
    ['in 10m', '2026-11-20T10:10:00.000Z'],
    ['in 2 hours', '2026-11-20T12:00:00.000Z'],
    ['2026-12-01', '2026-12-01T08:00:00.000Z'],
    ['2026-12-01 14:15', '2026-12-01T13:15:00.000Z'],
    ['2027-06-01T14:15', '2027-06-01T12:15:00.000Z'],
    ['2026-12-01T09:00:00Z', '2026-12-01T09:00:00.000Z'],
    ['2026-12-01T09:00+0300', '2026-12-01T06:00:00.000Z'],
  ])('%s is spelt out', (text, expected) => {
    expect(read(text)).toEqual([expected, '', false])
    expect(read(`${text} and the rest`)).toEqual([expected, ' and the rest', false])
  })

  it.each([
    ['tomorrow 9am', '2026-11-21T08:00:00.000Z'],
    ['tomorrow', '2026-11-21T08:00:00.000Z'],
    ['friday 17:30', '2026-11-20T16:30:00.000Z'],
    ['next monday at 9', '2026-11-23T08:00:00.000Z'],
    ['monday', '2026-11-23T08:00:00.000Z'],
    ['1 December 8:15', '2026-12-01T07:15:00.000Z'],
    ['in 3 days at 9', '2026-11-23T08:00:00.000Z'],
    ['noon tomorrow', '2026-11-21T11:00:00.000Z'],
    ['tomorrow at 9am EST', '2026-11-21T14:00:00.000Z'],
    ['1 July 2027 at 9', '2027-07-01T07:00:00.000Z'],
  ])('%s is understood, and to be read back', (text, expected) => {
    expect(read(text)).toEqual([expected, '', true])
    expect(read(`${text}: fix a typo`)[0]).toBe(expected)
  })

  it('is meant in the zone of who wrote it, with the summer time of that day', () => {
    // Written in winter time; Berlin and New York change their clocks on different days.
    expect(read('29 March 2027 9:00')[0]).toBe('2027-03-29T07:00:00.000Z')
    expect(read('29 March 2027 9:00', 'America/New_York')[0]).toBe('2027-03-29T13:00:00.000Z')
    expect(read('2027-03-14 02:30', 'America/New_York')[0]).toBe('2027-03-14T07:00:00.000Z')
    expect(read('tomorrow 9am', 'Asia/Kolkata')[0]).toBe('2026-11-21T03:30:00.000Z')
  })

  it('may be quoted as a whole', () => {
    expect(read('"tomorrow 9am" fix')).toEqual(['2026-11-21T08:00:00.000Z', ' fix', true])
    expect(readWhole(' tomorrow 9am ', here).rhythm.kind).toBe('once')
    expect(() => readWhole('tomorrow 9am fix', here)).toThrow('I do not understand')
  })

  it('is refused when it is none, ambiguous or over', () => {
    expect(refused('fix: a typo at 9am')).toContain('I do not understand “fix: a typo at 9am” as a time.')
    expect(refused('')).toContain('That says no time.')
    expect(refused('every second monday')).toContain('I do not understand')
    expect(refused('every 2 days at 9')).toContain('A time of day goes with days')
    expect(refused('every day at 25')).toBe('25 is no time of day.')
    expect(refused('every day at 13pm')).toBe('13pm is no time of day.')
    expect(refused('3/4 9:00')).toContain('Write a date as 2026-04-03')
    expect(refused('3.4. 9:00')).toContain('Write a date as 2026-04-03')
    expect(refused('2026-02-30 09:00')).toBe('2026-02-30 09:00 is no date.')
    expect(refused('2026-11-20 09:00')).toContain('is over')
    expect(refused('today at 8am')).toContain('is over')
    expect(refused('cron * * * * *')).toContain('stands in quotes')
    expect(refused('cron "61 * * * *"')).toContain('does not work')
  })
})
