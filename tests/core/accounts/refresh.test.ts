import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readAccessToken, signAccessToken } from '#core/accounts/access-token.ts'
import { refreshSession } from '#core/accounts/refresh.ts'
import { createSession, sessionById } from '#core/accounts/sessions.ts'
import { sweepCredentials } from '#core/accounts/sweep.ts'
import type { Actor } from '#core/actor.ts'
import { query } from '#db/statement.ts'
import { TestClock } from '../../support/clock.ts'
import { DIALECTS } from '../../support/database.ts'
import { createWorld, type World } from '../../support/world.ts'
import { createPerson, eventsOf, refusalOf } from './people.ts'

const DAY_MS = 24 * 3_600_000

describe.each(DIALECTS)('refresh tokens on %s', (dialect) => {
  let world: World
  let clock: TestClock
  let anna: Actor
  beforeEach(async () => {
    clock = new TestClock()
    world = await createWorld(dialect, { clock })
    anna = await createPerson(world.core, 'anna', 'telegram')
  })
  afterEach(async () => {
    expect(world.errors).toEqual([])
    await world.end()
  })

  const begin = () => createSession(world.core, anna.accountId, { by: 'test', holds: 'tokens' })
  const refresh = async (token: string) => (await refreshSession(world.core, token)).refreshToken
  const isOpen = async (id: string) =>
    (await sessionById(world.core.db, { id, accountId: anna.accountId }, clock.nowMs())) !== undefined
  const told = async () =>
    (await query(world.core.db, (q) => q.selectFrom('notification').select('type'))).map(({ type }) => type)

  test('each is used once and gives the next', async () => {
    const { id, token } = await begin()
    let current = token
    const seen = new Set([current])
    for (let time = 0; time < 5; time++) {
      clock.advance(15 * 60_000)
      current = await refresh(current)
      seen.add(current)
    }
    expect(seen.size).toBe(6)
    expect(await isOpen(id)).toBe(true)
    const stored = JSON.stringify(await query(world.core.db, (q) => q.selectFrom('refresh_token').selectAll()))
    for (const one of seen) expect(stored).not.toContain(one)
  })

  test('twenty at the same moment are one family, and all hold the same next one', async () => {
    for (let round = 0; round < 5; round++) {
      const { id, token } = await begin()
      const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(token)))
      expect(new Set(answers).size).toBe(1)
      expect(await isOpen(id)).toBe(true)
      const rows = await query(world.core.db, (q) =>
        q.selectFrom('refresh_token').select('generation').where('session_id', '=', id).orderBy('generation'),
      )
      expect(rows.map(({ generation }) => generation)).toEqual([0, 1])
      expect(await refresh(answers[0] ?? '')).not.toBe(answers[0])
    }
    expect(await told()).toEqual([])
  })

  test('the one before is good for ten seconds, and no longer', async () => {
    const early = await begin()
    const next = await refresh(early.token)
    clock.advance(10_000)
    expect(await refresh(early.token)).toBe(next)
    clock.advance(1)
    expect(await refusalOf(refresh(early.token))).toMatch(/^unauthorized: /)
    expect(await isOpen(early.id)).toBe(false)
    expect(await refusalOf(refresh(next))).toMatch(/^unauthorized: /)
  })

  test('one that is two behind ends the session at once, says so in the events and to its person', async () => {
    const { id, token } = await begin()
    const second = await refresh(token)
    const third = await refresh(second)
    expect(await refusalOf(refresh(token))).toMatch(/^unauthorized: /)
    expect(await isOpen(id)).toBe(false)
    for (const dead of [token, second, third]) expect(await refusalOf(refresh(dead))).toMatch(/^unauthorized: /)
    const events = await eventsOf(world.core.db, anna.accountId)
    expect(events.filter((type) => type === 'session.token_reused')).toHaveLength(1)
    expect(await told()).toEqual(['security'])
  })

  test('a thief and the owner who come at once with an old one end it once', async () => {
    const { id, token } = await begin()
    const last = await refresh(await refresh(token))
    const outcomes = await Promise.allSettled([...Array.from({ length: 10 }, () => refresh(token)), refresh(last)])
    expect(outcomes.slice(0, 10).every(({ status }) => status === 'rejected')).toBe(true)
    expect(await isOpen(id)).toBe(false)
    const events = await eventsOf(world.core.db, anna.accountId)
    expect(events.filter((type) => type === 'session.token_reused')).toHaveLength(1)
  })

  test('a session ends after thirty days, however often it was refreshed, and its tokens are swept away', async () => {
    const { token } = await begin()
    let current = token
    for (let day = 0; day < 29; day++) {
      clock.advance(DAY_MS)
      current = await refresh(current)
    }
    clock.advance(DAY_MS)
    expect(await refusalOf(refresh(current))).toMatch(/^unauthorized: /)
    clock.advance(1)
    await sweepCredentials(world.core)
    expect(await query(world.core.db, (q) => q.selectFrom('refresh_token').select('hash'))).toEqual([])
  })

  test('a cookie is no refresh token, and a refresh token no cookie', async () => {
    const browser = await createSession(world.core, anna.accountId, { by: 'test' })
    expect(await refusalOf(refresh(browser.token))).toMatch(/^unauthorized: /)
    expect(await refusalOf(refresh('nonsense'))).toMatch(/^unauthorized: /)
    const { token } = await begin()
    const hashes = await query(world.core.db, (q) => q.selectFrom('session').select('hash'))
    expect(JSON.stringify(hashes)).not.toContain(token)
  })

  test('an access token works for a quarter of an hour to the second', async () => {
    const claims = { accountId: anna.accountId, sessionId: (await begin()).id }
    const { token, expiresAtMs } = await signAccessToken(world.core, claims)
    expect(await readAccessToken(world.core, token)).toEqual(claims)
    clock.advance(expiresAtMs - clock.nowMs() - 1)
    expect(await readAccessToken(world.core, token)).toEqual(claims)
    clock.advance(1)
    expect(await readAccessToken(world.core, token)).toBeUndefined()
  })
})
