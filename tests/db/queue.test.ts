import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '#core/clock.ts'
import { systemIds } from '#core/ids.ts'
import { confirmClaim } from '#db/queue/claims.ts'
import { Dispatcher, type Handler } from '#db/queue/dispatcher.ts'
import { type Claim, LeaseLostError, type WorkItem } from '#db/queue/queue.ts'
import { createWorkStore } from '#db/queue/store.ts'
import { createDatabase, DIALECTS, type TestDatabase } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'

interface QueueOptions {
  leaseMs?: number
  capacity?: number
  perContext?: number
  instance?: number
}

/** What every queue of ours promises, whatever it is made of. */
describe.each(DIALECTS)('work on %s', (dialect) => {
  let database: TestDatabase
  let dispatchers: Dispatcher[]
  let errors: unknown[]
  beforeEach(async () => {
    database = await createDatabase(dialect)
    dispatchers = []
    errors = []
  })
  afterEach(async () => {
    for (const dispatcher of dispatchers) await dispatcher.stop(200)
    for (const dispatcher of dispatchers) await dispatcher.close()
    await database.drop()
    expect(errors).toEqual([])
  })

  async function dispatcher(options: QueueOptions = {}): Promise<Dispatcher> {
    const { db, url } = database
    const { perContext = 64, instance = null } = options
    const onError = (error: unknown): void => void errors.push(error)
    const store = createWorkStore({
      db,
      databaseUrl: url,
      clock: systemClock,
      limits: { perContext, instance },
      newToken: () => systemIds.newSecret(),
      onError,
    })
    const capacity = options.capacity ?? 4
    const made = new Dispatcher({
      db,
      store,
      clock: systemClock,
      capacity: { run: capacity, inbox: capacity, outbox: capacity },
      perContext,
      pollMs: 100,
      ...(options.leaseMs ? { leaseMs: options.leaseMs } : {}),
      onError,
    })
    await made.open()
    dispatchers.push(made)
    return made
  }
  const item = (key: string, more: Partial<WorkItem> = {}): WorkItem => ({
    kind: 'run',
    key,
    runAtMs: systemClock.nowMs(),
    fairGroup: 'g',
    ...more,
  })
  const put = (to: Dispatcher, one: WorkItem): Promise<void> => database.db.write((tx) => to.enqueue(tx, one))
  const release = (from: Dispatcher, claim: Claim, nextAtMs: number | null = null): Promise<boolean> =>
    database.db.write((tx) => from.release(tx, claim, nextAtMs))
  const start = (on: Dispatcher, run: Handler): Promise<void> => on.start({ run, inbox: run, outbox: run })

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

  it('takes turns between groups', async () => {
    const queue = await dispatcher({ capacity: 1 })
    const order: string[] = []
    for (let number = 0; number < 12; number++) await put(queue, item(`flood-${number}`, { fairGroup: 'flood' }))
    await put(queue, item('calm', { fairGroup: 'calm' }))
    await start(queue, async (claim) => {
      order.push(claim.key)
      await release(queue, claim)
    })
    await eventually(() => expect(order).toHaveLength(13))
    expect(order.indexOf('calm')).toBeLessThan(3)
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
    expect(errors).toMatchObject([{ message: 'first time' }])
    errors = []
  })
})
