import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiKey } from '#core/accounts/api-keys.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { type Api, createApi, type Person } from './api.ts'
import { createScene, ROLES, type Role, type Scene } from './rights-scene.ts'
import { QUESTIONS } from './rights-table.ts'

/** Routes that other tests ask about. */
const ELSEWHERE =
  /^\/v1\/(auth\/(claim|join|register|login|link|refresh|logout|magic-link|password\/(forgot|reset)|google)|me|api-keys|artifacts|chat)\b/

describe.each(DIALECTS)('who may do what over HTTP, on %s', (dialect) => {
  let api: Api
  let people: Scene['people']
  let spare: Person
  beforeAll(async () => {
    api = await createApi(dialect)
    const [stranger, platform, viewer, member, admin, owner] = await Promise.all(
      ['stranger', 'platform', 'viewer', 'member', 'admin', 'owner'].map((handle) =>
        api.person(handle, { admin: handle === 'platform' }),
      ),
    )
    people = { stranger, platform, viewer, member, admin, owner } as Scene['people']
    spare = await api.person('spare')
    // A team of their own gives a stranger every right there, and none elsewhere.
    await api.call(people.stranger, 'POST', '/v1/teams', { json: { name: 'Elsewhere' } })
  })
  afterAll(() => api.end())

  const keyOf = (role: Role): string | undefined => {
    if (role === 'nobody') return undefined
    return role === 'reader' ? people.owner.readKey : people[role].key
  }

  it.each(QUESTIONS.map(({ route }) => route))('%s', async (route) => {
    const question = QUESTIONS.find((one) => one.route === route)
    const [method = ''] = route.split(' ')
    const statuses: Record<string, number> = {}
    for (const role of ROLES) {
      const scene = await createScene(api, people, spare)
      const { path, ...request } = (await question?.ask(scene, role)) ?? { path: '' }
      statuses[role] = (await api.call(keyOf(role), method, path, request)).status
    }
    expect(statuses).toEqual(question?.expected)
  })

  it('was asked of every route there is', () => {
    const routes = api.routes.filter(({ method, path }) => method !== 'ALL' && path.startsWith('/v1/'))
    const all = routes.filter(({ path }) => !ELSEWHERE.test(path)).map(({ method, path }) => `${method} ${path}`)
    const asked = new Set(QUESTIONS.map(({ route }) => route))
    expect([...new Set(all)].filter((route) => !asked.has(route))).toEqual([])
    expect([...asked].filter((route) => !all.includes(route))).toEqual([])
  })

  it('answers for each run of a batch with the rights of who asks', async () => {
    const question = QUESTIONS.find(({ route }) => route === 'POST /v1/runs/batch')
    const codes: Record<string, string> = {}
    for (const role of ['stranger', 'platform', 'viewer', 'member', 'admin', 'owner'] as const) {
      const { path, ...request } = (await question?.ask(await createScene(api, people, spare), role)) ?? { path: '' }
      const [result] = (await api.call(people[role], 'POST', path, request)).body.results
      codes[role] = result.ok ? 'ok' : result.error.code
    }
    expect(codes).toEqual({
      stranger: 'not_found',
      platform: 'not_found',
      viewer: 'forbidden',
      member: 'ok',
      admin: 'ok',
      owner: 'ok',
    })
  })

  it('takes a platform admin with a key that is not for that as an ordinary person', async () => {
    const key = await createApiKey(api.core, people.platform.accountId, {
      name: 'write only',
      scopes: ['write'],
      expiresAtMs: null,
    })
    const path = `/v1/users/${people.owner.accountId}/economy/credit`
    const request = { json: { amountUsd: '1', reason: 'x' }, once: 'scoped' }
    expect((await api.call(key.key, 'POST', path, request)).status).toBe(404)
    expect((await api.call('mst_wrong', 'GET', '/v1/wallet')).status).toBe(401)
  })

  it('leaves no error behind', () => {
    expect(api.errors).toEqual([])
  })
})
