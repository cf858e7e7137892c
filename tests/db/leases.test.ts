import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '#core/clock.ts'
import { systemIds } from '#core/ids.ts'
import type { Claim, WorkStore } from '#db/queue/queue.ts'
import { createWorkStore } from '#db/queue/store.ts'
import { createDatabase, DIALECTS, type TestDatabase } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'

const LEASE_MS = 400
const ITEM = { kind: 'run', key: 'run:run_1', fairGroup: 'user:acc_1' } as const

describe.each(DIALECTS)('a lease whose holder died, on %s', (dialect) => {
  let database: TestDatabase
  let stores: WorkStore[]

  const open = async (): Promise<WorkStore> => {
    const store = createWorkStore({
      db: database.db,
      databaseUrl: database.url,
      clock: systemClock,
      limits: { perContext: 64, instance: null },
      newToken: () => systemIds.newSecret(),
      onError: (error) => {
        throw error
      },
    })
    await store.open()
    stores.push(store)
    return store
  }
  const claimOne = (store: WorkStore): Promise<Claim> =>
    eventually(async () => {
      const [claim] = await store.claimDue('run', 10, LEASE_MS)
      if (!claim) throw new Error('Nothing is due')
      return claim
    })
  const putIn = (store: WorkStore): Promise<void> =>
    database.db.write((tx) => store.enqueue(tx, { ...ITEM, runAtMs: systemClock.nowMs() }))

  beforeEach(async () => {
    stores = []
    database = await createDatabase(dialect)
  })
  afterEach(async () => {
    for (const store of stores) await store.close()
    await database.drop()
  })

  it('is found when it ends, although somebody looked in vain before', async () => {
    const [dead, living] = [await open(), await open()]
    await putIn(dead)
    const lost = await claimOne(dead)
    // Another reason to look, while the lease still stands: whoever comes for it leaves it to the holder.
    await putIn(living)
    expect(await living.claimDue('run', 10, LEASE_MS)).toEqual([])
    await living.sweep()
    expect(await living.claimDue('run', 10, LEASE_MS)).toEqual([])

    await sleep(LEASE_MS + 50)
    await living.sweep()
    const found = await claimOne(living)
    expect(found.key).toBe(ITEM.key)
    // The dead one wakes up again and has nothing to say.
    await expect(database.db.write((tx) => dead.release(tx, lost, null))).rejects.toThrow(/lease/)
    expect(await database.db.write((tx) => living.release(tx, found, null))).toBe(true)
  })
})
