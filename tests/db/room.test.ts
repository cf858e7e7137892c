import { describe, expect, it } from 'vitest'
import { Active } from '#db/queue/active.ts'
import { Room } from '#db/queue/room.ts'

const room = (runs = 128): Room =>
  new Room(new Active(), { capacity: { run: runs, inbox: 32, outbox: 32 }, perContext: 64 })

const beats = (of: Room, count: number, hasLost: boolean): Room => {
  for (let beat = 0; beat < count; beat++) of.beat({ hasLost })
  return of
}

describe('A process that loses leases', () => {
  it('takes half as much at once, each time again', () => {
    expect(beats(room(), 1, true).freeFor('run')).toBe(64)
    expect(beats(room(), 3, true).freeFor('run')).toBe(16)
  })

  it('goes on with a few of each kind, however often that happens', () => {
    const overloaded = beats(room(), 1_000, true)
    expect(overloaded.freeFor('run')).toBe(4)
    expect(overloaded.freeFor('inbox')).toBe(4)
  })

  it('never takes more than it was set to', () => {
    expect(beats(room(), 1_000, false).freeFor('run')).toBe(128)
    expect(beats(room(2), 1_000, true).freeFor('run')).toBe(2)
  })

  it('takes all again some beats after the last loss', () => {
    const once = beats(room(), 1, true)
    expect(beats(once, 1, false).freeFor('run')).toBe(80)
    expect(beats(once, 3, false).freeFor('run')).toBe(128)
    const long = beats(room(), 1_000, true)
    expect(beats(long, 19, false).freeFor('run')).toBe(128)
  })
})
