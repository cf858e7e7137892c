import { createHmac, generateKeyPairSync, hkdfSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readAccessToken, signAccessToken } from '#core/accounts/access-token.ts'
import { logIn } from '#core/accounts/login.ts'
import { register } from '#core/accounts/register.ts'
import { createSession } from '#core/accounts/sessions.ts'
import { DEFAULT_SETTINGS } from '#core/settings.ts'
import { TestClock } from '#tests/support/clock.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { type Answer, type Api, createApi } from './api.ts'
import { Browser } from './sign-in.ts'

const PASSWORD = 'correct horse battery'

describe('access tokens under attack', () => {
  const clock = new TestClock()
  const core = { settings: DEFAULT_SETTINGS, clock }
  const claims = { accountId: 'acc_1', sessionId: 'ses_1' }
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const nowS = Math.floor(clock.nowMs() / 1000)
  const payload = {
    sid: 'ses_1',
    iss: DEFAULT_SETTINGS.publicUrl,
    aud: 'muster-api',
    sub: 'acc_1',
    iat: nowS,
    exp: nowS + 900,
  }
  const key = Buffer.from(hkdfSync('sha256', DEFAULT_SETTINGS.authSecret, '', 'muster access tokens', 32))
  /** With the right key, which nobody outside has: what is left is what the claims say. */
  const made = (header: object, body: object, signed = key): string => {
    const text = `${part(header)}.${part(body)}`
    return `${text}.${createHmac('sha256', signed).update(text).digest('base64url')}`
  }
  const right = { alg: 'HS256', typ: 'at+jwt' }
  const read = (token: string) => readAccessToken(core, token)

  it('are taken as they are made', async () => {
    const { token } = await signAccessToken(core, claims)
    expect(await read(token)).toEqual(claims)
    expect(await read(made(right, payload))).toEqual(claims)
  })

  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const spki = publicKey.export({ type: 'spki', format: 'pem' }) as string
  const signedRs = (): string => {
    const text = `${part({ alg: 'RS256', typ: 'at+jwt' })}.${part(payload)}`
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
  }
  it.each<[string, () => string]>([
    ['no algorithm', () => `${part({ alg: 'none', typ: 'at+jwt' })}.${part(payload)}.`],
    ['no algorithm, in other letters', () => `${part({ alg: 'nOnE', typ: 'at+jwt' })}.${part(payload)}.`],
    ['another algorithm', () => made({ ...right, alg: 'HS512' }, payload)],
    ['a key pair of somebody', signedRs],
    ['a public key as the secret', () => made(right, payload, Buffer.from(spki))],
    ['the secret itself as the key', () => made(right, payload, Buffer.from(DEFAULT_SETTINGS.authSecret))],
    ['an empty key', () => made(right, payload, Buffer.alloc(0))],
    ['a key id that is a path', () => made({ ...right, kid: '../../../dev/null' }, payload)],
    ['a key that comes along', () => made({ ...right, jwk: { kty: 'oct', k: 'AA' } }, payload)],
    ['an address of keys', () => made({ ...right, jku: 'https://evil.test/keys' }, payload)],
    ['something critical', () => made({ ...right, crit: ['x'], x: 1 }, payload)],
    ['another type', () => made({ ...right, typ: 'JWT' }, payload)],
    ['no type', () => made({ alg: 'HS256' }, payload)],
    ['another audience', () => made(right, { ...payload, aud: 'other' })],
    ['another issuer', () => made(right, { ...payload, iss: 'https://evil.test' })],
    ['no expiry', () => made(right, { ...payload, exp: undefined })],
    ['an expiry in words', () => made(right, { ...payload, exp: '9999999999' })],
    ['over this second', () => made(right, { ...payload, exp: nowS })],
    ['over a second ago', () => made(right, { ...payload, exp: nowS - 1 })],
    ['not yet', () => made(right, { ...payload, nbf: nowS + 3_600 })],
    ['nobody’s', () => made(right, { ...payload, sub: undefined })],
    ['of no session', () => made(right, { ...payload, sid: undefined })],
    ['of a session that is a list', () => made(right, { ...payload, sid: ['ses_1'] })],
    ['four parts', () => `${made(right, payload)}.x`],
    ['encrypted', () => 'a.b.c.d.e'],
  ])('are refused with %s', async (_, token) => {
    expect(await read(token())).toBeUndefined()
  })

  it('count to the last second, and not one longer', async () => {
    expect(await read(made(right, { ...payload, exp: nowS + 1 }))).toEqual(claims)
  })

  it('are refused after any of ten thousand changes', async () => {
    const { token } = await signAccessToken(core, claims)
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0é']
    const at = fc.nat(token.length - 1)
    const letter = fc.constantFrom(...letters)
    const changes = fc.oneof(
      fc.tuple(at, letter).map(([where, one]) => token.slice(0, where) + one + token.slice(where + 1)),
      fc.tuple(at, letter).map(([where, one]) => token.slice(0, where) + one + token.slice(where)),
      fc
        .tuple(at, fc.integer({ min: 1, max: 40 }))
        .map(([where, count]) => token.slice(0, where) + token.slice(where + count)),
      fc.tuple(at, at).map(([one, other]) => {
        const swapped = [...token]
        ;[swapped[one], swapped[other]] = [swapped[other] ?? '', swapped[one] ?? '']
        return swapped.join('')
      }),
      fc.tuple(fc.nat(2), fc.base64String({ maxLength: 200 })).map(([index, text]) =>
        token
          .split('.')
          .map((one, place) => (place === index ? text : one))
          .join('.'),
      ),
      fc.tuple(fc.jsonValue(), fc.jsonValue()).map(([header, body]) => {
        const parts = [header, body].map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'))
        return `${parts.join('.')}.${token.split('.')[2]}`
      }),
    )
    let accepted = 0
    for (const changed of fc.sample(changes, 10_000)) {
      if (changed !== token && (await read(changed)) !== undefined) accepted++
    }
    expect(accepted).toBe(0)
  })
})

