import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { updatePreferences } from '#core/accounts/preferences.ts'
import type { Actor } from '#core/actor.ts'
import { teamContext } from '#core/context.ts'
import { createTeam } from '#core/teams/create.ts'
import { deleteTeam } from '#core/teams/delete.ts'
import { inviteMember, revokeInvitation } from '#core/teams/invitations.ts'
import { removeMember } from '#core/teams/leave.ts'
import { addMember } from '#core/teams/members.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createScene, HOUR_MS, type Scene } from './scene.ts'

describe.each(DIALECTS)('what is held back, on %s', (dialect) => {
  let scene: Scene
  let ada: Actor
  beforeEach(async () => {
    scene = await createScene(dialect)
    ada = await scene.person('ada')
  })
  afterEach(async () => {
    expect(scene.world.errors).toEqual([])
    await scene.end()
  })
  /** Quiet from an hour ago until in two hours. */
  const beQuiet = (who = ada) =>
    scene.choose(who, { quietHours: { from: scene.time(-HOUR_MS), to: scene.time(2 * HOUR_MS) } })
  const said = () => scene.said('telegram-ada')
  const states = async () => (await scene.list(ada)).map(({ text, status }) => `${text} ${status}`).sort()
  const workItems = () =>
    query(scene.core.db, (q) => q.selectFrom('work_item').selectAll().where('key', '=', `notify:${ada.accountId}`))

  it('in quiet hours comes when they end, once, however many processes there are', async () => {
    await beQuiet()
    await scene.tell(ada, { text: 'One' })
    await scene.tell(ada, { text: 'Two' })
    await scene.tell(ada, { text: 'Urgent', priority: 'urgent' })
    expect(await said()).toEqual(['Urgent'])
    expect(await states()).toEqual(['One held', 'Two held', 'Urgent out'])
    const [held] = (await scene.list(ada)).filter(({ text }) => text === 'One')
    expect(Date.parse(held?.waitsUntil ?? '')).toBeGreaterThan(scene.clock.nowMs() + HOUR_MS)
    await Promise.all([scene.work(), scene.work(await scene.another()), scene.work(await scene.another())])
    scene.clock.advance(HOUR_MS)
    await scene.tell(ada, { text: 'Three' })
    expect(await said()).toEqual(['Urgent'])
    scene.clock.advance(HOUR_MS)
    await eventually(async () => expect(await said()).toEqual(['Urgent', 'One', 'Two', 'Three']))
    expect(await states()).toEqual(['One out', 'Three out', 'Two out', 'Urgent out'])
    await eventually(async () => expect(await workItems()).toEqual([]))
  })

  it('more than a few at the end of quiet hours are one message', async () => {
    await beQuiet()
    for (const text of ['One', 'Two', 'Three', 'Four']) await scene.tell(ada, { text })
    await scene.work()
    scene.clock.advance(2 * HOUR_MS)
    await eventually(async () =>
      expect(await said()).toEqual(['While it was quiet: 4 things\n\n• One\n• Two\n• Three\n• Four']),
    )
    expect((await scene.list(ada)).map(({ deliveries }) => deliveries.length)).toEqual([1, 1, 1, 1])
  })

  it('for the digest comes in one message at its time, once a day', async () => {
    await scene.choose(ada, { digestAt: scene.time(2 * HOUR_MS) })
    await scene.tell(ada, { type: 'run_ended', text: 'Notes are done.' })
    await scene.tell(ada, { type: 'run_ended', text: 'A page failed.' })
    await scene.tell(ada, { text: 'At once' })
    await scene.work()
    scene.clock.advance(HOUR_MS)
    await scene.tell(ada, { type: 'review_decided', text: '@ben approved it.' })
    expect(await said()).toEqual(['At once'])
    scene.clock.advance(HOUR_MS)
    const digest = 'Your digest: 3 things\n\n• Notes are done.\n• A page failed.\n• @ben approved it.'
    await eventually(async () => expect(await said()).toEqual(['At once', digest]))
    await scene.tell(ada, { type: 'run_ended', text: 'Tomorrow' })
    scene.clock.advance(23 * HOUR_MS)
    expect((await scene.list(ada))[0]).toMatchObject({ text: 'Tomorrow', status: 'held' })
    scene.clock.advance(HOUR_MS)
    await eventually(async () => expect((await said()).at(-1)).toBe('Your digest: one thing\n\n• Tomorrow'))
    expect(await said()).toHaveLength(3)
  })

  it('is told at once by who does not want to wait any more, and waits on for who lives by other clocks', async () => {
    await beQuiet()
    await scene.tell(ada, { text: 'Held' })
    await scene.work()
    await scene.choose(ada, { quietHours: null })
    await eventually(async () => expect(await said()).toEqual(['Held']))
    await scene.choose(ada, { digestAt: scene.time(2 * HOUR_MS) })
    await scene.tell(ada, { type: 'run_ended', text: 'Gathered' })
    await updatePreferences(scene.core, ada, { timeZone: 'Asia/Tokyo' })
    const [gathered] = await scene.list(ada)
    expect(Date.parse(gathered?.waitsUntil ?? '') - scene.clock.nowMs()).toBeGreaterThan(3 * HOUR_MS)
    await scene.choose(ada, { digestAt: null })
    await eventually(async () => expect((await said()).at(-1)).toContain('• Gathered'))
  })

  it('is only listed when its type is turned off meanwhile', async () => {
    await beQuiet()
    await scene.tell(ada, { text: 'Held' })
    await scene.choose(ada, { types: { schedule_missed: { deliver: 'off' } } })
    await scene.work()
    await eventually(async () => expect(await states()).toEqual(['Held listed']))
    expect(await said()).toEqual([])
  })

  it('of a team that one has left is not told, and not to be read either', async () => {
    const owner = await scene.person('owner')
    const { id: teamId } = await createTeam(scene.core, owner, { name: 'Acme' })
    const { id: otherId } = await createTeam(scene.core, owner, { name: 'Other' })
    for (const id of [teamId, otherId]) {
      await addMember(scene.core, owner, { teamId: id, accountId: ada.accountId, role: 'member' })
    }
    await beQuiet()
    const context = teamContext(teamId)
    await scene.tell(ada, { context, text: 'Secret of Acme' })
    await scene.tell(ada, { context: teamContext(otherId), text: 'Secret of the other' })
    await scene.tell(ada, { text: 'Own' })
    await removeMember(scene.core, owner, { teamId, accountId: ada.accountId })
    await deleteTeam(scene.core, owner, { teamId: otherId })
    const texts = async () =>
      (await scene.list(ada)).map(({ text }) => text).filter((text) => !text.includes('put you'))
    expect(await texts()).toEqual(['@owner has taken you out of Acme.', 'Own'])
    // One that was written in the very moment: it is looked at again when it goes out.
    await scene.core.db.write((tx) =>
      query(tx, (q) =>
        q
          .updateTable('notification')
          .set({ context: `team:${teamId}` })
          .where('text', '=', 'Own'),
      ),
    )
    await scene.work()
    scene.clock.advance(2 * HOUR_MS)
    await eventually(async () => expect((await said()).at(-1)).toBe('@owner has taken you out of Acme.'))
    expect((await said()).join('\n')).not.toMatch(/Secret|Own/)
    expect(await texts()).toEqual(['@owner has taken you out of Acme.'])
    await scene.tell(ada, { context, text: 'Later' })
    expect(await texts()).toEqual(['@owner has taken you out of Acme.'])
  })

  it('is over when nothing is left to do about it', async () => {
    const owner = await scene.person('owner')
    const { id: teamId } = await createTeam(scene.core, owner, { name: 'Acme' })
    await beQuiet()
    const { id: invitationId } = await inviteMember(scene.core, owner, { teamId, invitee: '@ada' })
    await revokeInvitation(scene.core, owner, { teamId, invitationId })
    await scene.tell(ada, { text: 'Other' })
    await scene.work()
    scene.clock.advance(2 * HOUR_MS)
    await eventually(async () => expect(await said()).toEqual(['Other']))
    expect(await states()).toEqual(['@owner invites you to Acme, as a member. listed', 'Other out'])
  })

  it('is told whole or not at all: what fails in between is done again', async () => {
    await beQuiet()
    await scene.tell(ada, { text: 'One' })
    await scene.tell(ada, { text: 'Two' })
    // The second cannot be told until it is mended; the first must not go out alone, and then twice.
    const spoil = (parts: string | null) =>
      scene.core.db.write((tx) =>
        query(tx, (q) => q.updateTable('notification').set({ parts_json: parts }).where('text', '=', 'Two')),
      )
    await spoil('not JSON')
    await scene.work()
    scene.clock.advance(2 * HOUR_MS)
    await eventually(() => expect(scene.world.errors.length).toBeGreaterThan(0))
    expect(await said()).toEqual([])
    expect(await states()).toEqual(['One held', 'Two held'])
    await spoil(null)
    scene.clock.advance(10_000)
    await eventually(async () => expect(await said()).toEqual(['One', 'Two']))
    scene.world.errors.splice(0)
  })
})
