import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { contextKey, teamContext } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { checkLedger } from '#core/economy/check.ts'
import { setCreditLine } from '#core/economy/credit-line.ts'
import { debit } from '#core/economy/debit.ts'
import { repay } from '#core/economy/fund.ts'
import { placeHold, settleHolds } from '#core/economy/holds.ts'
import { transferOwn } from '#core/economy/transfer-own.ts'
import { balanceOf } from '#core/economy/wallet.ts'
import { createTeam } from '#core/teams/create.ts'
import { deleteTeam } from '#core/teams/delete.ts'
import { findMyTeam, getTeam, listMyTeams, listTeamsOf } from '#core/teams/find.ts'
import { findInvitation, inviteMember } from '#core/teams/invitations.ts'
import { setLimits } from '#core/teams/limits.ts'
import { findLinkedTeam, linkChat, unlinkChat } from '#core/teams/linked-chats.ts'
import { requireSpender } from '#core/teams/spender.ts'
import { updateTeam } from '#core/teams/update.ts'
import { listEventsOf } from '#db/events.ts'
import { codeOf, give, inTeam, newPerson, USD, withKey } from '#tests/core/economy/people.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { type Crew, newCrew } from './people.ts'

describe.each(DIALECTS)('teams on %s', (dialect) => {
  let world: World
  let core: Core
  let root: Actor

  beforeAll(async () => {
    world = await createWorld(dialect, { settings: { welcomeCreditMicros: 0n } })
    core = world.core
    root = await newPerson(core, 'root', 'admin')
  })
  afterAll(() => world.end())

  test('who makes a team owns it, and it has an empty wallet', async () => {
    const actor = await newPerson(core, 'maker')
    const team = await createTeam(core, withKey(actor, 'same'), { name: '  Acme   Rockets ' })
    expect(team).toEqual({
      id: expect.stringMatching(/^team_/),
      name: 'Acme Rockets',
      role: 'owner',
      memberCount: 1,
      limits: { monthlySpendCapUsd: null, maxRunsPerMonth: null, maxMembers: null, maxRunsAtOnce: null },
      confirmAboveUsd: null,
      toolAccess: { mode: 'allow_all', allowed: [], denied: [] },
      notifications: {},
      lowBalanceUsd: [],
      toolDefaults: {},
      createdAt: expect.stringMatching(/Z$/),
    })
    expect(await balanceOf(core.db, teamContext(team.id))).toMatchObject({ balanceUsd: '0.00', availableUsd: '0.00' })
    expect(await createTeam(core, withKey(actor, 'same'), { name: '  Acme   Rockets ' })).toEqual(team)
    expect(await listMyTeams(core, actor)).toHaveLength(1)
    expect(await codeOf(createTeam(core, actor, { name: ' \n ' }))).toBe('bad_input')
    const events = await listEventsOf.all(core.db, { subject: team.id, after: 0, limit: 9 })
    expect(events.map(({ type }) => type)).toEqual(['team.created'])
  })

  test('a team is there for its members alone', async () => {
    const { teamId, viewer, stranger, owner } = await newCrew(core)
    expect(await getTeam(core, viewer, teamId)).toMatchObject({ role: 'viewer', memberCount: 4 })
    for (const actor of [stranger, root]) expect(await codeOf(getTeam(core, actor, teamId))).toBe('not_found')
    expect(await codeOf(listTeamsOf(core, stranger, owner.accountId))).toBe('not_found')
    expect(await listTeamsOf(core, root, owner.accountId)).toMatchObject([{ id: teamId, role: 'owner' }])
  })

  test('one’s own team is found by name whatever the letter case, and by id when the name is not enough', async () => {
    const actor = await newPerson(core, 'finder')
    const one = await createTeam(core, actor, { name: 'Überflieger' })
    const two = await createTeam(core, actor, { name: 'Twins' })
    const three = await createTeam(core, actor, { name: 'twins' })
    expect((await findMyTeam(core.db, actor, ' überFLIEGER ')).id).toBe(one.id)
    await expect(findMyTeam(core.db, actor, 'TWINS')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(new RegExp(`${two.id}.*${three.id}|${three.id}.*${two.id}`)),
    })
    expect((await findMyTeam(core.db, actor, three.id)).name).toBe('twins')
    await expect(findMyTeam(core.db, actor, 'uberfliegr')).rejects.toMatchObject({ code: 'not_found' })
    expect(await codeOf(findMyTeam(core.db, await newPerson(core, 'other'), one.id))).toBe('not_found')
  })

  test('settings are changed in part, by admins, and checked as a whole', async () => {
    const { teamId, admin, member } = await newCrew(core)
    const change = {
      name: 'Renamed',
      confirmAboveUsd: '2.5',
      toolAccess: { mode: 'list' as const, allowed: ['docs.format'] },
      notifications: { run_ended: false },
      toolDefaults: { 'docs.format': { language: 'markdown' } },
    }
    expect(await updateTeam(core, admin, { teamId, change })).toMatchObject({
      name: 'Renamed',
      confirmAboveUsd: '2.50',
      toolAccess: { mode: 'list', allowed: ['docs.format'], denied: [] },
      toolDefaults: { 'docs.format': { language: 'markdown' } },
    })
    const next = await updateTeam(core, admin, {
      teamId,
      change: { lowBalanceUsd: ['5'], toolDefaults: { 'docs.format': null } },
    })
    expect(next).toMatchObject({
      name: 'Renamed',
      notifications: { run_ended: false },
      lowBalanceUsd: ['5'],
      toolDefaults: {},
    })
    await requireSpender(core.db, inTeam(member, teamId), ['docs.format'])
    await expect(requireSpender(core.db, inTeam(member, teamId), ['wait'])).rejects.toMatchObject({
      code: 'forbidden',
      message: 'Renamed does not allow wait. Its admins decide which tools run there.',
    })
    await expect(updateTeam(core, member, { teamId, change })).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(/^Only admins and the owner of Renamed may change its settings/),
    })
    const wrong = { lowBalanceUsd: ['lots'], toolDefaults: { 'docs.format': { colour: 'red' }, nothing: {} } }
    await expect(updateTeam(core, admin, { teamId, change: wrong })).rejects.toMatchObject({
      code: 'bad_input',
      details: { problems: [{ path: 'toolDefaults.docs.format.colour' }, { path: 'toolDefaults.nothing' }] },
    })
    expect(await codeOf(updateTeam(core, admin, { teamId, change: { lowBalanceUsd: ['lots'] } }))).toBe('bad_input')
  })

  test('limits are set and lifted by admins', async () => {
    const { teamId, admin, member, stranger } = await newCrew(core)
    const limits = { monthlySpendCapUsd: '10', maxRunsPerMonth: 5, maxMembers: 6, maxRunsAtOnce: 2 }
    expect((await setLimits(core, admin, { teamId, limits })).limits).toEqual({
      ...limits,
      monthlySpendCapUsd: '10.00',
    })
    const lifted = await setLimits(core, admin, { teamId, limits: { monthlySpendCapUsd: null } })
    expect(lifted.limits).toEqual({ ...limits, monthlySpendCapUsd: null })
    expect(await codeOf(setLimits(core, admin, { teamId, limits: { maxMembers: 0 } }))).toBe('bad_input')
    expect(await codeOf(setLimits(core, admin, { teamId, limits: { maxRunsPerMonth: 1.5 } }))).toBe('bad_input')
    expect(await codeOf(setLimits(core, member, { teamId, limits }))).toBe('forbidden')
    expect(await codeOf(setLimits(core, stranger, { teamId, limits }))).toBe('not_found')
  })

  test('a chat is tied to one team by its admins', async () => {
    const [mine, theirs] = [await newCrew(core), await newCrew(core)]
    const chat = { channel: 'telegram', conversation: `-100${dialect}` }
    expect(await codeOf(linkChat(core, mine.member, { ...chat, team: mine.name }))).toBe('forbidden')
    expect(await codeOf(linkChat(core, mine.admin, { ...chat, team: theirs.name }))).toBe('not_found')
    await linkChat(core, mine.admin, { ...chat, team: mine.name.toUpperCase() })
    expect(await findLinkedTeam(core.db, chat)).toEqual({ id: mine.teamId, name: mine.name })
    expect(await codeOf(linkChat(core, theirs.owner, { ...chat, team: theirs.teamId }))).toBe('conflict')
    expect(await codeOf(unlinkChat(core, theirs.owner, chat))).toBe('not_found')
    expect(await codeOf(unlinkChat(core, mine.viewer, chat))).toBe('forbidden')
    await unlinkChat(core, mine.admin, chat)
    expect(await findLinkedTeam(core.db, chat)).toBeUndefined()
    await linkChat(core, theirs.owner, { ...chat, team: theirs.teamId })
    expect(await findLinkedTeam(core.db, chat)).toMatchObject({ id: theirs.teamId })
  })

  describe('deleting', () => {
    const spend = ({ teamId, owner }: Crew, amountUsd: string) =>
      debit(core, owner, { accountId: owner.accountId, amountUsd, description: 'x', teamId })

    test('is refused until the wallet is empty, nothing is owed and nothing is held', async () => {
      const crew = await newCrew(core)
      const { teamId, owner, admin } = crew
      const context = teamContext(teamId)
      const why = async (): Promise<unknown> => {
        const error = await deleteTeam(core, owner, { teamId }).catch((caught: unknown) => caught)
        return error instanceof Error ? error.message : error
      }
      expect(await codeOf(deleteTeam(core, admin, { teamId }))).toBe('forbidden')

      await give(core, context, 3n * USD)
      expect(await why()).toMatch(/\$3\.00 is in its wallet/)
      const run = { id: `run_${teamId}`, context, accountId: owner.accountId, holds: 0 }
      const nowMs = core.clock.nowMs()
      await core.db.write((tx) => placeHold(tx, run, { amountMicros: USD, nowMs }))
      expect(await why()).toMatch(/\$1\.00 of its money is held/)
      await core.db.write((tx) => settleHolds(tx, { ...run, holds: 1 }, { costMicros: 0n, nowMs }))
      await transferOwn(core, owner, { from: context, to: owner.context, amountUsd: '3' })
      await setCreditLine(core, root, { teamId, limitUsd: '1', enabled: true })
      await spend(crew, '0.5')
      expect(await why()).toMatch(/it owes \$0\.50/)
      await repay(core, owner, { context, amountUsd: '0.5' })
      expect(await deleteTeam(core, owner, { teamId })).toEqual({ teamId, name: crew.name })
      expect((await checkLedger(core)).sound).toBe(true)
    })

    test('frees its chats and takes its invitations back; then it is gone for everybody', async () => {
      const { teamId, name, owner, viewer, stranger } = await newCrew(core)
      const chat = { channel: 'slack', conversation: teamId }
      await linkChat(core, owner, { ...chat, team: teamId })
      const { code } = await inviteMember(core, owner, { teamId })
      const key = withKey(owner, 'gone')
      const deleted = await deleteTeam(core, key, { teamId })
      expect(await deleteTeam(core, key, { teamId })).toEqual(deleted)
      expect(await findLinkedTeam(core.db, chat)).toBeUndefined()
      expect(await findInvitation(core, code)).toMatchObject({ teamName: name, status: 'revoked' })
      for (const actor of [owner, viewer, stranger])
        expect(await codeOf(getTeam(core, actor, teamId))).toBe('not_found')
      expect(await listMyTeams(core, viewer)).toEqual([])
      expect(await codeOf(deleteTeam(core, owner, { teamId }))).toBe('not_found')
      const events = await listEventsOf.all(core.db, { subject: teamId, after: 0, limit: 50 })
      expect(events.at(-1)).toMatchObject({ type: 'team.deleted', context: contextKey(teamContext(teamId)) })
    })

    test('and spending at the same moment never leaves money in a team that is gone', async () => {
      for (let repeat = 0; repeat < 10; repeat++) {
        const crew = await newCrew(core)
        const { teamId, owner } = crew
        await give(core, owner.context, USD)
        const into = { from: owner.context, to: teamContext(teamId), amountUsd: '1' }
        const [deleted, paid] = await Promise.all([
          codeOf(deleteTeam(core, owner, { teamId })),
          codeOf(transferOwn(core, owner, into)),
        ])
        expect([deleted, paid].sort()).toEqual(deleted === 'none' ? ['none', 'not_found'] : ['conflict', 'none'])
      }
    })
  })
})
