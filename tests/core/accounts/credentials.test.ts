import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { authenticateKey, createApiKey, findAccountByKey, listApiKeys, revokeApiKey } from '#core/accounts/api-keys.ts'
import { createConsoleLink, signInWithLink } from '#core/accounts/console-link.ts'
import { isKey } from '#core/accounts/key-format.ts'
import { scopesAllow } from '#core/accounts/scopes.ts'
import { createSession, endSession, findSession } from '#core/accounts/sessions.ts'
import { sweepCredentials } from '#core/accounts/sweep.ts'
import type { Actor } from '#core/actor.ts'
import { query } from '#db/statement.ts'
import { TestClock } from '../../support/clock.ts'
import { DIALECTS } from '../../support/database.ts'
import { createWorld, type World } from '../../support/world.ts'
import { createPerson, eventsOf, refusalOf } from './people.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

describe.each(DIALECTS)('credentials on %s', (dialect) => {
  let world: World
  let clock: TestClock
  let anna: Actor
  beforeEach(async () => {
    clock = new TestClock()
    world = await createWorld(dialect, { clock, settings: { publicUrl: 'https://muster.test' } })
    anna = await createPerson(world.core, 'anna', 'telegram')
  })
  afterEach(() => world.end())

  const signedIn = async (token: string) => (await findSession(world.core.db, token, clock.nowMs()))?.account.handle
  const disable = () =>
    world.core.db.write(async function disable(tx) {
      await query(tx, (q) => q.updateTable('account').set({ disabled_at_ms: 1 }).where('id', '=', anna.accountId))
    })

  describe('console links and sessions', () => {
    test('a link signs in once', async () => {
      const { code, url } = await createConsoleLink(world.core, anna)
      expect(url).toBe(`https://muster.test/login?code=${code}`)
      const session = await signInWithLink(world.core, code)
      expect(session.account.handle).toBe('anna')
      expect(session.token.length).toBeGreaterThanOrEqual(43)
      expect(await signedIn(session.token)).toBe('anna')
      expect(await refusalOf(signInWithLink(world.core, code))).toMatch(/^conflict: This link was used already/)
      expect(await refusalOf(signInWithLink(world.core, 'nonsense'))).toMatch(/^not_found: /)
    })

    test('of fifty who use it at once one is signed in', async () => {
      const { code } = await createConsoleLink(world.core, anna)
      const results = await Promise.allSettled(Array.from({ length: 50 }, () => signInWithLink(world.core, code)))
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await query(world.core.db, (q) => q.selectFrom('session').select('hash'))).toHaveLength(1)
    })

    test('it ends after ten minutes, and for a closed account', async () => {
      const late = await createConsoleLink(world.core, anna)
      clock.advance(10 * MINUTE_MS)
      expect(await refusalOf(signInWithLink(world.core, late.code))).toMatch(/^expired: /)
      const { code } = await createConsoleLink(world.core, anna)
      await disable()
      expect(await refusalOf(signInWithLink(world.core, code))).toMatch(/^forbidden: /)
    })

    test('a session lasts thirty days, until it is ended, or until the account is closed', async () => {
      const [one, two, three] = await Promise.all(
        Array.from({ length: 3 }, async () => (await createSession(world.core, anna.accountId, { by: 'test' })).token),
      )
      await endSession(world.core, one ?? '')
      await endSession(world.core, one ?? '')
      expect(await signedIn(one ?? '')).toBeUndefined()
      expect(await signedIn(two ?? '')).toBe('anna')
      clock.advance(30 * DAY_MS - 1)
      expect(await signedIn(two ?? '')).toBe('anna')
      clock.advance(1)
      expect(await signedIn(two ?? '')).toBeUndefined()
      expect(three).not.toBe(two)
      const fresh = await createSession(world.core, anna.accountId, { by: 'test' })
      await disable()
      expect(await signedIn(fresh.token)).toBeUndefined()
      const events = await eventsOf(world.core.db, anna.accountId)
      expect(events.filter((type) => type === 'session.ended')).toHaveLength(1)
    })

    test('secrets are nowhere in the database, and what is over is swept away', async () => {
      const { code } = await createConsoleLink(world.core, anna)
      const { token } = await signInWithLink(world.core, code)
      const { key } = await createApiKey(world.core, anna.accountId, { name: 'ci', scopes: [], expiresAtMs: null })
      for (const table of ['secret_code', 'session', 'api_key', 'event', 'idempotency'] as const) {
        const rows = JSON.stringify(await query(world.core.db, (q) => q.selectFrom(table).selectAll()))
        for (const secret of [code, token, key, key.slice(4, 34)]) expect(rows).not.toContain(secret)
      }
      expect(await sweepCredentials(world.core)).toBe(0)
      clock.advance(31 * DAY_MS)
      expect(await sweepCredentials(world.core)).toBe(2)
    })
  })

  describe('API keys', () => {
    const create = (scopes: string[] = [], expiresAtMs: number | null = null) =>
      createApiKey(world.core, anna.accountId, { name: 'ci', scopes, expiresAtMs })
    const holder = (key: string) => findAccountByKey(world.core.db, key, clock.nowMs())

    test('a key is shown once and stands for its account', async () => {
      const { id, key } = await create(['write', 'read', 'write'])
      expect(key).toMatch(/^mst_[0-9A-Za-z]{36}$/)
      expect(await holder(key)).toMatchObject({ account: { handle: 'anna' }, scopes: ['read', 'write'] })
      const [listed] = await listApiKeys(world.core.db, anna.accountId)
      expect(listed).toMatchObject({ id, name: 'ci', hint: key.slice(-4), revokedAtMs: null, lastUsedAtMs: null })
      expect(await eventsOf(world.core.db, id)).toEqual(['api_key.created'])
    })

    test('a slip in any place is found without the database', async () => {
      const { key } = await create()
      expect(isKey(key)).toBe(true)
      for (let at = 4; at < key.length; at++) {
        const slipped = key.slice(0, at) + (key[at] === 'a' ? 'b' : 'a') + key.slice(at + 1)
        expect(isKey(slipped)).toBe(false)
      }
      for (const other of ['', 'mst_', `${key}x`, `x${key}`, key.toUpperCase()])
        expect(await holder(other)).toBeUndefined()
    })

    test('it ends when it is revoked, expires, or its account is closed', async () => {
      const ben = await createPerson(world.core, 'ben')
      const { id, key } = await create()
      expect(await refusalOf(revokeApiKey(world.core, ben.accountId, id))).toMatch(/^not_found: /)
      await revokeApiKey(world.core, anna.accountId, id)
      await revokeApiKey(world.core, anna.accountId, id)
      expect(await holder(key)).toBeUndefined()
      expect(await eventsOf(world.core.db, id)).toEqual(['api_key.created', 'api_key.revoked'])
      const short = await create([], clock.nowMs() + MINUTE_MS)
      expect(await holder(short.key)).toBeDefined()
      clock.advance(MINUTE_MS)
      expect(await holder(short.key)).toBeUndefined()
      const last = await create()
      await disable()
      expect(await holder(last.key)).toBeUndefined()
    })

    test('its last use is noted at most once a minute', async () => {
      const { key } = await create()
      const lastUse = async () => (await listApiKeys(world.core.db, anna.accountId))[0]?.lastUsedAtMs
      const startMs = clock.nowMs()
      await Promise.all(Array.from({ length: 5 }, () => authenticateKey(world.core, key)))
      expect(await lastUse()).toBe(startMs)
      clock.advance(MINUTE_MS - 1)
      await authenticateKey(world.core, key)
      expect(await lastUse()).toBe(startMs)
      clock.advance(1)
      expect((await authenticateKey(world.core, key))?.account.handle).toBe('anna')
      expect(await lastUse()).toBe(startMs + MINUTE_MS)
    })

    test('scopes narrow what it may do; none is no narrowing', async () => {
      expect(await refusalOf(create(['root']))).toMatch(/^bad_input: There is no scope root/)
      expect(await refusalOf(create([], clock.nowMs()))).toMatch(/^bad_input: /)
      expect(scopesAllow([], 'admin')).toBe(true)
      expect(scopesAllow(['read'], 'write')).toBe(false)
      expect(scopesAllow(['write'], 'read')).toBe(true)
      expect(scopesAllow(['write'], 'admin')).toBe(false)
      expect(scopesAllow(['admin'], 'write')).toBe(true)
    })
  })
})
