import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DIALECTS } from '#tests/support/database.ts'
import { type Answer, type Api, createApi, type Person } from './api.ts'

describe.each(DIALECTS)('oneself and one’s keys over HTTP, on %s', (dialect) => {
  let api: Api
  let ada: Person
  let bob: Person
  let teamId: string
  beforeAll(async () => {
    api = await createApi(dialect)
    ada = await api.person('ada')
    bob = await api.person('bob')
    teamId = (await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body.id
  })
  afterAll(() => api.end())

  it('shows the context that the header names, and refuses one that is not theirs', async () => {
    const context = `team/${teamId}`
    expect((await api.call(ada, 'GET', '/v1/me', { context })).body.context).toEqual({
      type: 'team',
      id: teamId,
      name: 'Acme',
    })
    for (const path of ['/v1/me', '/v1/tools', '/v1/tools/wait', '/v1/wallet', '/v1/jobs', '/v1/runs']) {
      expect([path, (await api.call(bob, 'GET', path, { context })).status]).toEqual([path, 404])
      expect([path, (await api.call(bob, 'GET', path, { context: 'nonsense' })).status]).toEqual([path, 400])
    }
  })

  const makeKey = (json: object, who: Person | undefined = ada): Promise<Answer> =>
    api.call(who, 'POST', '/v1/api-keys', { json })

  it('makes, lists and ends keys, with times as everywhere', async () => {
    const expiresAt = '2999-01-01T00:00:00.000Z'
    const made = await makeKey({ name: 'nightly', scopes: ['read'], expiresAt })
    expect(made.status).toBe(201)
    expect((await makeKey({ name: 'for ever', expiresAt: null })).status).toBe(201)
    const { body } = await api.call(ada, 'GET', '/v1/api-keys?limit=2')
    expect(body.items).toMatchObject([
      { name: 'for ever', expiresAt: null },
      { name: 'nightly', expiresAt },
    ])
    expect(body.items[1]).toMatchObject({ scopes: ['read'], revokedAt: null, lastUsedAt: null })
    expect(new Date(body.items[1].createdAt).toISOString()).toBe(body.items[1].createdAt)
    expect(body.nextCursor).toBe(body.items[1].id)
    expect((await api.call(made.body.key, 'GET', '/v1/wallet')).status).toBe(200)
    expect((await api.call(bob, 'DELETE', `/v1/api-keys/${made.body.id}`)).status).toBe(404)
    expect((await api.call(ada, 'DELETE', `/v1/api-keys/${made.body.id}`)).status).toBe(204)
    expect((await api.call(made.body.key, 'GET', '/v1/wallet')).status).toBe(401)
  })

  it('asks who it is before it reads what they sent', async () => {
    const nobody = await api.call(undefined, 'POST', '/v1/api-keys', { json: { surprise: 1 } })
    expect(nobody.status).toBe(401)
  })

  it.each([
    [{ name: ' ' }],
    [{ name: 'x\u0000' }],
    [{ name: 'x', scopes: ['everything'] }],
    [{ name: 'x', expiresAt: '2020-01-01T00:00:00Z' }],
    [{ name: 'x', expiresAt: 'tomorrow' }],
    [{ name: 'x', surprise: 1 }],
  ])('makes no key of %j', async (json) => {
    expect((await makeKey(json)).status).toBe(400)
  })

  it.each(['DELETE /v1/api-keys/%00', 'GET /v1/artifacts/%00', 'GET /v1/teams/team_%00', 'GET /v1/runs/%00'])(
    '%s is not found: a path that can be no id leads nowhere',
    async (route) => {
      const [method = '', path = ''] = route.split(' ')
      expect((await api.call(ada, method, path)).status).toBe(404)
    },
  )

  it('leaves no error behind', () => {
    expect(api.errors).toEqual([])
  })
})
