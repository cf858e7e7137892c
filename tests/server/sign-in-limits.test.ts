import { afterEach, describe, expect, it } from 'vitest'
import { findLoginByHandle } from '#db/passwords.ts'
import { openInbox } from '#tests/peers/mail/inbox.ts'
import { TestClock } from '#tests/support/clock.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { type Answer, type Api, createApi } from './api.ts'
import { Browser } from './sign-in.ts'

const PASSWORD = 'correct horse battery'
const MINUTE_MS = 60_000

describe.each(DIALECTS)('tries to get into an account from many addresses, on %s', (dialect) => {
  let api: Api
  let clock: TestClock
  let address = 0
  afterEach(async () => {
    expect(api.errors).toEqual([])
    await api.end()
  })

  /** Ada has an account with a password, in a browser of hers. */
  async function begin(env: Record<string, string> = {}): Promise<Browser> {
    clock = new TestClock()
    address = 0
    api = await createApi(dialect, { clock, settings: { access: 'open' }, env: { TRUSTED_PROXIES: '1', ...env } })
    const home = new Browser(api)
    const made = await home.call('POST', '/v1/auth/register', {
      json: { handle: 'ada', password: PASSWORD },
      headers: elsewhere(),
    })
    expect(made.status).toBe(201)
    return home
  }
  /** Each time another one. */
  const elsewhere = () => ({ 'x-forwarded-for': `198.51.${Math.floor(++address / 250)}.${(address % 250) + 1}` })
  const guess = (json: object = { handle: 'ada', password: `wrong ${address}` }): Promise<Answer> =>
    api.call(undefined, 'POST', '/v1/auth/login', {
      json,
      headers: { 'Sec-Fetch-Site': 'same-origin', ...elsewhere() },
    })
  const guesses = async (times: number): Promise<number[]> => {
    const statuses: number[] = []
    for (let n = 0; n < times; n++) statuses.push((await guess()).status)
    return statuses
  }
  const enter = (browser: Browser, password = PASSWORD, handle = 'ada') =>
    browser.call('POST', '/v1/auth/login', { json: { handle, password }, headers: elsewhere() })

  it('are five a minute and thirty an hour all together, and no more however many addresses there are', async () => {
    await begin()
    expect(await guesses(20)).toEqual([...Array(5).fill(401), ...Array(15).fill(429)])
    // With the right one too: who guesses does not learn that it was.
    const right = await guess({ handle: 'ada', password: PASSWORD })
    expect([right.status, right.body.code]).toEqual([429, 'too_many_requests'])
    expect(Number(right.headers.get('retry-after'))).toBeLessThanOrEqual(60)
    // At-signs, capitals and spaces make no other name of it.
    expect((await guess({ handle: ' @ADA ', password: PASSWORD })).status).toBe(429)
    expect((await guess({ handle: 'somebody-else', password: PASSWORD })).status).toBe(401)
    let tried = 5
    for (let minute = 1; minute < 60; minute++) {
      clock.advance(MINUTE_MS)
      tried += (await guesses(7)).filter((status) => status === 401).length
    }
    expect(tried).toBe(30)
    const late = await guess()
    expect(late.status).toBe(429)
    clock.advance(MINUTE_MS)
    expect((await guess()).status).toBe(401)
  })

  it('do not keep out who has signed in with this browser before', async () => {
    const home = await begin()
    await home.call('POST', '/v1/auth/logout')
    expect(await home.whoami()).toBe(401)
    await guesses(40)
    expect((await enter(home)).status).toBe(200)
    expect(await home.whoami()).toBe('ada')
    await home.call('POST', '/v1/auth/logout')
    // It gets no further by it either.
    const wrong: number[] = []
    for (let n = 0; n < 6; n++) wrong.push((await enter(home, `wrong ${n}`)).status)
    expect(wrong).toEqual([401, 401, 401, 401, 429, 429])
    clock.advance(MINUTE_MS)
    await guesses(5)
    expect((await enter(home)).status).toBe(200)
  })

  it('count the same with what somebody else’s browser knows, or what is made up', async () => {
    await begin()
    const mallory = new Browser(api)
    const made = { json: { handle: 'mallory', password: PASSWORD }, headers: elsewhere() }
    expect((await mallory.call('POST', '/v1/auth/register', made)).status).toBe(201)
    await mallory.call('POST', '/v1/auth/logout')
    const known = [...mallory.cookies].find(([name]) => name.includes('known'))
    expect(known).toBeDefined()
    await guesses(5)
    expect((await enter(mallory)).status).toBe(429)
    const [name = '', value = ''] = known ?? []
    const [, id, signature] = value.split('.')
    const ada = (await findLoginByHandle.first(api.core.db, { handle: 'ada' }))?.id
    for (const forged of [`${ada}.${id}.${signature}`, `${ada}.x.`, `${ada}`, '..', `${ada}.${id}.${'a'.repeat(43)}`]) {
      const browser = new Browser(api)
      browser.cookies.set(name, forged)
      expect((await enter(browser)).status, forged).toBe(429)
    }
    // Her own is known to her own account still.
    expect((await enter(mallory, PASSWORD, 'mallory')).status).toBe(200)
  })

  it('leave a link by mail, which works as long as more of them are refused', async () => {
    const inbox = await openInbox()
    try {
      await begin({ EMAIL_SMTP_URL: inbox.url, EMAIL_FROM: 'Muster <muster@example.org>' })
      const ask = () =>
        api.call(undefined, 'POST', '/v1/auth/magic-link', {
          json: { email: 'eve@example.org' },
          headers: { 'Sec-Fetch-Site': 'same-origin', ...elsewhere() },
        })
      const statuses: number[] = []
      for (let n = 0; n < 12; n++) {
        statuses.push((await ask()).status)
        clock.advance(30_000)
      }
      expect(statuses).toEqual([...Array(5).fill(202), ...Array(7).fill(429)])
      const code = await inbox.code('eve@example.org', 4)
      expect(inbox.received).toHaveLength(5)
      clock.advance(3 * MINUTE_MS)
      const eve = new Browser(api)
      const entered = await eve.call('POST', '/v1/auth/magic-link/redeem', { json: { code }, headers: elsewhere() })
      expect(entered.status).toBe(200)
      clock.advance(MINUTE_MS)
      expect((await ask()).status).toBe(202)
    } finally {
      await inbox.close()
    }
  })

  it('of a password by who is signed in, too', async () => {
    const home = await begin()
    const change = () =>
      home.call('POST', '/v1/auth/password/change', {
        json: { currentPassword: 'wrong', password: 'a wholly different one' },
        headers: elsewhere(),
      })
    const statuses: number[] = []
    for (let n = 0; n < 7; n++) statuses.push((await change()).status)
    expect(statuses.slice(-2)).toEqual([429, 429])
    expect(statuses.slice(0, 5)).not.toContain(429)
  })
})
