import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '#core/clock.ts'
import { confirmClaim } from '#db/queue/claims.ts'
import type { Dispatcher, Handler } from '#db/queue/dispatcher.ts'
import { type Claim, LeaseLostError, type WorkItem } from '#db/queue/queue.ts'
import { DIALECTS, type TestDatabase } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { item, QueueHarness, type QueueOptions, start } from './queue-harness.ts'

/** What every queue of ours promises, whatever it is made of. */
describe.each(DIALECTS)('work on %s', (dialect) => {
  let harness: QueueHarness
  let database: TestDatabase
  beforeEach(async () => {
    harness = await QueueHarness.create(dialect)
    database = harness.database
  })
  afterEach(async () => {
    await harness.end()
    expect(harness.errors).toEqual([])
  })
  const dispatcher = (options?: QueueOptions): Promise<Dispatcher> => harness.dispatcher(options)
  const put = (to: Dispatcher, one: WorkItem): Promise<void> => harness.put(to, one)
  const release = (from: Dispatcher, claim: Claim, nextAtMs: number | null = null): Promise<boolean> =>
    harness.release(from, claim, nextAtMs)

  it('works on what is put in, once', async () => {
    const queue = await dispatcher()
    const seen: string[] = []
    await start(queue, async (claim) => {
      seen.push(claim.key)
      await release(queue, claim)
    })
    for (const key of ['a', 'b', 'c']) await put(queue, item(key))
    await eventually(() => expect(seen.toSorted()).toEqual(['a', 'b', 'c']))
    await sleep(400)
    expect(seen).toHaveLength(3)
  })

  it('knows nothing of work whose transaction was undone', async () => {
    const queue = await dispatcher()
    const seen: string[] = []
    await start(queue, async (claim) => {
      seen.push(claim.key)
      await release(queue, claim)
    })
    const undone = database.db.write(async function undone(tx) {
      await queue.enqueue(tx, item('never'))
      throw new Error('no')
    })
    await expect(undone).rejects.toThrow('no')
    await put(queue, item('yes'))
    await eventually(() => expect(seen).toEqual(['yes']))
  })

  it('gives one key to one worker at a time, however many there are and however often it is asked for', async () => {
    const queues = [await dispatcher(), await dispatcher()]
    let atOnce = 0
    let most = 0
    let looks = 0
    const work =
      (queue: Dispatcher): Handler =>
      async (claim) => {
        do {
          atOnce++
          looks++
          most = Math.max(most, atOnce)
          await sleep(30)
          atOnce--
        } while (!(await release(queue, claim)))
      }
    for (const queue of queues) await start(queue, work(queue))
    for (let time = 0; time < 20; time++) {
      await put(queues[time % 2] as Dispatcher, item('same'))
      await sleep(10)
    }
    const last = looks
    await put(queues[0] as Dispatcher, item('same'))
    await eventually(() => expect(looks).toBeGreaterThan(last))
    expect(most).toBe(1)
  })

  it('is looked at again by its holder when it is asked for meanwhile', async () => {
    const queue = await dispatcher()
    const answers: boolean[] = []
    await start(queue, async (claim) => {
      for (;;) {
        if (answers.length === 0) {
          await put(queue, item('k'))
          await sleep(500)
        }
        const released = await release(queue, claim)
        answers.push(released)
        if (released) return
      }
    })
    await put(queue, item('k'))
    await eventually(() => expect(answers).toEqual([false, true]))
  })

  it('waits until its time', async () => {
    const queue = await dispatcher()
    const startMs = systemClock.nowMs()
    const seen: number[] = []
    await start(queue, async (claim) => {
      seen.push(systemClock.nowMs() - startMs)
      await release(queue, claim, seen.length === 1 ? systemClock.nowMs() + 700 : null)
    })
    await put(queue, item('later', { runAtMs: startMs + 600 }))
    await eventually(() => expect(seen).toHaveLength(2))
    expect(seen[0]).toBeGreaterThanOrEqual(590)
    expect((seen[1] ?? 0) - (seen[0] ?? 0)).toBeGreaterThanOrEqual(690)
  })

  it('refuses the writes of a worker whose lease another has taken', async () => {
    const slow = await dispatcher({ leaseMs: 30_000 })
    let held: Claim | undefined
    await start(slow, async (claim, signal) => {
      held = claim
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    await put(slow, item('k'))
    await eventually(() => expect(held).toBeDefined())
    const claim = held as Claim
    const { statement } = await import('#db/statement.ts')
    const steal = statement((q, p: { key: string }) =>
      q.updateTable('work_item').set({ token: 'another' }).where('key', '=', p.key),
    )
    await database.db.write((tx) => confirmClaim(tx, claim))
    await database.db.write((tx) => steal.run(tx, { key: 'k' }))
    await expect(database.db.write((tx) => confirmClaim(tx, claim))).rejects.toThrow(LeaseLostError)
    await expect(release(slow, claim)).rejects.toThrow(LeaseLostError)
  })

  it('tries again what a handler threw at', async () => {
    const queue = await dispatcher()
    let tries = 0
    await start(queue, async (claim) => {
      if (++tries === 1) throw new Error('first time')
      await release(queue, claim)
    })
    await put(queue, item('k'))
    await eventually(() => expect(tries).toBe(2))
    expect(harness.errors).toMatchObject([{ message: 'first time' }])
    harness.errors = []
  })
})
