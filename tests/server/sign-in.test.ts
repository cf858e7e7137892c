import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { register } from '#core/accounts/register.ts'
import { createSession } from '#core/accounts/sessions.ts'
import { query } from '#db/statement.ts'
import { type Inbox, openInbox } from '#tests/peers/mail/inbox.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Api, createApi } from './api.ts'
import { Browser } from './sign-in.ts'

const PASSWORD = 'correct horse battery'
const OTHER = 'a different long one'

describe.each(DIALECTS)('signing in, on %s', (dialect) => {
  let api: Api
  let inbox: Inbox
  const clock = new ShiftedClock()
  beforeAll(async () => {
    inbox = await openInbox()
    api = await createApi(dialect, {
      clock,
      settings: { access: 'open' },
      env: { ACCESS: 'open', EMAIL_SMTP_URL: inbox.url, EMAIL_FROM: 'Muster <muster@example.org>' },
    })
  })
  afterAll(async () => {
    await api.end()
    await inbox.close()
  })

  const browser = () => new Browser(api)
  let people = 0
  /** Somebody new with a password, at a browser. */
  async function newcomer(more: { email?: string } = {}): Promise<{ at: Browser; handle: string }> {
    const handle = `person${++people}`
    const at = browser()
    // Not through the door, where tries are counted.
    const { token } = await register(api.core, { handle, password: PASSWORD, ...more }, {})
    at.cookies.set('muster', token)
    return { at, handle }
  }
  async function verified(): Promise<{ at: Browser; handle: string; email: string }> {
    const email = `verified${people + 1}@example.org`
    const { at, handle } = await newcomer()
    await at.post('/email', { email })
    expect((await at.post('/email/verify', { code: await inbox.code(email) })).body).toEqual({ address: email })
    return { at, handle, email }
  }

  it('makes an account with a password, signs out and in again', async () => {
    const [at, handle] = [browser(), 'ada-lovelace']
    const made = await at.post('/register', { handle, password: PASSWORD, displayName: 'Ada Lovelace' })
    expect([made.status, made.body.handle]).toEqual([201, handle])
    expect(await at.whoami()).toBe(handle)
    expect((await at.call('POST', '/v1/auth/logout')).status).toBe(204)
    expect(await at.whoami()).toBe(401)
    const wrong = await at.post('/login', { handle, password: OTHER })
    expect([wrong.status, wrong.body.code]).toEqual([401, 'unauthorized'])
    const right = await at.post('/login', { handle: `@${handle.toUpperCase()}`, password: PASSWORD })
    expect(right.body).toMatchObject({ handle, displayName: 'Ada Lovelace' })
    expect(await at.whoami()).toBe(handle)
    expect((await at.post('/login', { handle, email: 'x@example.org', password: PASSWORD })).status).toBe(400)
    expect((await at.post('/login', { password: PASSWORD })).status).toBe(400)
  })

  it('takes no weak password, no handle twice, and leaves nothing behind then', async () => {
    const at = browser()
    const weak = await at.post('/register', { handle: 'weak', password: 'password1' })
    expect([weak.status, weak.body.errors[0].path]).toEqual([400, 'password'])
    const { handle } = await newcomer()
    const taken = await at.post('/register', { handle, password: PASSWORD, email: 'taken@example.org' })
    expect([taken.status, taken.body.errors[0].path]).toEqual([409, 'handle'])
    expect((await at.post('/register', { handle: 'odd', password: PASSWORD, email: 'no address' })).status).toBe(400)
    expect(await at.whoami()).toBe(401)
    expect(inbox.received.filter(({ to }) => to === 'taken@example.org')).toEqual([])
  })

  it('gives a program tokens that it refreshes, and no cookie', async () => {
    const { handle } = await newcomer()
    const { status, body, headers } = await api.call(undefined, 'POST', '/v1/auth/login', {
      json: { handle, password: PASSWORD, tokens: true },
    })
    expect([status, headers.getSetCookie(), body.tokenType]).toEqual([200, [], 'Bearer'])
    expect([899, 900]).toContain(body.expiresIn)
    const me = async (token: string) => (await api.call(token, 'GET', '/v1/me')).status
    expect(await me(body.accessToken)).toBe(200)
    expect(await me(body.refreshToken)).toBe(401)
    // As programs do: with what is over in the header.
    const again = await api.call('eyJhbGciOiJub25lIn0.e30.x', 'POST', '/v1/auth/refresh', {
      json: { refreshToken: body.refreshToken },
    })
    expect(again.body.sessionId).toBe(body.sessionId)
    expect(await me(again.body.accessToken)).toBe(200)
    clock.advance(15 * 60_000)
    expect(await me(again.body.accessToken)).toBe(401)
    const [listed] = (
      await api
        .call(undefined, 'POST', '/v1/auth/refresh', { json: { refreshToken: again.body.refreshToken } })
        .then(({ body: { accessToken } }) => api.call(accessToken, 'GET', '/v1/auth/sessions'))
    ).body.items
    expect(listed).toMatchObject({ holds: 'tokens', way: 'password', isCurrent: true })
  })

  it('shows where one is signed in, and ends a session, which counts at once', async () => {
    const { at, handle } = await newcomer()
    const other = browser()
    await other.call('POST', '/v1/auth/login', {
      json: { handle, password: PASSWORD },
      headers: { 'User-Agent': 'Phone' },
    })
    const { items } = (await at.call('GET', '/v1/auth/sessions')).body
    expect(items).toHaveLength(2)
    const phone = items.find(({ agent }: { agent: string }) => agent === 'Phone')
    expect(phone).toMatchObject({ isCurrent: false, way: 'password', holds: 'cookie' })
    const stranger = await newcomer()
    expect((await stranger.at.call('DELETE', `/v1/auth/sessions/${phone.id}`)).status).toBe(404)
    expect(await other.whoami()).toBe(handle)
    expect((await at.call('DELETE', `/v1/auth/sessions/${phone.id}`)).status).toBe(204)
    expect(await other.whoami()).toBe(401)
    await other.post('/login', { handle, password: PASSWORD })
    expect((await at.call('DELETE', '/v1/auth/sessions')).body).toEqual({ ended: 1 })
    expect([await other.whoami(), await at.whoami()]).toEqual([401, handle])
  })

  it('changes a password only for who knows it; everybody else is out', async () => {
    const { at, handle } = await newcomer()
    const other = browser()
    await other.post('/login', { handle, password: PASSWORD })
    const wrong = await at.post('/password/change', { currentPassword: OTHER, password: OTHER })
    expect([wrong.status, wrong.body.errors[0].path]).toEqual([403, 'currentPassword'])
    expect((await at.post('/password/change', { password: OTHER })).status).toBe(403)
    const changed = await at.post('/password/change', { currentPassword: PASSWORD, password: OTHER })
    expect([changed.status, changed.body]).toEqual([200, { sessionsEnded: 1 }])
    expect([await at.whoami(), await other.whoami()]).toEqual([handle, 401])
    expect((await browser().post('/login', { handle, password: PASSWORD })).status).toBe(401)
    expect((await browser().post('/login', { handle, password: OTHER })).status).toBe(200)
    const { items } = (await at.call('GET', '/v1/notifications')).body
    expect(items.map(({ type }: { type: string }) => type)).toContain('security')
  })

  it('lets who came by a link from the chat set a first password', async () => {
    const { accountId, handle } = await api.person('chatter')
    const at = browser()
    at.cookies.set('muster', (await createSession(api.core, accountId, { by: 'test' })).token)
    expect((await at.call('GET', '/v1/auth/password')).body).toEqual({ isSet: false })
    expect((await at.post('/password/change', { password: PASSWORD })).status).toBe(200)
    expect((await at.call('GET', '/v1/auth/password')).body).toEqual({ isSet: true })
    expect((await browser().post('/login', { handle, password: PASSWORD })).status).toBe(200)
  })

  it('is for people: a key changes no password and ends no session', async () => {
    const person = await api.person('keyholder')
    for (const [method, path] of [
      ['GET', '/v1/auth/sessions'],
      ['DELETE', '/v1/auth/sessions'],
      ['POST', '/v1/auth/password/change'],
      ['POST', '/v1/auth/email'],
      ['POST', '/v1/auth/email/verify'],
    ] as const) {
      const json = method === 'POST' ? { json: { password: PASSWORD } } : {}
      expect((await api.call(person, method, path, json)).status).toBe(403)
      expect((await api.call(undefined, method, path, json)).status).toBe(401)
    }
  })

  it('takes an address for one’s own when link and session say so, and signs in with it', async () => {
    const { handle, email } = await verified()
    const at = browser()
    expect((await at.post('/login', { email: email.toUpperCase(), password: PASSWORD })).status).toBe(200)
    expect(await at.whoami()).toBe(handle)
    const identities = (await at.call('GET', '/v1/me')).body.identities
    expect(identities).toContainEqual(expect.objectContaining({ channel: 'email', externalId: email }))
  })

  it('does not give an address away to who claims it, whoever clicks', async () => {
    const victim = await verified()
    const { at: attacker } = await newcomer()
    await attacker.post('/email', { email: 'mine@example.org' })
    const code = await inbox.code('mine@example.org')
    expect((await browser().post('/email/verify', { code })).status).toBe(401)
    expect((await victim.at.post('/email/verify', { code })).status).toBe(403)
    expect((await attacker.post('/login', { email: 'mine@example.org', password: PASSWORD })).status).toBe(401)
    expect((await attacker.post('/email/verify', { code })).status).toBe(200)
    expect((await attacker.post('/email/verify', { code })).status).toBe(409)
  })

  it('says the same whether an address is taken; its owner is told', async () => {
    const { email } = await verified()
    const { at } = await newcomer()
    const [taken, free] = [await at.post('/email', { email }), await at.post('/email', { email: 'free@example.org' })]
    expect([taken.status, free.status]).toEqual([202, 202])
    expect((await inbox.next(email, 1)).text).toContain('belongs to one already')
    expect((await inbox.next('free@example.org')).text).toContain('/verify?code=')
  })

  it('sends a link that signs in once, for ten minutes, and only the last one', async () => {
    const { handle, email } = await verified()
    const at = browser()
    expect((await at.post('/magic-link', { email })).status).toBe(202)
    const first = await inbox.code(email, 1)
    await at.post('/magic-link', { email })
    const second = await inbox.code(email, 2)
    expect((await at.post('/magic-link/redeem', { code: first })).status).toBe(404)
    expect((await at.post('/magic-link/redeem', { code: second })).body.handle).toBe(handle)
    expect((await at.post('/magic-link/redeem', { code: second })).status).toBe(409)
    await at.post('/magic-link', { email })
    const late = await inbox.code(email, 3)
    clock.advance(10 * 60_000)
    expect((await at.post('/magic-link/redeem', { code: late })).status).toBe(410)
  })

  it('sends a link to somebody new, who becomes an account', async () => {
    const at = browser()
    await at.post('/magic-link', { email: 'New.Person@Example.org' })
    const answer = await at.post('/magic-link/redeem', { code: await inbox.code('new.person@example.org') })
    expect(answer.body).toMatchObject({ handle: 'new-person', platformRole: 'user' })
  })

  it('sets a forgotten password with a link; all sessions but the new one end', async () => {
    const { at, handle, email } = await verified()
    const other = browser()
    expect((await other.post('/password/forgot', { email })).status).toBe(202)
    const code = await inbox.code(email, 1)
    expect((await other.post('/password/reset', { code, password: 'password1' })).status).toBe(400)
    expect((await other.post('/password/reset', { code: 'nonsense', password: OTHER })).status).toBe(404)
    const done = await other.post('/password/reset', { code, password: OTHER })
    expect([done.status, done.body.handle]).toEqual([200, handle])
    expect([await at.whoami(), await other.whoami()]).toEqual([401, handle])
    expect((await other.post('/password/reset', { code, password: PASSWORD })).status).toBe(409)
    expect((await browser().post('/login', { handle, password: OTHER })).status).toBe(200)
  })

  it('sends nothing to an address that nobody has, and answers the same', async () => {
    const { email } = await verified()
    const known = await browser().post('/password/forgot', { email })
    const unknown = await browser().post('/password/forgot', { email: 'nobody@example.org' })
    expect([known.status, unknown.status]).toEqual([202, 202])
    expect(Object.keys(known.body)).toEqual(Object.keys(unknown.body))
    await inbox.next(email, 1)
    expect(inbox.received.filter(({ to }) => to === 'nobody@example.org')).toEqual([])
  })

  it('takes from who put down somebody else’s address what they left to come back by', async () => {
    const email = 'victim@example.org'
    const [attacker, handle] = [browser(), 'attacker']
    expect((await attacker.post('/register', { handle, password: PASSWORD, email })).status).toBe(201)
    const tokens = await api.call(undefined, 'POST', '/v1/auth/login', {
      json: { handle, password: PASSWORD, tokens: true },
    })
    const key = (await attacker.call('POST', '/v1/api-keys', { json: { name: 'later' } })).body.key
    expect((await api.call(key, 'GET', '/v1/me')).status).toBe(200)

    const victim = browser()
    await victim.post('/magic-link', { email })
    expect((await victim.post('/magic-link/redeem', { code: await inbox.code(email, 1) })).status).toBe(200)
    expect(await attacker.whoami()).toBe(401)
    expect((await api.call(key, 'GET', '/v1/me')).status).toBe(401)
    expect((await api.call(tokens.body.accessToken, 'GET', '/v1/me')).status).toBe(401)
    const refresh = { json: { refreshToken: tokens.body.refreshToken } }
    expect((await api.call(undefined, 'POST', '/v1/auth/refresh', refresh)).status).toBe(401)
    for (const name of [{ email }, { handle }]) {
      expect((await browser().post('/login', { ...name, password: PASSWORD })).status).toBe(401)
    }
    // Whoever has the address is somebody of their own, in nothing that was there before.
    expect(await victim.whoami()).toBe('victim')
    expect((await victim.call('GET', '/v1/api-keys')).body.items).toEqual([])
    // The mail that asked whether the address is the attacker's is of no use to them either.
    const asked = /code=([\w-]+)/.exec(inbox.received.find(({ to }) => to === email)?.text ?? '')?.[1]
    expect((await victim.post('/email/verify', { code: asked })).status).toBe(403)
  })

  it('leaves an account that somebody works with to them, and the address to who has it', async () => {
    const email = 'typo@example.org'
    const { at: worker, handle } = await newcomer({ email })
    await worker.call('POST', '/v1/teams', { json: { name: 'Mine' } })
    const owner = browser()
    await owner.post('/magic-link', { email })
    const came = await owner.post('/magic-link/redeem', { code: await inbox.code(email) })
    expect(came.status).toBe(200)
    expect(came.body.handle).not.toBe(handle)
    expect(await worker.whoami()).toBe(handle)
    expect((await browser().post('/login', { email, password: PASSWORD })).status).toBe(401)
    expect((await browser().post('/login', { handle, password: PASSWORD })).status).toBe(200)
  })

  it('keeps no secret readable', async () => {
    const { handle, email } = await verified()
    await browser().post('/magic-link', { email })
    const code = await inbox.code(email, 1)
    const { body } = await api.call(undefined, 'POST', '/v1/auth/login', {
      json: { handle, password: PASSWORD, tokens: true },
    })
    for (const table of [
      'password',
      'session',
      'refresh_token',
      'secret_code',
      'event',
      'notification',
      'outbox',
    ] as const) {
      const rows = JSON.stringify(await query(api.core.db, (q) => q.selectFrom(table).selectAll()))
      for (const secret of [PASSWORD, OTHER, code, body.accessToken, body.refreshToken])
        expect(rows).not.toContain(secret)
    }
  })

  it('leaves no error behind', () => {
    expect(api.errors).toEqual([])
  })
})

