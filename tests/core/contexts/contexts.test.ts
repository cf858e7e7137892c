import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { personal, teamContext } from '#core/context.ts'
import { actorFor } from '#core/contexts/actor-for.ts'
import { contextTitle, type Resolved } from '#core/contexts/resolve.ts'
import { setContext } from '#core/contexts/set.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '../../support/database.ts'
import { createWorld, type World } from '../../support/world.ts'
import { addTeam, createPerson, deleteTeam, eventsOf, leaveTeam, refusalOf, tieChat } from '../accounts/people.ts'

describe.each(DIALECTS)('contexts on %s', (dialect) => {
  let world: World
  let anna: Actor
  let ben: Actor
  let acme: string
  beforeEach(async () => {
    world = await createWorld(dialect)
    anna = await createPerson(world.core, 'anna', 'telegram')
    ben = await createPerson(world.core, 'ben', 'telegram')
    acme = await addTeam(world.core, 'Acme Ltd', anna.accountId)
  })
  afterEach(() => world.end())

  const at = async (conversation?: string, explicit?: string, who = anna): Promise<Resolved> => {
    const question = { accountId: who.accountId, channel: who.channel }
    const more = { ...(conversation ? { conversation } : {}), ...(explicit ? { explicit } : {}) }
    return (await actorFor(world.core, { ...question, ...more })).resolved
  }

  test('nothing said, tied or remembered: personal', async () => {
    expect(await at('g1')).toEqual({ context: personal(anna.accountId), name: 'Personal', why: 'personal' })
  })

  test('what is said goes before the chat’s team, that before what is remembered', async () => {
    const other = await addTeam(world.core, 'Other', anna.accountId)
    await setContext(world.core, anna, 'team Other'.slice(5))
    await tieChat(world.core, 'telegram', 'g1', acme, anna.accountId)
    expect(await at('g2')).toEqual({ context: teamContext(other), name: 'Other', why: 'remembered' })
    expect(await at('g1')).toEqual({ context: teamContext(acme), name: 'Acme Ltd', why: 'linked_chat' })
    expect(await at('g1', 'personal')).toMatchObject({ context: personal(anna.accountId), why: 'explicit' })
    expect(contextTitle(await at('g1'))).toBe('Team Acme Ltd')
  })

  test('a chat’s team holds in its topics, for those who are in it', async () => {
    await tieChat(world.core, 'telegram', 'g1', acme, anna.accountId)
    expect(await at('g1:45')).toMatchObject({ why: 'linked_chat' })
    expect(await at('g11')).toMatchObject({ why: 'personal' })
    expect(await at('g1', undefined, ben)).toMatchObject({ context: personal(ben.accountId), why: 'personal' })
  })

  test.each([
    ['team:acme ltd', true],
    ['TEAM: ACME  LTD ', true],
    ['team:Acme Ltd', true],
    ['team:acme', false],
    ['team/Acme Ltd', false],
    ['team:', false],
    ['acme', false],
  ])('%j said by a member is found: %s', async (explicit, isFound) => {
    if (isFound) expect(await at('g1', explicit)).toMatchObject({ context: teamContext(acme), why: 'explicit' })
    else expect(await refusalOf(at('g1', explicit))).toMatch(/^(not_found|bad_input): /)
  })

  test('ids are found too; others’ teams and persons do not exist', async () => {
    for (const explicit of [`team/${acme}`, `team:${acme}`]) {
      expect(await at(undefined, explicit)).toMatchObject({ name: 'Acme Ltd' })
      expect(await refusalOf(at(undefined, explicit, ben))).toMatch(/^not_found: /)
    }
    expect(await at(undefined, `user/${anna.accountId}`)).toMatchObject({ name: 'Personal', why: 'explicit' })
    expect(await refusalOf(at(undefined, `user/${ben.accountId}`))).toMatch(/^not_found: /)
    expect(await refusalOf(at(undefined, 'team:Acne Ltd'))).toBe(
      'not_found: You are in no team called “Acne Ltd”; did you mean Acme Ltd?',
    )
    expect(await refusalOf(at(undefined, 'team:Acme Ltd', ben))).toBe(
      'not_found: You are in no team called “Acme Ltd”.',
    )
    await deleteTeam(world.core, acme)
    expect(await refusalOf(at(undefined, `team/${acme}`))).toMatch(/^not_found: /)
  })

  test('a name of two teams is refused with their ids', async () => {
    const second = await addTeam(world.core, 'ACME ltd', anna.accountId)
    const refusal = await refusalOf(at(undefined, 'team:acme ltd'))
    expect(refusal).toMatch(/^conflict: /)
    expect(refusal).toContain(acme)
    expect(refusal).toContain(second)
    expect(await at(undefined, `team:${second}`)).toMatchObject({ name: 'ACME ltd' })
  })

  test('letters of any script fold alike', async () => {
    const id = await addTeam(world.core, 'Équipe Ñandú', anna.accountId)
    expect(await at(undefined, 'team:ÉQUIPE ñandú')).toMatchObject({ context: teamContext(id) })
  })

  test('what is set is remembered per person and channel', async () => {
    expect(await setContext(world.core, anna, 'acme ltd')).toEqual({ context: teamContext(acme), name: 'Acme Ltd' })
    expect(await at()).toMatchObject({ why: 'remembered', name: 'Acme Ltd' })
    expect(await at(undefined, undefined, { ...anna, channel: 'slack' })).toMatchObject({ why: 'personal' })
    expect(await refusalOf(setContext(world.core, ben, acme))).toMatch(/^not_found: /)
    expect(await setContext(world.core, anna, 'Personal')).toMatchObject({ name: 'Personal' })
    expect(await at()).toMatchObject({ why: 'personal' })
    const events = await eventsOf(world.core.db, anna.accountId)
    expect(events).toEqual(['account.created', 'context.set', 'context.set'])
  })

  test('a redelivered /setcontext changes nothing', async () => {
    const sent = { ...anna, requestKey: 'd1' }
    const first = await setContext(world.core, sent, 'acme ltd')
    await setContext(world.core, anna, 'personal')
    expect(await setContext(world.core, sent, 'acme ltd')).toEqual(first)
    expect(await at()).toMatchObject({ why: 'personal' })
  })

  test.each([
    ['removed from the team', () => leaveTeam(world.core, acme, anna.accountId)],
    ['the team is deleted', () => deleteTeam(world.core, acme)],
  ])('%s: once told, from then on personal', async (_, lose) => {
    await setContext(world.core, anna, acme)
    await lose()
    expect(await at()).toMatchObject({ context: personal(anna.accountId), fellBack: { teamName: 'Acme Ltd' } })
    expect(await at()).toEqual({ context: personal(anna.accountId), name: 'Personal', why: 'personal' })
    expect(await query(world.core.db, (q) => q.selectFrom('remembered_context').selectAll())).toEqual([])
    expect(await eventsOf(world.core.db, anna.accountId)).toContain('context.fell_back')
  })

  test('the actor is the account as it is now', async () => {
    const acting = { accountId: anna.accountId, channel: 'telegram', requestKey: 'd1' } as const
    expect((await actorFor(world.core, acting)).actor).toEqual({ ...anna, requestKey: 'd1' })
    await world.core.db.write(async function change(tx) {
      await query(tx, (q) => q.updateTable('account').set({ platform_role: 'admin' }).where('id', '=', anna.accountId))
    })
    expect((await actorFor(world.core, acting)).actor.platformRole).toBe('admin')
    await world.core.db.write(async function change(tx) {
      await query(tx, (q) => q.updateTable('account').set({ disabled_at_ms: 1 }).where('id', '=', anna.accountId))
    })
    expect(await refusalOf(actorFor(world.core, acting))).toMatch(/^forbidden: /)
    expect(await refusalOf(actorFor(world.core, { ...acting, accountId: 'acc_x' }))).toMatch(/^unauthorized: /)
  })
})
