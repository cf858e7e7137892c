import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Dispatcher, Handler } from '#db/queue/dispatcher.ts'
import type { Claim } from '#db/queue/queue.ts'
import { insertTeam, updateTeamLimits } from '#db/teams.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { item, QueueHarness, start } from './queue-harness.ts'

describe.each(DIALECTS)('places at work on %s', (dialect) => {
  let harness: QueueHarness
  beforeEach(async () => {
    harness = await QueueHarness.create(dialect)
  })
  afterEach(async () => {
    await harness.end()
    expect(harness.errors).toEqual([])
  })

  async function flood(queue: Dispatcher, count: number, fairGroup: string): Promise<void> {
    await Promise.all(
      Array.from({ length: count }, (_, number) => harness.put(queue, item(`${fairGroup}-${number}`, { fairGroup }))),
    )
  }

  /** Counts how many of each group are at work at once. */
  class Watch {
    readonly order: string[] = []
    readonly most = new Map<string, number>()
    readonly #now = new Map<string, number>()

    readonly handler =
      (queue: Dispatcher, workMs = 0): Handler =>
      async (claim: Claim) => {
        this.order.push(claim.key)
        this.#count(claim.fairGroup, 1)
        this.#count('all', 1)
        if (workMs > 0) await sleep(workMs)
        this.#count('all', -1)
        this.#count(claim.fairGroup, -1)
        await harness.release(queue, claim)
      }

    #count(name: string, change: number): void {
      const now = (this.#now.get(name) ?? 0) + change
      this.#now.set(name, now)
      this.most.set(name, Math.max(this.most.get(name) ?? 0, now))
    }
  }

  it('go in turns: a thousand runs of one team hold up those of another by no more than one each', async () => {
    const queue = await harness.dispatcher({ capacity: 1 })
    await flood(queue, 1_000, 'team:flood')
    await flood(queue, 5, 'team:calm')
    const watch = new Watch()
    await start(queue, watch.handler(queue))
    await eventually(() => expect(watch.order.length).toBeGreaterThan(20), 20_000)
    await queue.stop(2_000)
    const places = watch.order.flatMap((key, place) => (key.startsWith('team:calm') ? [place] : []))
    expect(places).toHaveLength(5)
    for (const [nth, place] of places.entries()) expect(place).toBeLessThanOrEqual(2 * nth + 1)
  })

  it('go to who has the fewest, also when one team took them all while it was alone', async () => {
    const queue = await harness.dispatcher({ capacity: 4 })
    const open = Promise.withResolvers<void>()
    const given = Promise.withResolvers<void>()
    const order: string[] = []
    await flood(queue, 20, 'team:flood')
    await start(queue, async (claim) => {
      order.push(claim.fairGroup)
      if (order.length <= 4) await open.promise
      // Who has the fewest is seen while they have it: the next four stay until all four places are given.
      else if (order.length < 8) await given.promise
      else given.resolve()
      await harness.release(queue, claim)
    })
    await eventually(() => expect(order).toHaveLength(4))
    await flood(queue, 2, 'team:calm')
    open.resolve()
    await eventually(() => expect(order).toHaveLength(22))
    expect(order.slice(4, 8).filter((group) => group === 'team:calm')).toHaveLength(2)
  })

  it('are no more for one context than its limit, whatever waits and however many processes there are', async () => {
    const queues = [
      await harness.dispatcher({ capacity: 8, perContext: 3 }),
      await harness.dispatcher({ capacity: 8, perContext: 3 }),
    ]
    const [first] = queues as [Dispatcher, Dispatcher]
    await flood(first, 20, 'user:busy')
    await flood(first, 2, 'user:other')
    const watch = new Watch()
    for (const queue of queues) await start(queue, watch.handler(queue, 40))
    await eventually(() => expect(watch.order).toHaveLength(22))
    expect(watch.most.get('user:busy')).toBe(3)
    expect(watch.most.get('user:other')).toBe(2)
  })

  it("are no more for a team than the team's own limit, which may be more than others have", async () => {
    const { db } = harness.database
    await db.write(async function twoTeams(tx) {
      for (const [id, maxRunsAtOnce] of [
        ['narrow', 2],
        ['wide', 6],
      ] as const) {
        await insertTeam.run(tx, { id, name: id, settingsJson: '{}', nowMs: 0 })
        const others = { monthlyCapMicros: null, maxRunsPerMonth: null, maxMembers: null }
        await updateTeamLimits.run(tx, { id, ...others, maxRunsAtOnce })
      }
    })
    const queue = await harness.dispatcher({ capacity: 20, perContext: 4 })
    const watch = new Watch()
    await start(queue, watch.handler(queue, 50))
    for (const group of ['team:narrow', 'team:wide']) {
      // As a submission puts it in: what has a limit of its own waits its turn like everything else.
      for (let number = 0; number < 12; number++) {
        const claim = await db.write((tx) => queue.enqueueClaimed(tx, item(`${group}-${number}`, { fairGroup: group })))
        expect(claim).toBeUndefined()
      }
    }
    await eventually(() => expect(watch.order).toHaveLength(24))
    expect(watch.most.get('team:narrow')).toBe(2)
    expect(watch.most.get('team:wide')).toBeLessThanOrEqual(6)
    expect(watch.most.get('team:wide')).toBeGreaterThan(4)
  })

  it('are no more in all than the instance allows', async () => {
    const queues = [
      await harness.dispatcher({ capacity: 8, instance: 3 }),
      await harness.dispatcher({ capacity: 8, instance: 3 }),
    ]
    const [first] = queues as [Dispatcher, Dispatcher]
    for (const group of ['user:a', 'user:b', 'user:c']) await flood(first, 6, group)
    const watch = new Watch()
    for (const queue of queues) await start(queue, watch.handler(queue, 30))
    await eventually(() => expect(watch.order).toHaveLength(18))
    expect(watch.most.get('all')).toBe(3)
  })

  it('are not taken by new runs of a context of which older ones wait', async () => {
    const { db } = harness.database
    const queue = await harness.dispatcher({ capacity: 8, perContext: 1 })
    await start(queue, async (claim) => void (await harness.release(queue, claim)))
    const enqueueClaimed = (key: string, fairGroup: string): Promise<Claim | undefined> =>
      db.write((tx) => queue.enqueueClaimed(tx, item(key, { fairGroup })))
    const claim = await enqueueClaimed('first', 'user:a')
    if (!claim) throw new Error('There was room')
    const open = Promise.withResolvers<void>()
    queue.begin(claim, async () => {
      await open.promise
      await harness.release(queue, claim)
    })
    expect(await enqueueClaimed('second', 'user:a')).toBeUndefined()
    const other = await enqueueClaimed('other', 'user:b')
    expect(other?.key).toBe('other')
    if (other) queue.begin(other, async () => void (await harness.release(queue, other)))
    open.resolve()
    await eventually(() => expect(queue.activeCount).toBe(0))
  })
})
