import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makingOf } from '#core/accounts/account.ts'
import { createAccountNamed } from '#core/accounts/create.ts'
import type { Core } from '#core/core.ts'
import { acceptInvitation, acceptInvitationAs, declineInvitation } from '#core/teams/accept.ts'
import { findInvitation, inviteMember, listInvitations, revokeInvitation } from '#core/teams/invitations.ts'
import { removeMember } from '#core/teams/leave.ts'
import { setLimits } from '#core/teams/limits.ts'
import { listMembers } from '#core/teams/members.ts'
import { updateMember } from '#core/teams/update-member.ts'
import { query } from '#db/statement.ts'
import { codeOf, newPerson, withKey } from '#tests/core/economy/people.ts'
import { TestClock } from '#tests/support/clock.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { newCrew } from './people.ts'

const DAY_MS = 24 * 60 * 60 * 1000

describe.each(DIALECTS)('invitations on %s', (dialect) => {
  const clock = new TestClock()
  let world: World
  let core: Core
  let people = 0

  beforeAll(async () => {
    world = await createWorld(dialect, { clock, settings: { welcomeCreditMicros: 0n } })
    core = world.core
  })
  afterAll(() => world.end())

  const person = () => newPerson(core, `guest-${++people}`)

  test('a code makes one person a member, once', async () => {
    const { teamId, name, owner, admin, member, stranger } = await newCrew(core)
    const made = await inviteMember(core, admin, { teamId, invitee: 'bob@example.com' })
    expect(made).toMatchObject({ teamName: name, role: 'member', inviteeAccountId: null })
    expect(made.code).toMatch(/^[\w-]{22}$/)
    expect(await listInvitations(core, owner, { teamId })).toEqual([
      {
        id: made.id,
        role: 'member',
        invitee: 'bob@example.com',
        invitedBy: admin.handle,
        createdAt: new Date(clock.nowMs()).toISOString(),
        expiresAt: new Date(clock.nowMs() + 7 * DAY_MS).toISOString(),
      },
    ])
    expect(await codeOf(listInvitations(core, member, { teamId }))).toBe('forbidden')
    expect(await findInvitation(core, made.code)).toMatchObject({ teamName: name, role: 'member', status: 'open' })

    await expect(acceptInvitation(core, member, made)).rejects.toMatchObject({
      code: 'conflict',
      message: `You are a member of ${name} already.`,
    })
    const accept = () => acceptInvitation(core, withKey(stranger, 'join'), { code: ` ${made.code} ` })
    expect(await accept()).toEqual({ teamId, teamName: name, role: 'member' })
    expect(await accept()).toEqual({ teamId, teamName: name, role: 'member' })
    await expect(acceptInvitation(core, await person(), made)).rejects.toMatchObject({
      code: 'conflict',
      message: `This invitation was used already. Ask ${admin.handle} for a new one.`,
    })
    await expect(acceptInvitation(core, stranger, made)).rejects.toMatchObject({
      message: `You are a member of ${name} already.`,
    })
    expect(await findInvitation(core, made.code)).toMatchObject({ status: 'accepted' })
    expect(await listInvitations(core, owner, { teamId })).toEqual([])
    expect(await codeOf(acceptInvitation(core, stranger, { code: 'no-such-code' }))).toBe('not_found')
  })

  test('of five who use one code at once, one gets in', async () => {
    for (let repeat = 0; repeat < 5; repeat++) {
      const { teamId, owner } = await newCrew(core)
      const { code } = await inviteMember(core, owner, { teamId })
      const guests = [await person(), await person(), await person(), await person(), await person()]
      const codes = await Promise.all(guests.map((guest) => codeOf(acceptInvitation(core, guest, { code }))))
      expect(codes.sort()).toEqual(['conflict', 'conflict', 'conflict', 'conflict', 'none'])
      expect(await listMembers(core, owner, { teamId })).toHaveLength(5)
    }
  })

  test('a team never grows beyond its limit, however many accept at once; who did not fit may later', async () => {
    const { teamId, owner, viewer } = await newCrew(core)
    await setLimits(core, owner, { teamId, limits: { maxMembers: 6 } })
    const codes: string[] = []
    for (let number = 0; number < 5; number++) codes.push((await inviteMember(core, owner, { teamId })).code)
    const guests = [await person(), await person(), await person(), await person(), await person()]
    const tries = guests.map((guest, index) => codeOf(acceptInvitation(core, guest, { code: codes[index] as string })))
    const results = await Promise.all(tries)
    expect(results.filter((result) => result === 'none')).toHaveLength(2)
    expect(results.filter((result) => result === 'limit_reached')).toHaveLength(3)
    expect(await listMembers(core, owner, { teamId })).toHaveLength(6)
    await removeMember(core, owner, { teamId, accountId: viewer.accountId })
    const late = results.indexOf('limit_reached')
    const guest = guests[late] as (typeof guests)[number]
    expect(await codeOf(acceptInvitation(core, guest, { code: codes[late] as string }))).toBe('none')
  })

  test('expired, declined and taken back open nothing, and say so', async () => {
    const { teamId, owner, member, stranger } = await newCrew(core)
    const invite = () => inviteMember(core, owner, { teamId })
    const why = (code: string) =>
      acceptInvitation(core, stranger, { code }).then(String, (error: Error) => error.message)

    const declined = await invite()
    await declineInvitation(core, stranger, declined)
    expect(await why(declined.code)).toBe(`This invitation was declined. Ask ${owner.handle} for a new one.`)

    const revoked = await invite()
    const gone = { teamId, invitationId: revoked.id }
    expect(await codeOf(revokeInvitation(core, member, gone))).toBe('forbidden')
    expect(await codeOf(revokeInvitation(core, stranger, gone))).toBe('not_found')
    await revokeInvitation(core, owner, gone)
    expect(await codeOf(revokeInvitation(core, owner, gone))).toBe('conflict')
    expect(await why(revoked.code)).toBe('This invitation was taken back.')

    const old = await invite()
    clock.advance(7 * DAY_MS)
    expect(await why(old.code)).toBe(`This invitation has expired. Ask ${owner.handle} for a new one.`)
    expect(await codeOf(acceptInvitation(core, stranger, old))).toBe('expired')
    expect(await findInvitation(core, old.code)).toMatchObject({ status: 'expired' })
    expect(await listInvitations(core, owner, { teamId })).toEqual([])
  })

  test('an invitation of a person here is for that person alone', async () => {
    const { teamId, owner, member, stranger } = await newCrew(core)
    const guest = await person()
    const made = await inviteMember(core, owner, { teamId, invitee: `@${guest.handle}`, role: 'viewer' })
    expect(made.inviteeAccountId).toBe(guest.accountId)
    expect(await listInvitations(core, owner, { teamId })).toMatchObject([{ invitee: `@${guest.handle}` }])
    for (const decide of [acceptInvitation, declineInvitation]) {
      expect(await codeOf(decide(core, stranger, made))).toBe('forbidden')
    }
    expect(await acceptInvitation(core, guest, made)).toMatchObject({ role: 'viewer' })
    expect(await codeOf(inviteMember(core, owner, { teamId, invitee: `@${member.handle}` }))).toBe('conflict')
  })

  test('it is worth what its maker may do when it is used', async () => {
    const { teamId, owner, admin, stranger } = await newCrew(core)
    const one = await inviteMember(core, admin, { teamId, role: 'admin' })
    await updateMember(core, owner, { teamId, accountId: admin.accountId, change: { role: 'member' } })
    expect(await codeOf(acceptInvitation(core, stranger, one))).toBe('forbidden')
    await updateMember(core, owner, { teamId, accountId: admin.accountId, change: { role: 'admin' } })
    expect(await findInvitation(core, one.code)).toMatchObject({ status: 'open' })
    await removeMember(core, owner, { teamId, accountId: admin.accountId })
    expect(await codeOf(acceptInvitation(core, admin, one))).toBe('conflict')
    expect(await findInvitation(core, one.code)).toMatchObject({ status: 'revoked' })
  })

  test('a repeated request makes one invitation with a code that works; no code is stored', async () => {
    const { teamId, owner, stranger } = await newCrew(core)
    const first = await inviteMember(core, withKey(owner, 'inv'), { teamId })
    const second = await inviteMember(core, withKey(owner, 'inv'), { teamId })
    expect(second.id).toBe(first.id)
    expect(await listInvitations(core, owner, { teamId })).toHaveLength(1)
    expect(await codeOf(findInvitation(core, first.code))).toBe('not_found')
    const stored = await query<{ text: string }>(core.db, (q) => ({
      compile: () =>
        sql<{ text: string }>`select code_hash as text from invitation
          union all select response_json from idempotency union all select details_json from event`.compile(q),
    }))
    for (const { code } of [first, second]) expect(stored.filter(({ text }) => text.includes(code))).toEqual([])
    expect(await acceptInvitation(core, stranger, second)).toMatchObject({ teamId })
    expect(await codeOf(inviteMember(core, withKey(owner, 'inv'), { teamId }))).toBe('conflict')
  })

  test('a stranger becomes an account and a member in one step, or neither', async () => {
    const { teamId, owner } = await newCrew(core)
    const { code } = await inviteMember(core, owner, { teamId })
    const enter = (name: string) =>
      core.db.write(async function enterWithCode(tx) {
        const account = await createAccountNamed(tx, makingOf(core), { name, platformRole: 'user' })
        return acceptInvitationAs(tx, { accountId: account.id, code, nowMs: clock.nowMs() })
      })
    const codes = await Promise.all(['Zoe One', 'Zoe Two'].map((name) => codeOf(enter(name))))
    expect(codes.sort()).toEqual(['conflict', 'none'])
    const accounts = await query(core.db, (q) =>
      q.selectFrom('account').select('handle').where('handle', 'like', 'zoe-%'),
    )
    expect(accounts).toHaveLength(1)
    expect(await listMembers(core, owner, { teamId })).toHaveLength(5)
  })
})
