import { afterEach, describe, expect, test } from 'vitest'
import { admitSender } from '#core/accounts/admit.ts'
import { attachIdentity, listIdentities, rememberPrivateConversation } from '#core/accounts/identities.ts'
import { DIALECTS } from '../../support/database.ts'
import { createWorld, type World, type WorldOptions } from '../../support/world.ts'
import { accountsIn, createPerson, eventsOf, refusalOf } from './people.ts'

describe.each(DIALECTS)('who sends a message on %s', (dialect) => {
  let world: World
  afterEach(() => world.end())

  const open = async (access: 'open' | 'invite', options: WorldOptions = {}): Promise<void> => {
    world = await createWorld(dialect, { settings: { access }, ...options })
  }
  const zoe = { channel: 'telegram', externalId: '7', name: 'Zoë', handle: 'zoe_x' }

  test('by invitation, strangers stay strangers and leave nothing behind', async () => {
    await open('invite')
    expect(await admitSender(world.core, zoe)).toBeUndefined()
    expect(await accountsIn(world.core.db)).toEqual([])
  })

  test('in the open, a stranger becomes an account and stays it', async () => {
    await open('open')
    const account = await admitSender(world.core, zoe)
    expect(account).toMatchObject({ handle: 'zoe_x', displayName: 'Zoë', platformRole: 'user' })
    expect((await admitSender(world.core, zoe))?.id).toBe(account?.id)
    expect((await admitSender(world.core, { ...zoe, channel: 'slack' }))?.handle).toBe('zoe_x-2')
  })

  test('thirty first messages at once make one account; thirty people of one name thirty', async () => {
    await open('open')
    const same = await Promise.all(Array.from({ length: 30 }, () => admitSender(world.core, zoe)))
    expect(new Set(same.map((account) => account?.id)).size).toBe(1)
    expect(await accountsIn(world.core.db)).toHaveLength(1)
    const people = Array.from({ length: 30 }, (_, index) => ({ ...zoe, externalId: `p${index}` }))
    const handles = await Promise.all(people.map(async (person) => (await admitSender(world.core, person))?.handle))
    expect(new Set(handles).size).toBe(30)
  })

  test('a nameless stranger is called by the handle they get', async () => {
    await open('open')
    const account = await admitSender(world.core, { channel: 'telegram', externalId: '9', name: ' \u0007 ' })
    expect(account).toMatchObject({ handle: 'user', displayName: 'user' })
  })

  test('where somebody can be written to alone, and their new name, are remembered', async () => {
    await open('open')
    const account = await admitSender(world.core, { ...zoe, privateConversation: '7' })
    const accountId = account?.id ?? ''
    await admitSender(world.core, { ...zoe, name: 'Zoë Z' })
    const [identity] = await listIdentities(world.core.db, accountId)
    expect(identity).toMatchObject({ name: 'Zoë Z', privateConversation: '7' })
    const moved = { channel: 'telegram', externalId: '7', conversation: '77' }
    for (let count = 0; count < 3; count++) await rememberPrivateConversation(world.core, moved)
    expect(await listIdentities(world.core.db, accountId)).toMatchObject([{ name: 'Zoë Z', privateConversation: '77' }])
    await rememberPrivateConversation(world.core, { ...moved, externalId: 'nobody' })
    const events = await eventsOf(world.core.db, accountId)
    expect(events.filter((type) => type === 'identity.refreshed')).toHaveLength(2)
  })

  test('an identity belongs to one account', async () => {
    await open('invite')
    const anna = await createPerson(world.core, 'anna')
    const ben = await createPerson(world.core, 'ben')
    const attach = (accountId: string) =>
      world.core.db.write(async function attach(tx) {
        await attachIdentity(tx, accountId, zoe, 1)
      })
    await attach(anna.accountId)
    expect(await refusalOf(attach(ben.accountId))).toBe('conflict: This Telegram account already belongs to somebody.')
    expect((await admitSender(world.core, zoe))?.handle).toBe('anna')
  })
})
