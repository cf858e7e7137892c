import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { isLeaseFree } from '#core/leases/lease.ts'
import { createTeam } from '#core/teams/create.ts'
import { keepSwept } from '#core/upkeep.ts'
import { insertIdempotent } from '#db/idempotency.ts'
import { query } from '#db/statement.ts'
import { TestClock } from '#tests/support/clock.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { newPerson, withKey } from './economy/people.ts'

const HOUR_MS = 3_600_000
const WEEK_MS = 7 * 24 * HOUR_MS

describe.each(DIALECTS)('upkeep on %s', (dialect) => {
  let clock: TestClock
  let world: World
  let stop: AbortController
  let actor: Actor

  beforeEach(async () => {
    clock = new TestClock()
    world = await createWorld(dialect, { clock })
    stop = new AbortController()
    actor = await newPerson(world.core, 'ada')
  })
  afterEach(async () => {
    stop.abort()
    await world.end()
  })

  const keys = async (): Promise<string[]> =>
    (await query(world.core.db, (q) => q.selectFrom('idempotency').select('key').orderBy('key'))).map(({ key }) => key)
  const fill = (name: string, count: number, nowMs: number): Promise<void> =>
    world.core.db.write(async function fillAnswers(tx) {
      for (let number = 0; number < count; number++) {
        await insertIdempotent.run(tx, { key: `${name}${number}`, requestHash: 'x', responseJson: 'null', nowMs })
      }
    })
  const team = async (key: string): Promise<string> =>
    (await createTeam(world.core, withKey(actor, key), { name: 'Acme' })).id
  const begin = () => [0, 1].map(() => keepSwept(world.core, { ttlMs: 30_000, stop: stop.signal }))
  const isFree = () => isLeaseFree(world.core.db, 'upkeep', clock.nowMs())

  it('forgets old answers, however many, keeps the others, and does so again every hour', async () => {
    const nowMs = clock.nowMs()
    await fill('old', 1_234, nowMs - WEEK_MS)
    await fill('kept', 3, nowMs - WEEK_MS + HOUR_MS / 2)
    begin()
    clock.advance(60_000)
    await eventually(async () => expect(await keys()).toEqual(['kept0', 'kept1', 'kept2']), 20_000)
    await eventually(async () => {
      clock.advance(HOUR_MS)
      expect(await keys()).toEqual([])
    })
    expect(world.errors).toEqual([])
  })

  it('still knows a request of yesterday, and takes the same one for a new one when it is too old', async () => {
    await fill('old', 1, clock.nowMs() - WEEK_MS)
    const before = await team('k')
    clock.advance(24 * HOUR_MS)
    begin()
    clock.advance(60_000)
    await eventually(async () => expect(await keys()).toHaveLength(1))
    expect(await team('k')).toBe(before)
    clock.advance(WEEK_MS)
    await eventually(async () => {
      clock.advance(HOUR_MS)
      expect(await keys()).toEqual([])
    })
    expect(await team('k')).not.toBe(before)
  })

  it('ends when it is told to, and leaves nothing held', async () => {
    const running = begin()
    stop.abort()
    await Promise.all(running)
    expect(await isFree()).toBe(true)
  })
})
