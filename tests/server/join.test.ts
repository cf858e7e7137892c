import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { joinWithNewAccount } from '#core/teams/newcomer.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { type Answer, type Api, createApi, type Person } from './api.ts'

describe.each(DIALECTS)('newcomers with an invitation, on %s', (dialect) => {
  let api: Api
  let ada: Person
  let teamId: string
  beforeAll(async () => {
    api = await createApi(dialect)
    ada = await api.person('ada', { admin: true })
    await api.person('bob')
    teamId = (await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body.id
  })
  afterAll(() => api.end())

  const invite = async (json: object = {}): Promise<string> =>
    (await api.call(ada, 'POST', `/v1/teams/${teamId}/invitations`, { json })).body.code
  const join = (json: object): Promise<Answer> => api.call(undefined, 'POST', '/v1/auth/join', { json })
  /** Without the door, where tries are counted. Gives the handle, or the code of the refusal. */
  const enter = (code: string, handle: string): Promise<string> =>
    joinWithNewAccount(api.core, { code, handle, displayName: handle }).then(
      ({ account }) => account.handle,
      (error) => error.code,
    )
  const accounts = async (): Promise<string[]> =>
    (await query(api.core.db, (q) => q.selectFrom('account').select('handle').orderBy('id'))).map(
      ({ handle }) => handle,
    )

  it('become somebody here, signed in and in the team', async () => {
    const answer = await join({ code: await invite({ role: 'viewer' }), handle: 'kat', displayName: 'Katherine' })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ handle: 'kat', platformRole: 'user', teams: [{ id: teamId, role: 'viewer' }] })
    const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const me = await api.app.request('/v1/me', { headers: { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' } })
    expect(me.status).toBe(200)
    expect((await join({ code: 'nonsense', handle: 'kit' })).status).toBe(404)
    const taken = await join({ code: await invite(), handle: 'kat' })
    expect([taken.status, taken.body.errors]).toEqual([409, [{ path: 'handle', message: expect.any(String) }]])
  })

  it('come in once with a code, also when two try at the same time', async () => {
    const code = await invite()
    const before = await accounts()
    const came = await Promise.all(['one', 'two'].map((handle) => enter(code, handle)))
    expect(came.filter((outcome) => outcome === 'conflict')).toHaveLength(1)
    expect(await enter(code, 'three')).toBe('conflict')
    expect(await accounts()).toEqual([...before, came.find((outcome) => outcome !== 'conflict')])
  })

  it('are made somebody only with a code that is theirs', async () => {
    const code = await invite()
    const before = await accounts()
    expect(await enter(await invite({ invitee: '@bob' }), 'zoe')).toBe('forbidden')
    expect(await enter(code, 'ada')).toBe('conflict')
    expect(await accounts()).toEqual(before)
    expect(await enter(code, 'zoe')).toBe('zoe')
  })

  it('leave no error behind', () => {
    expect(api.errors).toEqual([])
  })
})
