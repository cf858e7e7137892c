import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { changeAgent, pauseAgent } from '#core/agents/change.ts'
import { hireAgent } from '#core/agents/hire.ts'
import { worksAgainMs } from '#core/agents/hours.ts'
import { addMemory, editMemory, findMemories, forgetMemory, recallMemory } from '#core/agents/memory.ts'
import { profileOf } from '#core/agents/roles.ts'
import { contextKey, teamContext } from '#core/context.ts'
import { matchOf } from '#core/tasks/match/rules.ts'
import { findTasks } from '#core/tasks/read.ts'
import { createTeam } from '#core/teams/create.ts'
import { addMember } from '#core/teams/members.ts'
import { newPerson, withKey } from '#tests/core/economy/people.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'

describe.each(DIALECTS)('agents on %s', (dialect) => {
  let world: World
  let ada: Actor
  let bob: Actor
  let eve: Actor

  beforeEach(async () => {
    world = await createWorld(dialect)
    const [owner, member, stranger] = await Promise.all(
      ['ada', 'bob', 'eve'].map((name) => newPerson(world.core, name)),
    )
    if (!owner || !member || !stranger) throw new Error('Somebody is missing')
    const { id: teamId } = await createTeam(world.core, owner, { name: 'Acme' })
    await addMember(world.core, owner, { teamId, accountId: member.accountId, role: 'member' })
    ada = { ...owner, context: teamContext(teamId) }
    bob = { ...member, context: teamContext(teamId) }
    eve = stranger
  })
  afterEach(async () => {
    expect(world.errors).toEqual([])
    await world.end()
  })

  it('are hired once by those who may, with a task to begin with', async () => {
    const [first, again] = [
      await hireAgent(world.core, withKey(ada, 'h'), { role: 'support' }),
      await hireAgent(world.core, withKey(ada, 'h'), { role: 'support' }),
    ]
    expect(again.id).toBe(first.id)
    await expect(hireAgent(world.core, bob, { role: 'support' })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(hireAgent(world.core, ada, { role: 'support', name: first.name })).rejects.toMatchObject({
      code: 'conflict',
    })
    const { items } = await findTasks(world.core, ada, { limit: 10 })
    expect(items.map(({ assignee, labels }) => [assignee, labels])).toEqual([[first.id, ['welcome']]])
    expect((await hireAgent(world.core, eve, { role: 'custom' })).context).toEqual(eve.context)
  })

  it('are found by name however it is capitalized, and exactly where that makes a difference', async () => {
    const upper = await hireAgent(world.core, ada, { role: 'analyst', name: 'Max' })
    expect((await pauseAgent(world.core, ada, 'mAX')).id).toBe(upper.id)
    const lower = await hireAgent(world.core, ada, { role: 'analyst', name: 'max' })
    expect((await pauseAgent(world.core, ada, 'max')).id).toBe(lower.id)
    expect((await pauseAgent(world.core, ada, 'Max')).id).toBe(upper.id)
    await expect(pauseAgent(world.core, eve, 'max')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('are changed by who has read them as they are', async () => {
    const { id, etag } = await hireAgent(world.core, ada, { role: 'analyst', name: 'Ann' })
    await expect(changeAgent(world.core, ada, { id, ifMatch: undefined })).rejects.toMatchObject({
      code: 'precondition_required',
    })
    await pauseAgent(world.core, ada, id)
    await expect(changeAgent(world.core, ada, { id, ifMatch: etag, name: 'Sue' })).rejects.toMatchObject({
      code: 'precondition_failed',
    })
    await expect(pauseAgent(world.core, eve, id)).rejects.toMatchObject({ code: 'not_found' })
    const wrong = { workingHours: { hours: { from: '25:00', to: '17:00' }, timeZone: 'Mars/Base', days: [8] } }
    await expect(changeAgent(world.core, ada, { id, ifMatch: '*', profile: wrong })).rejects.toMatchObject({
      details: { problems: [{}, {}, {}] },
    })
    const long = { taskMinutes: -1, reviewMinutes: 100_000 }
    await expect(changeAgent(world.core, ada, { id, ifMatch: '*', profile: long })).rejects.toMatchObject({
      details: { problems: [{ path: 'profile.taskMinutes' }, { path: 'profile.reviewMinutes' }] },
    })
  })

  it('recall for an owner what is theirs, whatever is asked, and nothing of anybody else', async () => {
    const owners: Actor[] = [ada, { ...ada, context: { type: 'user', id: ada.accountId } }, eve]
    for (const [index, owner] of owners.entries()) {
      for (const word of ['invoice', 'printer', 'launch'])
        await addMemory(world.core, owner, `${word} belongs to owner ${index}`)
    }
    await fc.assert(
      fc.asyncProperty(
        fc.nat(2),
        fc.array(fc.constantFrom('invoice', 'printer', 'launch', 'owner', 'belongs')),
        async (index, words) => {
          const recalled = await recallMemory(
            world.core.db,
            contextKey(owners[index]?.context ?? ada.context),
            words.join(' '),
          )
          expect(recalled.filter((text) => !text.endsWith(`owner ${index}`))).toEqual([])
          expect(recalled.length > 0).toBe(words.length > 0)
        },
      ),
      { numRuns: 30 },
    )
    const [mine] = await findMemories(world.core, ada)
    await expect(forgetMemory(world.core, eve, mine?.id ?? '')).rejects.toMatchObject({ code: 'not_found' })
    await expect(editMemory(world.core, eve, { id: mine?.id ?? '', text: 'x' })).rejects.toMatchObject({
      code: 'not_found',
    })
    await forgetMemory(world.core, bob, mine?.id ?? '')
    expect(await findMemories(world.core, ada)).toHaveLength(2)
    expect(await recallMemory(world.core.db, contextKey(eve.context), 'invoice', { characters: 5 })).toEqual([])
  })
})

describe('hours of an agent', () => {
  const at = (iso: string): number => Date.parse(iso)
  const week = { hours: { from: '09:00', to: '17:00' }, timeZone: 'Europe/Berlin', days: [1, 2, 3, 4, 5] }

  it.each([
    ['in them', week, '2026-11-27T10:00:00Z', null],
    ['in the evening of a Friday, until Monday', week, '2026-11-27T17:00:00Z', '2026-11-30T08:00:00.000Z'],
    ['on a Sunday at noon', week, '2026-11-29T11:00:00Z', '2026-11-30T08:00:00.000Z'],
    [
      'in a night shift that began the day before',
      { ...week, hours: { from: '22:00', to: '06:00' }, days: [5] },
      '2026-11-28T03:00:00Z',
      null,
    ],
  ])('%s', (_, hours, now, then) => {
    const againMs = worksAgainMs(hours, at(now))
    expect(againMs === null ? null : new Date(againMs).toISOString()).toBe(then)
  })
})

describe('who fits a task', () => {
  const task = { title: 'Monthly report', description: '', labels: ['data'], needs: [] }

  it('is told by capabilities, with how sure and why', () => {
    expect(matchOf({ role: 'analyst', profile: profileOf('analyst') }, task)).toEqual({
      confidence: 0.75,
      reason: 'data, report',
    })
    expect(matchOf({ role: 'custom', profile: profileOf('custom') }, task)).toBeNull()
  })
})
