import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { freeHandle } from '#core/accounts/handles.ts'
import { personal } from '#core/context.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '../../support/database.ts'
import { createWorld, type World } from '../../support/world.ts'
import { accountsIn, balanceOf, eventsOf, refusalOf } from './people.ts'

describe.each(DIALECTS)('making accounts on %s', (dialect) => {
  let world: World
  beforeEach(async () => {
    world = await createWorld(dialect, { settings: { welcomeCreditMicros: 2_500_000n } })
  })
  afterEach(() => world.end())

  const create = (handle: string) => createAccountByOperator(world.core, { handle, admin: false })

  test('a new account has a wallet with its welcome credit, on record', async () => {
    const anna = await createAccountByOperator(world.core, { handle: '@Anna', displayName: ' Anna  Bee ', admin: true })
    expect(anna).toMatchObject({ handle: 'anna', displayName: 'Anna Bee', platformRole: 'admin', timeZone: 'UTC' })
    expect(await balanceOf(world.core.db, personal(anna.id))).toBe(2_500_000n)
    const [transfer] = await query(world.core.db, (q) => q.selectFrom('transfer').selectAll())
    expect(transfer).toMatchObject({ debit: 'platform:grants', kind: 'grant', reason: 'Welcome credit' })
    expect(await eventsOf(world.core.db, anna.id)).toEqual(['account.created'])
  })

  test('handles follow their rules and a taken one comes with a suggestion', async () => {
    await create('anna')
    await create('anna-2')
    expect(await refusalOf(create('Anna'))).toBe('conflict: The handle anna is taken; anna-3 is free.')
    for (const bad of ['a', 'Änna', 'with space', 'x'.repeat(33), '', 'me']) {
      expect(await refusalOf(create(bad))).toMatch(/^bad_input: /)
    }
    expect(await accountsIn(world.core.db)).toEqual(['anna', 'anna-2'])
  })

  test('twenty at once under one handle make one account and one credit', async () => {
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => create('anna')))
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    const refusals = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason.code)
    expect(new Set(refusals)).toEqual(new Set(['conflict']))
    expect(await query(world.core.db, (q) => q.selectFrom('transfer').select('id'))).toHaveLength(1)
  })

  test.each([
    ['Zoë Müller', 'zoe-muller'],
    ['  @Some_Body ', 'some_body'],
    ['Łukasz Żółć', 'lukasz-zolc'],
    ['Straße', 'strasse'],
    ['ﬁne Ⓐrt', 'fine-art'],
    ['Анна', 'user'],
    ['🙂', 'user'],
    ['', 'user'],
    ['me', 'me-2'],
    ['--x--', 'user'],
    [`${'a'.repeat(31)}-b`, 'a'.repeat(31)],
  ])('the name %j makes the handle %s', async (name, handle) => {
    expect(await freeHandle(world.core.db, name)).toBe(handle)
  })

  test('free handles are numbered on, within their length', async () => {
    const long = 'l'.repeat(32)
    await create(long)
    expect(await freeHandle(world.core.db, long)).toBe(`${'l'.repeat(30)}-2`)
    const handles: string[] = []
    for (let count = 0; count < 12; count++) handles.push((await create(await freeHandle(world.core.db, '王'))).handle)
    expect(handles).toEqual(['user', ...Array.from({ length: 11 }, (_, index) => `user-${index + 2}`)])
  })
})