describe('where the mail server is down', () => {
  it('says the same as always, and the operator hears why', async () => {
    const env = { ACCESS: 'open', EMAIL_SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'Muster <muster@example.org>' }
    const api = await createApi('sqlite', { settings: { access: 'open' }, env })
    expect((await new Browser(api).post('/magic-link', { email: 'ada@example.org' })).status).toBe(202)
    await eventually(() => expect(JSON.stringify(api.errors)).toMatch(/A mail could not be sent.*/))
    expect(JSON.stringify(api.errors)).not.toContain('code=')
    await api.end()
  })
})

describe('where there is no mail and one comes by invitation', () => {
  let api: Api
  beforeAll(async () => {
    api = await createApi('sqlite')
  })
  afterAll(() => api.end())

  it('says so, and how one gets in', async () => {
    const at = new Browser(api)
    for (const path of ['/magic-link', '/password/forgot']) {
      const { status, body } = await at.post(path, { email: 'ada@example.org' })
      expect([status, body.detail]).toEqual([400, expect.stringContaining('sends no mail')])
    }
    expect((await at.call('GET', '/v1/auth/methods')).body).toEqual({
      password: true,
      mail: false,
      google: false,
      access: 'invite',
    })
    expect((await at.call('GET', '/v1/auth/google')).status).toBe(404)
  })

  it('takes an invitation, for an account and its team at once', async () => {
    const owner = await api.person('owner')
    const team = (await api.call(owner, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body.id
    const invite = async () => (await api.call(owner, 'POST', `/v1/teams/${team}/invitations`, { json: {} })).body.code
    const at = new Browser(api)
    const without = await at.post('/register', { handle: 'new', password: PASSWORD })
    expect([without.status, without.body.code]).toEqual([403, 'forbidden'])
    const invitation = await invite()
    const came = await at.post('/register', { handle: 'new', password: PASSWORD, invitation })
    expect(came.body).toMatchObject({ handle: 'new', teams: [{ id: team, role: 'member' }] })
    const again = await new Browser(api).post('/register', { handle: 'newer', password: PASSWORD, invitation })
    expect(again.status).toBe(409)
    const joined = new Browser(api)
    await joined.post('/join', { code: await invite(), handle: 'joiner', password: PASSWORD })
    expect((await new Browser(api).post('/login', { handle: 'joiner', password: PASSWORD })).status).toBe(200)
  })
})
