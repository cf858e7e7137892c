import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { admitSender } from '#core/accounts/admit.ts'
import { createApiKey } from '#core/accounts/api-keys.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { findAccountByIdentity, listIdentities } from '#core/accounts/identities.ts'
import { enterLink, type LinkEntry, startLink } from '#core/accounts/link.ts'
import { confirmLink, declineLink } from '#core/accounts/link-answer.ts'
import { createSession, findSession } from '#core/accounts/sessions.ts'
import type { Actor } from '#core/actor.ts'
import { personal } from '#core/context.ts'
import { moveMoney } from '#core/economy/ledger.ts'
import { query } from '#db/statement.ts'
import { TestClock } from '../../support/clock.ts'
import { DIALECTS } from '../../support/database.ts'
import { createWorld, type World } from '../../support/world.ts'
import { accountsIn, actorOf, addTeam, createPerson, eventsOf, refusalOf } from './people.ts'

const MINUTE_MS = 60_000

describe.each(DIALECTS)('joining identities on %s', (dialect) => {
  let world: World
  let clock: TestClock
  let anna: Actor
  beforeEach(async () => {
    clock = new TestClock()
    world = await createWorld(dialect, { clock, settings: { access: 'open' } })
    anna = await createPerson(world.core, 'anna', 'web')
    clock.advance(MINUTE_MS)
  })
  afterEach(() => world.end())

  const telegram = { channel: 'telegram', externalId: '7', name: 'Anna B', conversation: '7', isPrivate: true }
  const start = async (actor = anna) => (await startLink(world.core, actor, { conversation: 'web:1' })).code
  const enter = (code: string, who: Omit<LinkEntry, 'code'> = telegram) => enterLink(world.core, { ...who, code })
  const ownerOf = async (who: { channel: string; externalId: string } = telegram) =>
    (await findAccountByIdentity(world.core.db, who.channel, who.externalId))?.handle

  test('a code typed on the other channel and a yes on the first make one person of both', async () => {
    const code = await start()
    expect(code).toMatch(/^[2-9A-HJKMNP-TV-Z]{8}$/)
    const question = await enter(`${code.slice(0, 4).toLowerCase()}-${code.slice(4)} `)
    expect(question).toMatchObject({
      account: { handle: 'anna' },
      askIn: { channel: 'web', conversation: 'web:1' },
    })
    expect(await ownerOf()).toBeUndefined()
    const joined = await confirmLink(world.core, anna, question.confirmToken)
    expect(joined).toEqual({ channel: 'telegram', externalId: '7', name: 'Anna B' })
    expect(await ownerOf()).toBe('anna')
    expect(await listIdentities(world.core.db, anna.accountId)).toMatchObject([{ privateConversation: '7' }])
    expect(await eventsOf(world.core.db, anna.accountId)).toEqual([
      'account.created',
      'link.started',
      'link.entered',
      'identity.attached',
    ])
  })

  test('a yes that is delivered again changes nothing; pressed again it is refused', async () => {
    const { confirmToken } = await enter(await start())
    const pressed = { ...anna, requestKey: 'delivery-1' }
    const first = await confirmLink(world.core, pressed, confirmToken)
    expect(await confirmLink(world.core, pressed, confirmToken)).toEqual(first)
    expect(await refusalOf(confirmLink(world.core, anna, confirmToken))).toMatch(/^conflict: .*used already/)
    const events = await eventsOf(world.core.db, anna.accountId)
    expect(events.filter((type) => type === 'identity.attached')).toHaveLength(1)
  })

  test('a no ends it', async () => {
    const code = await start()
    const { confirmToken } = await enter(code)
    await declineLink(world.core, anna, confirmToken)
    expect(await refusalOf(confirmLink(world.core, anna, confirmToken))).toMatch(/^conflict: /)
    expect(await ownerOf()).toBeUndefined()
  })

  test('only the side that asked can answer, on its channel', async () => {
    const ben = await createPerson(world.core, 'ben', 'web')
    const { confirmToken } = await enter(await start())
    expect(await refusalOf(confirmLink(world.core, ben, confirmToken))).toMatch(/^not_found: /)
    expect(await refusalOf(confirmLink(world.core, { ...anna, channel: 'slack' }, confirmToken))).toMatch(
      /^not_found: /,
    )
    await confirmLink(world.core, anna, confirmToken)
  })

  test('codes end after ten minutes and one use, and are nobody else’s after that', async () => {
    const used = await start()
    await enter(used)
    const other = { ...telegram, externalId: '8' }
    expect(await refusalOf(enter(used, other))).toMatch(/^conflict: This code was used already/)
    expect(await refusalOf(enter('ABCD2345'))).toMatch(/^not_found: This code is not known/)
    const old = await start()
    const { confirmToken } = await enter(await start())
    clock.advance(10 * MINUTE_MS)
    expect(await refusalOf(enter(old))).toMatch(/^expired: /)
    expect(await refusalOf(confirmLink(world.core, anna, confirmToken))).toMatch(/^expired: /)
  })

  test('the same person may enter the code again: what was sent the first time may be lost', async () => {
    const code = await start()
    await enter(code)
    const again = await enter(code)
    await confirmLink(world.core, anna, again.confirmToken)
    expect(await refusalOf(enter(code))).toBe('conflict: You are known here already: this Telegram account is yours.')
  })

  test('one’s own code is refused', async () => {
    const code = await start()
    const web = { channel: 'web', externalId: anna.accountId, name: 'Anna', conversation: 'web:1' }
    expect(await refusalOf(enter(code, web))).toMatch(/^conflict: This is your own code/)
  })

  test('a signed-in account is no identity to be taken: it says how to go the other way', async () => {
    const zoe = await admitSender(world.core, { channel: 'telegram', externalId: '9', name: 'Zoe' })
    if (!zoe) throw new Error('not admitted')
    const code = await start(actorOf(zoe, 'telegram'))
    const web = { channel: 'web', externalId: anna.accountId, name: 'Anna', conversation: 'web:1' }
    expect(await refusalOf(enter(code, web))).toMatch(/^conflict: .*send the code to me on Telegram/)
  })

  test('two who enter one code at once: one is asked about', async () => {
    const code = await start()
    const people = Array.from({ length: 20 }, (_, index) => ({ ...telegram, externalId: `p${index}` }))
    const results = await Promise.allSettled(people.map((person) => enter(code, person)))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('two accounts that want one identity at once: one gets it', async () => {
    const ben = await createPerson(world.core, 'ben', 'web')
    const [one, two] = [await enter(await start()), await enter(await start(ben))]
    const results = await Promise.allSettled([
      confirmLink(world.core, anna, one.confirmToken),
      confirmLink(world.core, ben, two.confirmToken),
    ])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const identities = await query(world.core.db, (q) => q.selectFrom('identity').select('account_id'))
    expect(identities).toHaveLength(1)
  })

  test('after ten wrong codes an identity waits, even with a right one; others do not', async () => {
    const code = await start()
    for (let count = 0; count < 10; count++) expect(await refusalOf(enter('WRNG2345'))).toMatch(/^not_found: /)
    expect(await refusalOf(enter(code))).toMatch(/^too_many_requests: /)
    expect(await refusalOf(enter('WRNG2345', { ...telegram, externalId: '8' }))).toMatch(/^not_found: /)
    clock.advance(10 * MINUTE_MS)
    await enter(await start())
  })

  describe('when the other side has an account already', () => {
    const admitted = async () => {
      const account = await admitSender(world.core, telegram)
      if (!account) throw new Error('not admitted')
      return account
    }

    test('an account nobody used is closed and its handle free', async () => {
      const other = await admitted()
      const session = await createSession(world.core, other.id, { by: 'test' })
      const { confirmToken } = await enter(await start())
      await confirmLink(world.core, anna, confirmToken)
      expect(await ownerOf()).toBe('anna')
      expect(await findSession(world.core.db, session.token, clock.nowMs())).toBeUndefined()
      expect(await accountsIn(world.core.db)).not.toContain('anna-b')
      expect(await eventsOf(world.core.db, other.id)).toContain('account.closed')
      expect((await admitSender(world.core, telegram))?.id).toBe(anna.accountId)
    })

    test.each<[string, (accountId: string) => Promise<unknown>]>([
      ['is in a team', (id) => addTeam(world.core, 'Acme', id)],
      ['has API keys', (id) => createApiKey(world.core, id, { name: 'ci', scopes: [], expiresAtMs: null })],
      ['has money', (id) => fund(id)],
      ['is known on another channel too', (id) => know(id)],
    ])('one that %s is left alone, and the refusal says so', async (reason, use) => {
      const other = await admitted()
      const code = await start()
      const { confirmToken } = await enter(code)
      await use(other.id)
      expect(await refusalOf(confirmLink(world.core, anna, confirmToken))).toMatch(
        new RegExp(`^conflict: This Telegram account belongs to @anna-b, which ${reason}\\.`),
      )
      expect(await refusalOf(enter(await start()))).toContain(reason)
      expect(await ownerOf()).toBe('anna-b')
    })

    test('an account that was there before it got the identity is never taken over', async () => {
      const ben = await createPerson(world.core, 'ben', 'web')
      await confirmLink(world.core, anna, (await enter(await start())).confirmToken)
      expect(await refusalOf(enter(await start(ben)))).toContain('belongs to @anna, which has another way in.')
    })

    test('an admin is never taken over', async () => {
      const boss = await createAccountByOperator(world.core, { handle: 'boss', admin: true })
      const slack = { channel: 'slack', externalId: 'T1:U1', name: 'Boss', conversation: 'T1:D1' }
      await confirmLink(
        world.core,
        actorOf(boss, 'web'),
        (await enter(await start(actorOf(boss, 'web')), slack)).confirmToken,
      )
      expect(await refusalOf(enter(await start(), slack))).toContain('is an admin of this instance')
    })
  })

  const fund = (accountId: string) =>
    world.core.db.write(async function fundPerson(tx) {
      await moveMoney(tx, {
        id: 'tr_1',
        from: 'platform:funding',
        to: personal(accountId),
        amountMicros: 1n,
        kind: 'fund',
        actor: accountId,
        context: null,
        nowMs: 1,
      })
    })

  async function know(accountId: string): Promise<void> {
    const actor = actorOf({ id: accountId, handle: 'x', platformRole: 'user' }, 'telegram')
    const slack = { channel: 'slack', externalId: 'T1:U1', name: 'A', conversation: 'T1:D1' }
    await confirmLink(world.core, actor, (await enter(await start(actor), slack)).confirmToken)
  }
})
