import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { keepBoardSwept } from '#core/board/keep.ts'
import { acquireBoardLease, findBoardLeases, keepBoardLease, reclaimLeases } from '#core/board/leases.ts'
import { findEvents } from '#core/events/read.ts'
import { newPerson, withKey } from '#tests/core/economy/people.ts'
import { TestClock } from '#tests/support/clock.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'

describe.each(DIALECTS)('leases of a board on %s', (dialect) => {
  let world: World
  let clock: TestClock
  let ada: Actor
  beforeEach(async () => {
    clock = new TestClock()
    world = await createWorld(dialect, { clock })
    ada = await newPerson(world.core, 'ada')
  })
  afterEach(async () => {
    expect(world.errors).toEqual([])
    await world.end()
  })

  const wish = { resource: 'crane', purpose: 'lifts', ttlSeconds: 10 }
  const types = async () =>
    (await findEvents(world.core, ada, { types: ['lease.*'], limit: 50 })).items.map(({ type }) => type)

  it('of twenty who ask at once one has it, and the same request has the same', async () => {
    const asked = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => acquireBoardLease(world.core, withKey(ada, `k${n}`), wish)),
    )
    const taken = asked.flatMap((one, n) => (one.status === 'fulfilled' ? [{ n, lease: one.value }] : []))
    expect(taken).toHaveLength(1)
    expect(taken[0]?.lease.epoch).toBe(1)
    expect(await acquireBoardLease(world.core, withKey(ada, `k${taken[0]?.n}`), wish)).toEqual(taken[0]?.lease)
    expect(await types()).toEqual(['lease.acquired'])
  })

  it('lasts to the very end of its time, and one millisecond later it is anybody’s; others look on at once', async () => {
    const lease = await acquireBoardLease(world.core, ada, wish)
    clock.advance(10_000)
    expect(await reclaimLeases(world.core)).toEqual([])
    expect((await keepBoardLease(world.core, ada, lease)).expiresAt).toBe(
      new Date(clock.nowMs() + 10_000).toISOString(),
    )
    clock.advance(10_001)
    await expect(keepBoardLease(world.core, ada, lease)).rejects.toMatchObject({ code: 'conflict' })
    expect((await findBoardLeases(world.core, ada, { limit: 10 })).items).toEqual([])
    const reclaimed = await Promise.all([reclaimLeases(world.core), reclaimLeases(world.core)])
    expect(reclaimed.flat()).toHaveLength(1)
    expect(await types()).toEqual(['lease.acquired', 'lease.reclaimed'])
    expect(await acquireBoardLease(world.core, ada, wish)).toMatchObject({ leaseId: lease.leaseId, epoch: 2 })
  })

  it('is taken back soon after, though nobody asks for it', async () => {
    const stop = new AbortController()
    await acquireBoardLease(world.core, ada, wish)
    const sweeping = [0, 1].map(() => keepBoardSwept(world.core, stop.signal))
    await eventually(async () => {
      clock.advance(2_500)
      expect(await types()).toEqual(['lease.acquired', 'lease.reclaimed'])
    })
    stop.abort()
    await Promise.all(sweeping)
  })
})
