import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSession } from '#core/accounts/sessions.ts'
import { type Guest, type OpenIdPeer, openOpenIdPeer, type Twist } from '#tests/peers/openid/provider.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { type Answer, type Api, createApi } from './api.ts'
import { Browser } from './sign-in.ts'

const ANNA: Guest = { sub: '1001', name: 'Anna Rossi', email: 'anna@example.org' }

describe.each(DIALECTS)('signing in with Google, on %s', (dialect) => {
  let google: OpenIdPeer
  let open: Api
  let closed: Api
  beforeAll(async () => {
    google = await openOpenIdPeer()
    const env = {
      GOOGLE_CLIENT_ID: google.clientId,
      GOOGLE_CLIENT_SECRET: google.clientSecret,
      GOOGLE_ISSUER: google.url,
    }
    const settings = { outboundAllow: [google.host] }
    open = await createApi(dialect, { env: { ...env, ACCESS: 'open' }, settings: { ...settings, access: 'open' } })
    closed = await createApi(dialect, { env, settings })
  })
  afterAll(async () => {
    for (const api of [open, closed]) {
      expect(api.errors).toEqual([])
      await api.end()
    }
    await google.close()
  })

  let at: Browser
  beforeEach(() => {
    at = new Browser(open)
  })

  const setOut = async (browser: Browser, query = ''): Promise<string> =>
    (await browser.call('GET', `/v1/auth/google${query}`)).headers.get('location') ?? ''
  const comeBack = (browser: Browser, to: string): Promise<Answer> =>
    browser.call('GET', to.slice(to.indexOf('/v1/')), { headers: { 'Sec-Fetch-Site': 'cross-site' } })
  const whereto = ({ headers }: Answer): string | null => headers.get('location')
  async function signIn(browser: Browser, guest: Guest, query = ''): Promise<string | null> {
    return whereto(await comeBack(browser, google.consent(await setOut(browser, query), guest)))
  }

  it('makes somebody new an account, and knows them again by their number alone', async () => {
    expect(await signIn(at, ANNA)).toBe('/')
    expect(await at.whoami()).toBe('anna-rossi')
    const elsewhere = new Browser(open)
    expect(await signIn(elsewhere, { sub: ANNA.sub, name: 'Anna Bianchi', email: 'other@example.org' })).toBe('/')
    expect(await elsewhere.whoami()).toBe('anna-rossi')
    // The same address with another number is somebody else.
    const other = new Browser(open)
    expect(await signIn(other, { ...ANNA, sub: '1002' })).toBe('/')
    expect(await other.whoami()).toBe('anna-rossi-2')
  })

  it('is another way in to an account whose person is signed in, and to one only', async () => {
    const api = closed
    const { accountId } = await api.person('linked')
    const stranger = new Browser(api)
    expect(await signIn(stranger, { sub: '7' })).toBe('/login?google=forbidden')
    expect(await stranger.whoami()).toBe(401)
    const own = new Browser(api)
    own.cookies.set('muster', (await createSession(api.core, accountId, { by: 'test' })).token)
    expect(await signIn(own, { sub: '7' }, '?link=1')).toBe('/')
    expect(await signIn(stranger, { sub: '7' })).toBe('/')
    expect(await stranger.whoami()).toBe('linked')
    const second = new Browser(api)
    second.cookies.set(
      'muster',
      (await createSession(api.core, (await api.person('second')).accountId, { by: 'test' })).token,
    )
    expect(await signIn(second, { sub: '7' }, '?link=1')).toBe('/login?google=conflict')
  })

  it('ties nothing to an account when another site sent the browser', async () => {
    const from = { headers: { 'Sec-Fetch-Site': 'cross-site' } }
    const { accountId } = await closed.person('lured')
    const lured = new Browser(closed)
    lured.cookies.set('muster', (await createSession(closed.core, accountId, { by: 'test' })).token)
    expect((await lured.call('GET', '/v1/auth/google?link=1', from)).status).toBe(403)
  })

  it('takes an answer only in the browser that set out, and once', async () => {
    const back = google.consent(await setOut(at), { sub: '2001' })
    const elsewhere = new Browser(open)
    expect(whereto(await comeBack(elsewhere, back))).toBe('/login?google=cancelled')
    expect(await elsewhere.whoami()).toBe(401)
    const state = new Map(at.cookies)
    expect(whereto(await comeBack(at, back))).toBe('/')
    for (const [name, value] of state) at.cookies.set(name, value)
    expect(whereto(await comeBack(at, back))).toBe('/login?google=conflict')
  })

  const TWISTS: Twist[] = ['issuer', 'audience', 'nonce', 'expired', 'other key', 'none', 'shared key', 'no subject']
  it.each(TWISTS)('believes nothing that is not signed as it must be: %s', async (twist) => {
    google.twist(twist)
    expect(await signIn(at, { sub: '3001' })).toBe('/login?google=unauthorized')
    expect(await at.whoami()).toBe(401)
  })

  it('goes nowhere without its answer', async () => {
    await setOut(at)
    expect(whereto(await at.call('GET', '/v1/auth/google/callback?error=access_denied'))).toBe(
      '/login?google=cancelled',
    )
  })
})
