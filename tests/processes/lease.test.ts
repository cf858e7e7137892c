import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDatabase, DIALECTS, type TestDatabase } from '#tests/support/database.ts'
import { freezeAndThaw, killAndTakeOver } from './dead-and-frozen.ts'

/** Of a holder that died, its work is with another this long after its lease ended, at most. */
const AFTER_LEASE_MS = 2_000

describe.each(DIALECTS)('a worker process on %s', { timeout: 90_000 }, (dialect) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createDatabase(dialect)
  })
  afterEach(() => database.drop())

  it('that slept for three leases writes nothing of what another has done meanwhile, a hundred times of a hundred', async () => {
    const fenced = await freezeAndThaw(database, 100, 1_500)
    expect(fenced.written).toBe(0)
    expect(fenced.refused).toBeGreaterThanOrEqual(100)
    expect(new Set(fenced.executedBy)).toEqual(new Set(['the heir']))
    expect(fenced.successes).toEqual(Array.from({ length: 100 }, () => 1))
    expect(fenced.ledger).toMatchObject({ sound: true, differences: [] })
  })

  it('that was killed is followed by another within its lease and two seconds', async () => {
    const leaseMs = 1_500
    expect(await killAndTakeOver(database, leaseMs)).toBeLessThan(leaseMs + AFTER_LEASE_MS)
  })
})
