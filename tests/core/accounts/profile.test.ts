import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { getMe } from '#core/accounts/me.ts'
import { setPersonalCap, updateProfile } from '#core/accounts/profile.ts'
import type { Actor } from '#core/actor.ts'
import { DIALECTS } from '../../support/database.ts'
import { createWorld, type World } from '../../support/world.ts'
import { addTeam, createPerson, deleteTeam, eventsOf, refusalOf } from './people.ts'

describe.each(DIALECTS)('one’s own account on %s', (dialect) => {
  let world: World
  let anna: Actor
  beforeEach(async () => {
    world = await createWorld(dialect)
    anna = await createPerson(world.core, 'anna')
  })
  afterEach(() => world.end())

  test('shows teams that exist, with the role in each', async () => {
    const acme = await addTeam(world.core, 'Acme', anna.accountId)
    await deleteTeam(world.core, await addTeam(world.core, 'Gone', anna.accountId))
    const me = await getMe(world.core, anna)
    expect(me.teams).toEqual([{ id: acme, name: 'Acme', role: 'owner' }])
    expect(me.account).toMatchObject({ handle: 'anna', monthlyCapMicros: null })
    expect(me.identities).toEqual([])
  })

  test('only what is given changes', async () => {
    const profile = await updateProfile(world.core, anna, { displayName: 'Anna\nB', confirmAboveMicros: 250_000n })
    expect(profile).toMatchObject({ handle: 'anna', displayName: 'Anna B', timeZone: 'UTC', confirmAboveUsd: '0.25' })
    await updateProfile(world.core, anna, { handle: '@Annie', timeZone: 'Europe/Kyiv', confirmAboveMicros: null })
    expect((await getMe(world.core, anna)).account).toMatchObject({
      handle: 'annie',
      displayName: 'Anna B',
      timeZone: 'Europe/Kyiv',
      confirmAboveMicros: null,
    })
  })

  test.each([
    [{ timeZone: 'Mars/Base' }, 'timeZone'],
    [{ timeZone: '+02:00' }, 'timeZone'],
    [{ displayName: ' ' }, 'displayName'],
    [{ displayName: 'x'.repeat(81) }, 'displayName'],
    [{ handle: 'no way' }, 'handle'],
    [{ confirmAboveMicros: -1n }, 'confirmAboveUsd'],
  ])('%o is refused by its field', async (changes, path) => {
    await expect(updateProfile(world.core, anna, changes)).rejects.toMatchObject({
      code: 'bad_input',
      details: { problems: [{ path }] },
    })
  })

  test('a redelivered change changes nothing', async () => {
    const sent = { ...anna, requestKey: 'd1' }
    const first = await updateProfile(world.core, sent, { handle: 'annie' })
    await updateProfile(world.core, anna, { handle: 'anna' })
    expect(await updateProfile(world.core, sent, { handle: 'annie' })).toEqual(first)
    expect((await getMe(world.core, anna)).account.handle).toBe('anna')
    expect(await refusalOf(updateProfile(world.core, sent, { handle: 'anne' }))).toMatch(/^idempotency_key_reused/)
  })

  test('of ten who want one handle at once one gets it, the others hear of a free one', async () => {
    const people = await Promise.all(Array.from({ length: 10 }, (_, index) => createPerson(world.core, `p${index}`)))
    const results = await Promise.allSettled(
      people.map((person) => updateProfile(world.core, person, { handle: 'star' })),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const refusals = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason.message)
    expect(new Set(refusals)).toEqual(new Set(['The handle star is taken; star-2 is free.']))
  })

  test('the own monthly cap is set, lifted, and on record', async () => {
    expect(await setPersonalCap(world.core, anna, { capMicros: 5_000_000n })).toEqual({ capUsd: '5.00' })
    expect((await getMe(world.core, anna)).account.monthlyCapMicros).toBe(5_000_000n)
    expect(await setPersonalCap(world.core, anna, { capMicros: null })).toEqual({ capUsd: null })
    expect(await refusalOf(setPersonalCap(world.core, anna, { capMicros: -1n }))).toMatch(/^bad_input/)
    expect(await eventsOf(world.core.db, anna.accountId)).toEqual([
      'account.created',
      'account.cap_set',
      'account.cap_set',
    ])
  })
})
