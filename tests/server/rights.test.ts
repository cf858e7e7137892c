import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiKey } from '#core/accounts/api-keys.ts'
import { routesOf } from '#server/openapi/document.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Api, createApi, type Person, type Request } from './api.ts'
import { ACCOUNT_QUESTIONS } from './rights-of-account.ts'
import { createScene, ROLES, type Role, type Scene } from './rights-scene.ts'
import { TEAM_QUESTIONS } from './rights-table.ts'

const QUESTIONS = [...TEAM_QUESTIONS, ...ACCOUNT_QUESTIONS]

describe.each(DIALECTS)('who may do what over HTTP, on %s', (dialect) => {
  let api: Api
  let people: Scene['people']
  let spare: Person
  /** Of the owner, who could do everything with it a moment ago. */
  let expired: string
  beforeAll(async () => {
    api = await createApi(dialect, { env: { TRUSTED_PROXIES: '1' } })
    const [stranger, platform, viewer, member, admin, owner] = await Promise.all(
      ['stranger', 'platform', 'viewer', 'member', 'admin', 'owner'].map((handle) =>
        api.person(handle, { admin: handle === 'platform' }),
      ),
    )
    people = { stranger, platform, viewer, member, admin, owner } as Scene['people']
    spare = await api.person('spare')
    const wanted = { name: 'expired', scopes: [], expiresAtMs: api.core.clock.nowMs() + 1_000 }
    expired = (await createApiKey(api.core, people.owner.accountId, wanted)).key
    await eventually(async () => expect((await api.call(expired, 'GET', '/v1/me')).status).toBe(401))
    // A team of their own gives a stranger every right there, and none elsewhere.
    await api.call(people.stranger, 'POST', '/v1/teams', { json: { name: 'Elsewhere' } })
  })
  afterAll(() => api.end())

  const keyOf = (role: Role): string | undefined => {
    if (role === 'nobody') return undefined
    if (role === 'expired') return expired
    return role === 'reader' ? people.owner.readKey : people[role].key
  }

  type Asked = Request & { method: string; path: string }
  const statusOf = async (key: string | undefined, { method, path, ...request }: Asked): Promise<number> =>
    (await api.call(key, method, path, request)).status

  /** Its answer would never end. */
  async function statusOfStream(key: string | undefined, { path }: Asked): Promise<number> {
    const response = await api.fetch(
      `http://muster.test${path}`,
      key ? { headers: { Authorization: `Bearer ${key}` } } : {},
    )
    await response.body?.cancel()
    return response.status
  }

  it.each(QUESTIONS.map(({ route }) => route))('%s', async (route) => {
    const question = QUESTIONS.find((one) => one.route === route)
    const [method = ''] = route.split(' ')
    const statuses: Record<string, number> = {}
    let scene: Scene | undefined
    for (const role of ROLES) {
      scene ??= await createScene(api, people, spare)
      const { path, ...request } = (await question?.ask(scene, role)) ?? { path: '' }
      const ask = path === '/v1/chat/stream' ? statusOfStream : statusOf
      const status = await ask(keyOf(role), { method, path, ...request })
      statuses[role] = status
      // What was refused, or only looked, leaves everything as it was for the next one.
      if (method !== 'GET' && status < 400) scene = undefined
    }
    expect(statuses).toEqual(question?.expected)
  })

  it('was asked of every route that the document has, and of no other', () => {
    const all = routesOf(api.app)
      .filter(({ path }) => path.startsWith('/v1/'))
      .map(({ method, path }) => `${method} ${path}`)
    expect(QUESTIONS.map(({ route }) => route).toSorted()).toEqual(all.toSorted())
  })

  it.each(['POST /v1/runs/batch', 'POST /v1/tasks/batch'])(
    'answers for each of %s with the rights of who asks',
    async (route) => {
      const question = QUESTIONS.find((one) => one.route === route)
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
    },
  )

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
