import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { acquireLease, keepLease, releaseLease } from '#core/leases/lease.ts'
import { inTurn } from '#core/leases/turn.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'

const TTL_MS = 900

describe.each(DIALECTS)('leases on %s', (dialect) => {
  let world: World
  beforeEach(async () => {
    world = await createWorld(dialect)
  })
  afterEach(() => world.end())

  const wish = (holder: string, resource = 'door') => ({ resource, holder, purpose: 'test', ttlMs: 1_000 })

  it('go to one of many who ask at once, and to the next when they are given back, each time with a higher epoch', async () => {
    const { db } = world.core
    const asked = await Promise.all(
      Array.from({ length: 20 }, (_, index) => db.write((tx) => acquireLease(tx, wish(`h${index}`), 5_000))),
    )
    const [first, ...others] = asked.filter((lease) => lease !== undefined)
    expect(others).toEqual([])
    if (!first) throw new Error('Nobody got it')
    expect(first.epoch).toBe(1)
    expect(await db.write((tx) => releaseLease(tx, first, 5_100))).toBe(true)
    expect(await db.write((tx) => releaseLease(tx, first, 5_100))).toBe(false)
    expect(await db.write((tx) => acquireLease(tx, wish('next'), 5_200))).toMatchObject({ holder: 'next', epoch: 2 })
  })

  it('last while their holder gives signs of life, and a late holder is refused', async () => {
    const { db } = world.core
    const held = await db.write((tx) => acquireLease(tx, wish('first'), 5_000))
    if (!held) throw new Error('It was free')
    await db.write((tx) => keepLease(tx, held, 5_900))
    expect(await db.write((tx) => acquireLease(tx, wish('second'), 6_500))).toBeUndefined()
    expect(await db.write((tx) => acquireLease(tx, wish('second'), 6_901))).toMatchObject({ epoch: 2 })
    await expect(db.write((tx) => keepLease(tx, held, 6_902))).rejects.toMatchObject({ code: 'conflict' })
    expect(await db.write((tx) => releaseLease(tx, held, 6_903))).toBe(false)
  })

  it('give the turn to one process at a time, and to the next at once when that one stops', async () => {
    let atWork = 0
    let most = 0
    const turns: number[] = []
    const stops = [0, 1, 2].map(() => new AbortController())
    const running = stops.map(({ signal: stop }, index) =>
      inTurn(world.core, { resource: 'poll:test', purpose: 'test', ttlMs: TTL_MS, stop }, async (signal) => {
        turns.push(index)
        most = Math.max(most, ++atWork)
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        atWork--
      }),
    )
    for (let turn = 1; turn <= 3; turn++) {
      await eventually(() => expect(turns).toHaveLength(turn))
      // Longer than the lease: it is kept by signs of life.
      await sleep(TTL_MS + 300)
      expect(turns).toHaveLength(turn)
      stops[turns.at(-1) ?? 0]?.abort()
    }
    await Promise.all(running)
    expect(most).toBe(1)
    expect(turns.toSorted()).toEqual([0, 1, 2])
  })

  it('end a turn whose lease another has taken, before its holder is told to stop', async () => {
    const stop = new AbortController()
    const ends: boolean[] = []
    const turn = { resource: 'poll:test', purpose: 'test', ttlMs: TTL_MS, stop: stop.signal }
    const running = inTurn(world.core, turn, async (signal) => {
      if (signal.aborted) return
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      ends.push(stop.signal.aborted)
    })
    await sleep(300)
    const { db, clock } = world.core
    await db.write((tx) => acquireLease(tx, wish('thief', 'poll:test'), clock.nowMs() + TTL_MS * 2))
    await eventually(() => expect(ends).toEqual([false]))
    stop.abort()
    await running
  })
})