describe.each(DIALECTS)('the doors, on %s', (dialect) => {
  let api: Api
  beforeAll(async () => {
    api = await createApi(dialect, { settings: { access: 'open' }, env: { ACCESS: 'open' } })
    await register(api.core, { handle: 'ada', password: PASSWORD }, {})
  })
  afterAll(async () => {
    expect(api.errors).toEqual([])
    await api.end()
  })

  const login = (json: object, headers = {}) => api.call(undefined, 'POST', '/v1/auth/login', { json, headers })
  const told = ({ status, body }: Answer) => [status, { ...body, requestId: undefined }]

  it('say the same of who is known, who is not, who has no password and who is closed', async () => {
    await api.person('chatter')
    const answers = [
      await login({ handle: 'ada', password: 'not it at all' }),
      await login({ handle: 'nobody', password: 'not it at all' }),
      await login({ handle: 'chatter', password: 'not it at all' }),
      await login({ email: 'nobody@example.org', password: 'not it at all' }),
    ].map(told)
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(answers[0]?.[0]).toBe(401)
  })

  it('take as long for who is known as for who is not', async () => {
    const took = async (handle: string): Promise<number> => {
      const before = performance.now()
      await logIn(api.core, { handle, password: 'not it at all' }, {}).catch(() => {})
      return performance.now() - before
    }
    const known: number[] = []
    const unknown: number[] = []
    // In turns, so that whatever else the machine does meets both.
    for (let time = 0; time < 25; time++) {
      known.push(await took('ada'))
      unknown.push(await took('nobody'))
    }
    const median = (times: number[]): number => times.sort((a, b) => a - b)[12] ?? 0
    // Without the same work one would take a twentieth of the other.
    expect(median(unknown)).toBeGreaterThan(median(known) * 0.5)
    expect(median(known)).toBeGreaterThan(median(unknown) * 0.5)
  })

  it.each(['ada', 'who-is-this'])('close after five tries in a minute, for @%s', async (handle) => {
    const tries: Answer[] = []
    for (let time = 0; time < 8; time++)
      tries.push(await login({ handle: time % 2 ? handle : `@${handle.toUpperCase()}`, password: `wrong ${time}` }))
    const statuses = tries.map(({ status }) => status)
    expect(statuses.slice(-2)).toEqual([429, 429])
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(5)
    expect(Number(tries.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0)
    // Also with the right one, and nobody else is kept out.
    expect((await login({ handle, password: PASSWORD })).status).toBe(429)
    expect((await login({ handle: 'somebody-else', password: PASSWORD })).status).toBe(401)
  })

  it('take no key in an address', async () => {
    const { key } = await api.person(`keeper-${dialect}`)
    const { accountId, id } = await api.person(`other-${dialect}`).then(async (person) => ({
      accountId: person.accountId,
      id: (await createSession(api.core, person.accountId, { by: 'test', holds: 'tokens' })).id,
    }))
    const { token } = await signAccessToken(api.core, { accountId, sessionId: id })
    for (const query of [`api_key=${key}`, `access_token=${token}`, `token=Bearer%20${key}`, `x=1&key=${key}`]) {
      expect((await api.call(undefined, 'GET', `/v1/me?${query}`)).status).toBe(400)
    }
    expect((await api.call(token, 'GET', '/v1/me')).status).toBe(200)
  })

  const KINDS = { form: 'application/x-www-form-urlencoded', text: 'text/plain', json: 'application/json' }
  const FROM: Record<string, Record<string, string>> = {
    'another site': { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.test' },
    'another site without an origin': { 'Sec-Fetch-Site': 'cross-site' },
    'a sibling': { 'Sec-Fetch-Site': 'same-site', Origin: 'http://other.localhost' },
    'another site, by an old browser': { Origin: 'https://evil.test' },
    'a sandboxed page': { Origin: 'null' },
    'another port': { Origin: 'http://127.0.0.1:4000' },
    nowhere: {},
  }
  it.each(Object.keys(FROM))('let nothing be changed with a cookie from %s', async (from) => {
    const { accountId } = await api.person(`lured-${Object.keys(FROM).indexOf(from)}`)
    const { token } = await createSession(api.core, accountId, { by: 'test' })
    for (const [method, path] of [
      ['POST', '/v1/teams'],
      ['PUT', '/v1/preferences'],
      ['DELETE', '/v1/auth/sessions'],
      ['POST', '/v1/auth/logout'],
      ['POST', '/v1/auth/password/change'],
      ['POST', '/v1/chat/messages'],
    ] as const) {
      for (const type of Object.values(KINDS)) {
        const headers = { Cookie: `muster=${token}`, ...FROM[from] }
        const { status } = await api.call(undefined, method, path, {
          raw: new TextEncoder().encode('{"name":"x"}'),
          type,
          headers,
        })
        expect([from, method, path, type, status]).toEqual([from, method, path, type, 403])
      }
    }
  })

  it.each(Object.keys(FROM).filter((from) => from !== 'nowhere'))('sign nobody in from %s', async (from) => {
    const at = new Browser(api)
    for (const [path, json] of [
      ['/register', { handle: 'lured', password: PASSWORD }],
      ['/login', { handle: 'ada', password: PASSWORD }],
      ['/link', { code: 'x' }],
      ['/magic-link/redeem', { code: 'x' }],
      ['/claim', { code: 'x', handle: 'x1' }],
    ] as const) {
      const headers = { 'Sec-Fetch-Site': '', ...FROM[from] }
      expect((await at.call('POST', `/v1/auth${path}`, { json, headers })).status).toBe(403)
    }
    expect(at.cookies.size).toBe(0)
  })
})

describe('over https', () => {
  let api: Api
  beforeAll(async () => {
    const publicUrl = 'https://muster.test'
    api = await createApi('sqlite', {
      settings: { access: 'open', publicUrl },
      env: { ACCESS: 'open', PUBLIC_URL: publicUrl },
    })
  })
  afterAll(() => api.end())

  it('a session’s cookie stays with this host, with browsers, and out of scripts', async () => {
    const { headers } = await api.call(undefined, 'POST', '/v1/auth/register', {
      json: { handle: 'ada', password: PASSWORD },
    })
    const [cookie = ''] = headers.getSetCookie()
    expect(cookie).toMatch(/^__Host-muster=[\w-]{43,}; /)
    for (const attribute of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']) expect(cookie).toContain(attribute)
    expect(cookie).not.toContain('Domain')
    const out = await api.call(undefined, 'POST', '/v1/auth/logout')
    expect(out.headers.getSetCookie()[0]).toMatch(/^__Host-muster=; .*Secure/)
  })

  it.each([
    ['a page', '/'],
    ['what is not there', '/nothing.js'],
    ['the API', '/v1/auth/methods'],
    ['a refusal', '/v1/me'],
    ['an unknown route', '/v1/nothing'],
    ['health', '/healthz'],
    ['the document', '/openapi.json'],
    ['a callback that nobody knows', '/callbacks/nothing'],
    ['a stream', '/v1/chat/stream'],
  ])('%s says what browsers must know', async (_, path) => {
    const { key } = await api.person(`p${path.replaceAll(/\W/g, '')}x`)
    const stop = new AbortController()
    const headers: Record<string, string> = path === '/v1/chat/stream' ? { Authorization: `Bearer ${key}` } : {}
    const answer = await api.app.request(path, { headers, signal: stop.signal })
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(answer.headers.get('strict-transport-security')).toMatch(/^max-age=(\d+)$/)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(/script-src ([^;]*)/.exec(policy)?.[1] ?? '').not.toMatch(/unsafe|\*|data:/)
    if (path === '/v1/chat/stream') expect(answer.status).toBe(200)
    await answer.body?.cancel()
    stop.abort()
  })
})
