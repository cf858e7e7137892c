import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { admitSender } from '#core/accounts/admit.ts'
import { claimInstance, ensureClaim } from '#core/accounts/claim.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { query } from '#db/statement.ts'
import { TestClock } from '../../support/clock.ts'
import { DIALECTS } from '../../support/database.ts'
import { createWorld, type World } from '../../support/world.ts'
import { accountsIn, eventsOf, refusalOf } from './people.ts'

const HOUR_MS = 3_600_000

describe.each(DIALECTS)('claiming the instance on %s', (dialect) => {
  let world: World
  const clock = new TestClock()
  beforeEach(async () => {
    world = await createWorld(dialect, { clock, settings: { access: 'open', publicUrl: 'https://muster.test' } })
  })
  afterEach(() => world.end())

  async function offered(): Promise<string> {
    const claim = await ensureClaim(world.core)
    if (!claim) throw new Error('There is nothing to claim')
    expect(claim.url).toBe(`https://muster.test/claim?code=${claim.code}`)
    return claim.code
  }
  const claim = (code: string, handle = 'anna') => claimInstance(world.core, { code, handle, displayName: 'Anna' })
  const identity = { channel: 'telegram', externalId: '7', name: 'Anna B' }

  test('whoever has the code becomes admin; afterwards nothing is offered or accepted', async () => {
    const code = await offered()
    expect(await claim(code)).toMatchObject({ handle: 'anna', platformRole: 'admin' })
    expect(await ensureClaim(world.core)).toBeUndefined()
    expect(await refusalOf(claim(code, 'ben'))).toMatch(/^conflict: This instance has its admin already/)
    expect(await accountsIn(world.core.db)).toEqual(['anna'])
    expect(await eventsOf(world.core.db, 'instance')).toEqual(['instance.claim_offered', 'instance.claimed'])
  })

  test('of two hundred at once one becomes admin', async () => {
    const code = await offered()
    const results = await Promise.allSettled(Array.from({ length: 200 }, (_, index) => claim(code, `anna${index}`)))
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    const refusals = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason.code)
    expect(new Set(refusals)).toEqual(new Set(['conflict']))
    expect(await accountsIn(world.core.db)).toHaveLength(1)
  })

  test('two processes that start at once leave one code that works', async () => {
    const codes = (await Promise.all([ensureClaim(world.core), ensureClaim(world.core)])).map(
      (made) => made?.code ?? '',
    )
    const results = await Promise.allSettled(codes.map((code, index) => claim(code, `anna${index}`)))
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  test('a restart replaces the code, a day ends it, a wrong one is unknown', async () => {
    const first = await offered()
    const second = await offered()
    expect(await refusalOf(claim(first))).toMatch(/^not_found: This code is not known/)
    clock.advance(24 * HOUR_MS)
    expect(await refusalOf(claim(second))).toMatch(/^expired: /)
    expect(await claim(await offered())).toMatchObject({ platformRole: 'admin' })
  })

  test('a refused handle does not use the code up', async () => {
    await createAccountByOperator(world.core, { handle: 'ben', admin: false })
    const code = await offered()
    expect(await refusalOf(claim(code, 'ben'))).toBe('conflict: The handle ben is taken; ben-2 is free.')
    expect(await claim(code, 'ben-2')).toMatchObject({ handle: 'ben-2', platformRole: 'admin' })
  })

  test('through a chat: a stranger gets an account, and the same message again the same answer', async () => {
    const code = await offered()
    const sent = { code, handle: 'Anna_B', displayName: 'Anna B', identity }
    const admin = await claimInstance(world.core, sent)
    expect(admin).toMatchObject({ handle: 'anna_b', platformRole: 'admin' })
    expect(await claimInstance(world.core, sent)).toEqual(admin)
    const other = { ...sent, identity: { ...identity, externalId: '8' } }
    expect(await refusalOf(claimInstance(world.core, other))).toMatch(/^conflict: /)
    expect((await admitSender(world.core, identity))?.id).toBe(admin.id)
  })

  test('through a chat: somebody who has an account becomes admin with it', async () => {
    const code = await offered()
    const before = await admitSender(world.core, identity)
    const admin = await claimInstance(world.core, { code, displayName: 'Anna B', identity })
    expect(admin).toMatchObject({ id: before?.id, platformRole: 'admin' })
    expect(await accountsIn(world.core.db)).toHaveLength(1)
  })

  test('the code itself is nowhere in the database', async () => {
    const code = await offered()
    const rows = await query(world.core.db, (q) => q.selectFrom('secret_code').selectAll())
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(code)
  })
})
