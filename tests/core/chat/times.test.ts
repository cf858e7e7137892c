import { describe, expect, it } from 'vitest'
import { timesIn } from '#core/chat/times.ts'
import { showMoment } from '#core/moment.ts'

describe('moments in a text', () => {
  it.each([
    ['Accepted by @ada on 2026-11-20 10:02 UTC.', ['2026-11-20 10:02 UTC'], '2026-11-20T10:02:00.000Z'],
    ['It is kept until 1 Sept 2026, 09:05 UTC and begins', ['1 Sept 2026, 09:05 UTC'], '2026-09-01T09:05:00.000Z'],
    [`x ${showMoment(1_795_000_000_000)} y`, [showMoment(1_795_000_000_000)], '2026-11-18T11:06:00.000Z'],
  ])('of “%s”', (text, found, at) => {
    const times = timesIn(text)
    expect(times.map(({ start, end }) => text.slice(start, end))).toEqual(found)
    expect(new Date(times[0]?.atMs ?? 0).toISOString()).toBe(at)
  })

  it('are none where there is none', () => {
    for (const text of ['2026-11-20 10:02', '2026-13-40 99:99 UTC', '10:02 UTC', '31 Foo 2026, 10:00 UTC', ''])
      expect(timesIn(text)).toEqual([])
  })
})
