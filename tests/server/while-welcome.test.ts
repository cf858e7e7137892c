import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiKey, revokeApiKey } from '#core/accounts/api-keys.ts'
import { createSession, endSessionById } from '#core/accounts/sessions.ts'
import type { Core } from '#core/core.ts'
import { executor } from '#db/db.ts'
import { whileWelcome } from '#server/auth/while-welcome.ts'
import type { Principal } from '#server/env.ts'
import { createPerson } from '#tests/core/accounts/people.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'

const STREAMS = 1_000

describe.each(DIALECTS)('a thousand open streams, on %s', (dialect) => {
  let world: World
  let reads = 0
  beforeAll(async () => {
    world = await createWorld(dialect)
  })
  afterAll(() => world.end())

  /** The real core, with its reads counted. */
  const counting = (): Core => {
    const real = world.core.db[executor]
    const counted = new Proxy(real, {
      get(target, name) {
        const value = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...values: unknown[]) => {
          reads++
          return value.apply(target, values)
        }
      },
    })
    const db = new Proxy(world.core.db, {
      get: (target, name) => (name === executor ? counted : Reflect.get(target, name)),
    })
    return { ...world.core, db }
  }

  it('are looked at together, and those end whose session or key does', async () => {
    const core = counting()
    const { accountId } = await createPerson(world.core, 'anna', 'telegram')
    const account = { id: accountId } as Principal['account']
    const ended = new Set<string>()
    const leave: (() => void)[] = []
    const listen = (by: Principal['by']): void => {
      const c = { get: () => ({ account, by }) }
      leave.push(whileWelcome(core, c as never, () => ended.add(by.id)))
    }
    const sessions = await Promise.all(
      Array.from({ length: 3 }, () => createSession(world.core, accountId, { by: 'test' })),
    )
    const keys = await Promise.all(
      Array.from({ length: 3 }, () =>
        createApiKey(world.core, accountId, { name: 'test', scopes: [], expiresAtMs: null }),
      ),
    )
    for (let index = 0; index < STREAMS; index++) {
      const session = sessions[index % 3]
      const key = keys[index % 3]
      if (session && index % 2) listen({ type: 'session', id: session.id, via: 'cookie' })
      else if (key) listen({ type: 'key', id: key.id, scopes: [] })
    }
    reads = 0
    await endSessionById(world.core, accountId, sessions[0]?.id ?? '')
    await revokeApiKey(world.core, accountId, keys[0]?.id ?? '')
    await eventually(() => expect([...ended].sort()).toEqual([sessions[0]?.id, keys[0]?.id].sort()))
    // A look is a statement for the sessions and one for the keys; each of a thousand streams asking for itself would be thousands.
    expect(reads).toBeGreaterThan(0)
    expect(reads).toBeLessThan(STREAMS / 10)
    for (const go of leave) go()
    const after = reads
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    expect(reads).toBe(after)
  })
})
