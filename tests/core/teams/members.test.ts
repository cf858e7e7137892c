import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { teamContext } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { debit } from '#core/economy/debit.ts'
import { getTeam } from '#core/teams/find.ts'
import { inviteMember } from '#core/teams/invitations.ts'
import { leaveTeam, removeMember } from '#core/teams/leave.ts'
import { setLimits } from '#core/teams/limits.ts'
import { addMember, listMembers } from '#core/teams/members.ts'
import { transferOwnership } from '#core/teams/ownership.ts'
import { updateMember } from '#core/teams/update-member.ts'
import { codeOf, give, newPerson, USD, withKey } from '#tests/core/economy/people.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { newCrew } from './people.ts'

describe.each(DIALECTS)('members on %s', (dialect) => {
  let world: World
  let core: Core

  beforeAll(async () => {
    world = await createWorld(dialect, { settings: { welcomeCreditMicros: 0n } })
    core = world.core
  })
  afterAll(() => world.end())

  test('everybody in the team sees who is in it, and what they spent this month', async () => {
    const { teamId, owner, member, viewer, stranger } = await newCrew(core)
    await give(core, teamContext(teamId), 5n * USD)
    await debit(core, member, { accountId: member.accountId, amountUsd: '1.25', description: 'x', teamId })
    const members = await listMembers(core, viewer, { teamId })
    expect(members.map(({ role }) => role)).toEqual(['owner', 'admin', 'member', 'viewer'])
    expect(members[2]).toEqual({
      accountId: member.accountId,
      handle: member.handle,
      displayName: member.handle,
      role: 'member',
      spendingCapUsd: null,
      canInvite: false,
      spentUsd: '1.25',
      joinedAt: expect.stringMatching(/Z$/),
    })
    expect(members[0]).toMatchObject({ accountId: owner.accountId, spentUsd: '0.00' })
    expect(await codeOf(listMembers(core, stranger, { teamId }))).toBe('not_found')
  })

  test('adding somebody twice is one membership, also at once', async () => {
    const { teamId, owner, admin, member, stranger } = await newCrew(core)
    const { accountId } = stranger
    const [one, two] = await Promise.all([
      addMember(core, owner, { teamId, accountId, role: 'viewer' }),
      addMember(core, admin, { teamId, accountId, role: 'viewer' }),
    ])
    expect(one).toEqual(two)
    expect(await addMember(core, owner, { teamId, accountId, role: 'admin' })).toEqual(one)
    expect(await listMembers(core, owner, { teamId })).toHaveLength(5)
    expect(await codeOf(addMember(core, member, { teamId, accountId, role: 'viewer' }))).toBe('forbidden')
    expect(await codeOf(addMember(core, owner, { teamId, accountId: 'acc_none', role: 'viewer' }))).toBe('not_found')
    const another = await newPerson(core, `another-${dialect}`)
    expect(await codeOf(addMember(core, owner, { teamId, accountId: another.accountId, role: 'owner' }))).toBe(
      'forbidden',
    )
  })

  test('roles, caps and rights change for the next action, within one’s own rank', async () => {
    const { teamId, owner, admin, member, viewer } = await newCrew(core)
    const change = (by: typeof owner, of: typeof owner, change: Parameters<typeof updateMember>[2]['change']) =>
      updateMember(core, by, { teamId, accountId: of.accountId, change })
    expect(await codeOf(inviteMember(core, member, { teamId }))).toBe('forbidden')
    expect(await change(admin, member, { canInvite: true, spendingCapUsd: '4' })).toMatchObject({
      role: 'member',
      canInvite: true,
      spendingCapUsd: '4.00',
    })
    expect(await codeOf(inviteMember(core, member, { teamId }))).toBe('none')
    expect(await codeOf(inviteMember(core, member, { teamId, role: 'admin' }))).toBe('forbidden')
    expect(await change(admin, viewer, { role: 'admin' })).toMatchObject({ role: 'admin' })
    expect(await codeOf(change(admin, viewer, { role: 'owner' }))).toBe('forbidden')
    await expect(change(admin, owner, { role: 'member' })).rejects.toMatchObject({
      code: 'forbidden',
      message: 'The owner stays the owner until they hand the team over.',
    })
    expect(await codeOf(change(owner, owner, { role: 'admin' }))).toBe('forbidden')
    expect(await codeOf(change(admin, owner, { spendingCapUsd: '1' }))).toBe('forbidden')
    expect(await change(owner, owner, { spendingCapUsd: '1' })).toMatchObject({ role: 'owner', spendingCapUsd: '1.00' })
    await change(owner, admin, { role: 'viewer' })
    expect(await codeOf(change(admin, member, { canInvite: false }))).toBe('forbidden')
    expect(await change(owner, member, { spendingCapUsd: null })).toMatchObject({
      spendingCapUsd: null,
      canInvite: true,
    })
  })

  test('members leave and are removed; the owner only after handing the team over', async () => {
    const { teamId, name, owner, admin, member, viewer, stranger } = await newCrew(core)
    const remove = (by: typeof owner, of: typeof owner) => removeMember(core, by, { teamId, accountId: of.accountId })
    await expect(leaveTeam(core, owner, { teamId })).rejects.toMatchObject({
      code: 'conflict',
      message: `You own ${name}. Hand it over to another member first, or delete it.`,
    })
    expect(await codeOf(remove(admin, owner))).toBe('forbidden')
    expect(await codeOf(remove(member, viewer))).toBe('forbidden')
    expect(await codeOf(remove(admin, stranger))).toBe('not_found')
    expect(await remove(admin, viewer)).toMatchObject({ teamName: name, handle: viewer.handle })
    expect(await codeOf(getTeam(core, viewer, teamId))).toBe('not_found')
    const leaving = withKey(member, 'bye')
    expect(await leaveTeam(core, leaving, { teamId })).toEqual(await leaveTeam(core, leaving, { teamId }))
    expect(await codeOf(leaveTeam(core, member, { teamId }))).toBe('not_found')

    const handed = await transferOwnership(core, owner, { teamId, accountId: admin.accountId })
    expect(handed).toMatchObject({ role: 'admin' })
    await leaveTeam(core, owner, { teamId })
    expect(await listMembers(core, admin, { teamId })).toMatchObject([{ handle: admin.handle, role: 'owner' }])
    expect(await codeOf(transferOwnership(core, admin, { teamId, accountId: stranger.accountId }))).toBe('not_found')
  })

  test('of two who are handed the team at once, one gets it', async () => {
    for (let repeat = 0; repeat < 10; repeat++) {
      const { teamId, owner, admin, member } = await newCrew(core)
      const hand = (to: typeof owner) => codeOf(transferOwnership(core, owner, { teamId, accountId: to.accountId }))
      expect((await Promise.all([hand(admin), hand(member)])).sort()).toEqual(['forbidden', 'none'])
      const owners = (await listMembers(core, owner, { teamId })).filter(({ role }) => role === 'owner')
      expect(owners).toHaveLength(1)
      expect(owners[0]?.accountId).not.toBe(owner.accountId)
    }
  })

  test('a full team takes nobody more, however many are added at once', async () => {
    const { teamId, owner, admin } = await newCrew(core)
    await setLimits(core, owner, { teamId, limits: { maxMembers: 6 } })
    const people = []
    for (let number = 0; number < 6; number++) people.push(await newPerson(core, `crowd-${dialect}-${number}`))
    const codes = await Promise.all(
      people.map(({ accountId }, number) =>
        codeOf(addMember(core, number % 2 ? owner : admin, { teamId, accountId, role: 'member' })),
      ),
    )
    expect(codes.sort()).toEqual(['limit_reached', 'limit_reached', 'limit_reached', 'limit_reached', 'none', 'none'])
    expect(await listMembers(core, owner, { teamId })).toHaveLength(6)
  })
})
