import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DIALECTS } from '#tests/support/database.ts'
import { type Api, createApi, type Person } from './api.ts'

describe.each(DIALECTS)('teams over HTTP on %s', (dialect) => {
  let api: Api
  let ada: Person
  let bob: Person
  let teamId: string
  beforeEach(async () => {
    api = await createApi(dialect)
    ada = await api.person('ada')
    bob = await api.person('bob')
    teamId = (await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body.id
  })
  afterEach(() => api.end())

  const add = (role?: string, who = bob) =>
    api.call(ada, 'POST', `/v1/teams/${teamId}/members`, {
      json: { accountId: who.accountId, ...(role ? { role } : {}) },
    })

  it('makes, shows, changes and ends a team', async () => {
    const made = await api.call(ada, 'POST', '/v1/teams', { json: { name: ' Night   Desk ' } })
    expect([made.status, made.headers.get('location')]).toEqual([201, `/v1/teams/${made.body.id}`])
    expect(made.body).toMatchObject({
      name: 'Night Desk',
      role: 'owner',
      memberCount: 1,
      limits: { monthlySpendCapUsd: null, maxRunsPerMonth: null, maxMembers: null },
      toolAccess: { mode: 'allow_all', allowed: [], denied: [] },
    })
    const path = `/v1/teams/${made.body.id}`
    const change = {
      name: 'Day Desk',
      confirmAboveUsd: '2',
      toolAccess: { mode: 'list', allowed: ['docs.format'] },
      notifications: { run_ended: false },
      lowBalanceUsd: ['5.00'],
      toolDefaults: { 'docs.format': { language: 'yaml' } },
    }
    const changed = await api.call(ada, 'PUT', path, { json: change })
    expect(changed.body).toMatchObject({ ...change, confirmAboveUsd: '2.00' })
    expect((await api.call(ada, 'GET', path)).body).toEqual(changed.body)
    const names = (await api.call(ada, 'GET', '/v1/teams')).body.items.map(({ name }: { name: string }) => name)
    expect(names).toEqual(['Acme', 'Day Desk'])
    expect((await api.call(ada, 'GET', `/v1/users/${ada.accountId}/teams`)).body.items).toHaveLength(2)
    expect((await api.call(ada, 'DELETE', path)).status).toBe(204)
    expect((await api.call(ada, 'GET', path)).status).toBe(404)
  })

  it('pages through lists', async () => {
    await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Beta' } })
    const first = (await api.call(ada, 'GET', '/v1/teams?limit=1')).body
    expect(first.items[0].name).toBe('Acme')
    const second = (await api.call(ada, 'GET', `/v1/teams?limit=1&cursor=${first.nextCursor}`)).body
    expect([second.items[0].name, second.nextCursor]).toEqual(['Beta', null])
  })

  it('adds a member once, changes and removes them', async () => {
    const added = await add('viewer')
    expect([added.status, added.body.role]).toEqual([201, 'viewer'])
    expect((await add('admin')).body).toEqual(added.body)
    const path = `/v1/teams/${teamId}/members/${bob.accountId}`
    const changed = await api.call(ada, 'PUT', path, {
      json: { role: 'member', spendingCapUsd: '3.50', canInvite: true },
    })
    expect(changed.body).toMatchObject({ role: 'member', spendingCapUsd: '3.50', canInvite: true, spentUsd: '0.00' })
    expect((await api.call(ada, 'PUT', path, { json: { spendingCapUsd: null } })).body.spendingCapUsd).toBeNull()
    const members = (await api.call(bob, 'GET', `/v1/teams/${teamId}/members`)).body.items
    expect(members.map(({ handle }: { handle: string }) => handle)).toEqual(['ada', 'bob'])
    expect((await api.call(bob, 'POST', `/v1/teams/${teamId}/invitations`, { json: {} })).status).toBe(201)
    expect((await api.call(ada, 'DELETE', path)).status).toBe(204)
    expect((await api.call(bob, 'GET', `/v1/teams/${teamId}`)).status).toBe(404)
    expect((await api.call(ada, 'POST', `/v1/teams/${teamId}/members`, { json: { accountId: 'bob' } })).status).toBe(
      400,
    )
    const unknown = await api.call(ada, 'POST', `/v1/teams/${teamId}/members`, { json: { accountId: 'acc_nobody' } })
    expect(unknown.status).toBe(404)
  })

  it('lets members leave, and the owner only after handing the team over', async () => {
    await add('member')
    const own = (who: Person) => `/v1/teams/${teamId}/members/${who.accountId}`
    const early = await api.call(ada, 'DELETE', own(ada))
    expect([early.status, early.body.code]).toEqual([409, 'conflict'])
    expect((await api.call(ada, 'PUT', own(ada), { json: { role: 'member' } })).status).toBe(403)
    const handed = await api.call(ada, 'POST', `/v1/teams/${teamId}/transfer`, { json: { accountId: bob.accountId } })
    expect(handed.body.role).toBe('admin')
    expect((await api.call(bob, 'GET', `/v1/teams/${teamId}`)).body.role).toBe('owner')
    expect((await api.call(ada, 'DELETE', own(ada))).status).toBe(204)
  })

  it('invites by a code that works once, and shows what it offers to whoever has it', async () => {
    const made = await api.call(ada, 'POST', `/v1/teams/${teamId}/invitations`, {
      json: { role: 'viewer', invitee: 'bob@example.org' },
      once: 'invite',
    })
    const { code, id } = made.body
    expect(made.status).toBe(201)
    expect(code).toMatch(/^[\w-]{22,}$/)
    expect(made.body.url).toBe(`http://127.0.0.1:3000/join/${code}`)
    const listed = (await api.call(ada, 'GET', `/v1/teams/${teamId}/invitations`)).body.items
    expect(listed).toMatchObject([{ id, role: 'viewer', invitee: 'bob@example.org', invitedBy: 'ada' }])
    expect(JSON.stringify(listed)).not.toContain(code)
    const offer = await api.call(undefined, 'GET', `/v1/teams/invitations/${code}`)
    expect(offer.body).toEqual({
      teamName: 'Acme',
      role: 'viewer',
      invitedBy: 'ada',
      status: 'open',
      expiresAt: expect.any(String),
    })
    expect((await api.call(undefined, 'POST', `/v1/teams/invitations/${code}/accept`)).status).toBe(401)
    const joined = await api.call(bob, 'POST', `/v1/teams/invitations/${code}/accept`)
    expect(joined.body).toEqual({ teamId, teamName: 'Acme', role: 'viewer' })
    const eve = await api.person('eve')
    expect((await api.call(eve, 'POST', `/v1/teams/invitations/${code}/accept`)).status).toBe(409)
    expect((await api.call(undefined, 'GET', `/v1/teams/invitations/${code}`)).body.status).toBe('accepted')
    expect((await api.call(undefined, 'GET', '/v1/teams/invitations/nope')).status).toBe(404)
  })

  it('lets invitations be declined and taken back', async () => {
    const invite = async () => (await api.call(ada, 'POST', `/v1/teams/${teamId}/invitations`, { json: {} })).body
    const first = await invite()
    expect((await api.call(bob, 'POST', `/v1/teams/invitations/${first.code}/decline`)).body).toEqual({
      teamName: 'Acme',
    })
    const second = await invite()
    const path = `/v1/teams/${teamId}/invitations/${second.id}`
    expect((await api.call(ada, 'DELETE', path)).status).toBe(204)
    expect((await api.call(ada, 'DELETE', path)).status).toBe(409)
    expect((await api.call(bob, 'POST', `/v1/teams/invitations/${second.code}/accept`)).body.code).toBe('conflict')
    expect((await api.call(ada, 'GET', `/v1/teams/${teamId}/invitations`)).body.items).toEqual([])
  })

  it('makes one team of twenty requests at once with one key', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => api.call(ada, 'POST', '/v1/teams', { json: { name: 'Once' }, once: 'team' })),
    )
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers.has('idempotency-replayed'))).toHaveLength(19)
    expect((await api.call(ada, 'GET', '/v1/teams')).body.items).toHaveLength(2)
    expect(api.errors).toEqual([])
  })

  it('knows no teams of somebody who is not there', async () => {
    const root = await api.person('root', { admin: true })
    expect((await api.call(root, 'GET', `/v1/users/${ada.accountId}/teams`)).body.items).toHaveLength(1)
    expect((await api.call(root, 'GET', '/v1/users/acc_nobody/teams')).status).toBe(404)
  })
})
