import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApiKey } from '#core/accounts/api-keys.ts'
import { createSession } from '#core/accounts/sessions.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { type Answer, type Api, createApi, type Person } from './api.ts'

const PER_KEY = 4
const PER_ADDRESS = 3
const env = { REQUESTS_PER_MINUTE: String(PER_KEY), REQUESTS_PER_MINUTE_PER_ADDRESS: String(PER_ADDRESS) }

describe.each(DIALECTS)('more requests than are allowed, on %s', (dialect) => {
  let api: Api
  let ada: Person
  beforeEach(async () => {
    api = await createApi(dialect, { env })
    ada = await api.person('ada')
  })
  afterEach(async () => {
    expect(api.errors).toEqual([])
    await api.end()
  })

  type Who = Parameters<Api['call']>[0]
  const ask = (who: Who, request = {}): Promise<Answer> => api.call(who, 'GET', '/v1/me', request)
  const statuses = async (who: Who, times: number, request = {}): Promise<number[]> => {
    const answers: number[] = []
    for (let time = 0; time < times; time++) answers.push((await ask(who, request)).status)
    return answers
  }
  const all = (status: number, times: number): number[] => Array(times).fill(status)

  it('of one key are refused, with when to come back; others go on', async () => {
    const left: (string | null)[] = []
    for (let time = 0; time < PER_KEY; time++) left.push((await ask(ada)).headers.get('ratelimit-remaining'))
    expect(left).toEqual(['3', '2', '1', '0'])
    const { status, body, headers } = await ask(ada)
    expect([status, body.code]).toEqual([429, 'too_many_requests'])
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect([headers.get('ratelimit-limit'), headers.get('ratelimit-remaining')]).toEqual(['4', '0'])
    const waitS = Number(headers.get('retry-after'))
    expect(waitS).toBeGreaterThanOrEqual(1)
    expect(waitS).toBeLessThanOrEqual(60)
    expect(body.detail).toContain(`Wait ${waitS} seconds`)
    expect(await statuses(await api.person('bob'), PER_KEY)).toEqual(all(200, PER_KEY))
    expect((await ask(ada.readKey)).status).toBe(200)
  })

  it('change nothing where they are refused', async () => {
    await statuses(ada, PER_KEY)
    const refused = await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Late' } })
    expect(refused.status).toBe(429)
    expect((await api.call(ada.readKey, 'GET', '/v1/teams')).body.items).toEqual([])
  })

  it('of one account are refused whatever keys and consoles it has', async () => {
    const { key } = await createApiKey(api.core, ada.accountId, { name: 'third', scopes: [], expiresAtMs: null })
    const { token } = await createSession(api.core, ada.accountId, { by: 'test' })
    expect(await statuses(ada, PER_KEY)).toEqual(all(200, PER_KEY))
    expect(await statuses(ada.readKey, PER_KEY)).toEqual(all(200, PER_KEY))
    expect((await ask(key)).status).toBe(429)
    expect((await ask(undefined, { headers: { Cookie: `muster=${token}` } })).status).toBe(429)
  })

  it('in one team are refused whoever asks, and not in others', async () => {
    const people = await Promise.all([1, 2, 3, 4].map((number) => api.person(`p${number}`)))
    const teamId = (await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body.id
    const inTeam = { context: `team/${teamId}` }
    const wallet = (who: Who, request = {}): Promise<Answer> => api.call(who, 'GET', '/v1/wallet', request)
    for (const { accountId } of people.slice(0, 3)) {
      const json = { accountId, role: 'member' }
      expect((await api.call(ada, 'POST', `/v1/teams/${teamId}/members`, { json })).status).toBe(201)
    }
    const answers: number[] = []
    for (const { key, readKey } of people.slice(0, 3)) {
      for (const who of [key, readKey, key, readKey, key, readKey]) answers.push((await wallet(who, inTeam)).status)
    }
    // Four times what a key has; whoever is not in the team takes nothing of that.
    expect(answers).toEqual([...all(200, 4 * PER_KEY), 429, 429])
    const [, , third, stranger] = people
    expect((await wallet(third?.key)).status).toBe(200)
    expect((await wallet(stranger?.key, inTeam)).status).toBe(404)
  })

  it('of nobody are refused by their address, and keep nobody out who has a key', async () => {
    const wrong = `${ada.key.slice(0, -1)}${ada.key.endsWith('a') ? 'b' : 'a'}`
    expect([...(await statuses(undefined, 1)), ...(await statuses(wrong, 2))]).toEqual(all(401, 3))
    expect(await statuses(wrong, 2)).toEqual([429, 429])
    expect(await statuses(undefined, 1)).toEqual([429])
    expect((await ask(ada)).status).toBe(200)
    expect((await api.call(undefined, 'GET', '/healthz')).status).toBe(200)
  })

  it('of one code are refused after five tries', async () => {
    await api.end()
    api = await createApi(dialect)
    const tries: number[] = []
    for (let time = 0; time < 6; time++) {
      tries.push((await api.call(undefined, 'POST', '/v1/auth/link', { json: { code: `wrong${time}` } })).status)
    }
    expect(tries.at(-1)).toBe(429)
    expect(tries.slice(0, 5)).not.toContain(429)
  })
})
