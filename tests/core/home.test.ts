import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAccountByOperator } from '#core/accounts/create.ts'
import type { Actor } from '#core/actor.ts'
import { plainText } from '#core/chat/plain.ts'
import { actorFor } from '#core/contexts/actor-for.ts'
import { setContext } from '#core/contexts/set.ts'
import { appendEvents } from '#core/events/append.ts'
import { homeKey } from '#core/home/address.ts'
import { renderHomeCard } from '#core/home/card.ts'
import { HomeKeeper } from '#core/home/keeper.ts'
import { openHome } from '#core/home/open.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { createTeam } from '#core/teams/create.ts'
import { query } from '#db/statement.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'

describe.each(DIALECTS)('homes on %s', (dialect) => {
  let world: World
  let clock: ShiftedClock
  let ann: Actor
  let ben: Actor

  beforeEach(async () => {
    clock = new ShiftedClock()
    world = await createWorld(dialect, { clock })
    await seedShipped(world.core)
    ann = await person('ann')
    ben = await person('ben')
  })

  afterEach(async () => {
    expect(world.errors).toEqual([])
    await world.end()
  })

  async function person(handle: string): Promise<Actor> {
    const { core } = world
    const { id } = await createAccountByOperator(core, { handle, admin: false })
    return (await actorFor(core, { accountId: id, channel: 'slack' })).actor
  }

  const versions = async (): Promise<Record<string, number>> => {
    const rows = await query(world.core.db, (q) =>
      q.selectFrom('outbox').select(['conversation', 'version']).where('card_key', 'is not', null),
    )
    return Object.fromEntries(rows.map(({ conversation, version }) => [conversation, Number(version)]))
  }

  async function withKeeper(work: () => Promise<void>): Promise<void> {
    const keeper = new HomeKeeper(world.core, 'slack')
    try {
      // It has looked once, so that what comes now is news.
      await new Promise((resolve) => setTimeout(resolve, 300))
      await work()
    } finally {
      await keeper.stop()
    }
  }

  test('it says who pays, what waits, and what there is to run, in the context of that channel', async () => {
    const { core } = world
    const team = await createTeam(core, ann, { name: 'Acme' })
    await setContext(core, ann, `team:${team.id}`)
    const parts = (await renderHomeCard(core, homeKey(ann.accountId), 'slack')) ?? []
    expect(plainText(parts)).toContain('Team Acme pays · $')
    expect(plainText(parts)).toContain('Nothing waits for you.')
    const buttons = parts.flatMap((part) => (part.type === 'buttons' ? part.buttons : []))
    expect(buttons.find(({ label }) => label === 'Let me pay')?.command).toBe('/setcontext personal')
    expect(buttons.find(({ command }) => command === '/home run release-notes')).toBeDefined()
    const elsewhere = await renderHomeCard(core, homeKey(ann.accountId), 'telegram')
    expect(plainText(elsewhere ?? [])).toContain('Personal pays')
    expect(plainText((await renderHomeCard(core, homeKey(ben.accountId), 'slack')) ?? [])).not.toContain('Acme')
  })

  test('what somebody does brings their own open home up to date, and nobody else’s', async () => {
    const { core } = world
    await openHome(core, ann, 'home:U1')
    await openHome(core, ben, 'home:U2')
    const before = await versions()
    await withKeeper(async () => {
      await createTeam(core, ann, { name: 'Acme' })
      await eventually(
        async () => expect((await versions())['home:U1']).toBeGreaterThan(before['home:U1'] ?? 0),
        10_000,
      )
    })
    expect((await versions())['home:U2']).toBe(before['home:U2'])
  })

  test('what happens in a team reaches the homes of all who are in it', async () => {
    const { core } = world
    const team = await createTeam(core, ann, { name: 'Acme' })
    await openHome(core, ann, 'home:U1')
    await openHome(core, ben, 'home:U2')
    const before = await versions()
    await withKeeper(async () => {
      await core.db.write(async function somethingHappens(tx) {
        const context = `team:${team.id}`
        await appendEvents(tx, clock.nowMs(), [{ type: 'test', actor: 'system', context, subject: team.id }])
      })
      await eventually(
        async () => expect((await versions())['home:U1']).toBeGreaterThan(before['home:U1'] ?? 0),
        10_000,
      )
    })
    expect((await versions())['home:U2']).toBe(before['home:U2'])
  })

  test('a home that nobody has opened for an hour is left alone until it is opened', async () => {
    const { core } = world
    await openHome(core, ann, 'home:U1')
    await openHome(core, ben, 'home:U2')
    clock.advance(61 * 60_000)
    await openHome(core, ben, 'home:U2')
    const before = await versions()
    await withKeeper(async () => {
      await createTeam(core, ann, { name: 'Acme' })
      await createTeam(core, ben, { name: 'Bees' })
      await eventually(
        async () => expect((await versions())['home:U2']).toBeGreaterThan(before['home:U2'] ?? 0),
        10_000,
      )
    })
    expect((await versions())['home:U1']).toBe(before['home:U1'])
  })

  test('the home of an account that is gone says so, and other cards are none', async () => {
    const { core } = world
    const nobody = await renderHomeCard(core, homeKey('acc_nobody'), 'slack')
    expect(plainText(nobody ?? [])).toContain('does not exist')
    expect(await renderHomeCard(core, 'run:run_1', 'slack')).toBeUndefined()
  })
})
