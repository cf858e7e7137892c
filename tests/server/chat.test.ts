import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiKey } from '#core/accounts/api-keys.ts'
import { createSession } from '#core/accounts/sessions.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { type Answer, type Api, createApi, type Person, type Request } from './api.ts'

const NUL = '\u0000'

describe.each(DIALECTS)('the chat over HTTP, on %s', (dialect) => {
  let api: Api
  let ada: Person
  let bob: Person
  let teamId: string
  beforeAll(async () => {
    api = await createApi(dialect)
    ada = await api.person('ada', { admin: true })
    bob = await api.person('bob')
    teamId = (await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body.id
  })
  afterAll(() => api.end())

  const say = (who: Person | string, text: string, request: Request = {}): Promise<Answer> =>
    api.call(who, 'POST', '/v1/chat/messages', { json: { text }, ...request })
  const repliesTo = async (who: Person, text: string, request: Request = {}): Promise<string[]> =>
    (await say(who, text, request)).body.replies.map((reply: { text: string }) => reply.text)

  it('answers with what was said at once', async () => {
    const { status, body } = await say(ada, '/balance')
    expect(status).toBe(200)
    expect(body.message).toMatchObject({ from: 'user', text: '/balance' })
    expect(body.replies).toEqual([
      expect.objectContaining({ from: 'bot', text: 'Personal\n\nBalance: $1.00\nAvailable: $1.00' }),
    ])
  })

  it('has the card of a run that was started among the answers', async () => {
    const [card] = await repliesTo(ada, '/run docs.lint # A title')
    expect(card).toContain('Lint Markdown')
    expect(card).toMatch(/Personal · (≈|cost) \$0\.001/)
  })

  it.each(['read', 'write'])('takes no key that may only %s: in chat a person can do everything', async (scope) => {
    const wanted = { name: scope, scopes: [scope], expiresAtMs: null }
    const { key } = await createApiKey(api.core, ada.accountId, wanted)
    const asked = [
      await say(key, '/grant ada 5'),
      await say(key, '/console'),
      await api.call(key, 'GET', '/v1/chat/messages'),
      await api.call(key, 'GET', '/v1/chat/stream'),
    ]
    expect(asked.map(({ status }) => status)).toEqual([403, 403, 403, 403])
    const { body } = await api.call(ada, 'GET', '/v1/wallet')
    expect(body.balanceUsd).toMatch(/^(1\.00|0\.999)$/)
  })

  it('pays from the context that the header names, and an --as goes before it', async () => {
    const inTeam = { context: `team/${teamId}` }
    expect((await repliesTo(ada, '/mycontext', inTeam))[0]).toContain('Context: Team Acme')
    expect((await repliesTo(ada, '/mycontext --as personal', inTeam))[0]).toContain('Context: Personal')
    expect((await repliesTo(ada, '/mycontext'))[0]).toContain('Context: Personal')
  })

  it('refuses a context that is not theirs before anything is said', async () => {
    const statuses = await Promise.all(
      [`team/${teamId}`, 'team/team_none', `user/${ada.accountId}`, 'nonsense'].map(
        async (context) => (await say(bob, '/balance', { context })).status,
      ),
    )
    expect(statuses).toEqual([404, 404, 404, 400])
    expect((await api.call(bob, 'GET', '/v1/chat/messages')).body.items).toEqual([])
  })

  it('says a message once for a key, says that it was said before, and refuses other words under it', async () => {
    const first = await say(ada, '/createteam Once', { once: 'said-1' })
    const again = await say(ada, '/createteam Once', { once: 'said-1' })
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.body).toEqual(first.body)
    const other = await say(ada, '/createteam Twice', { once: 'said-1' })
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused'])
    const elsewhere = await say(ada, '/createteam Once', { once: 'said-1', context: `team/${teamId}` })
    expect(elsewhere.status).toBe(422)
    expect((await say(ada, '/help', { once: 'not a key' })).status).toBe(400)
    const { body } = await api.call(ada, 'GET', '/v1/teams')
    expect(body.items.map(({ name }: { name: string }) => name)).toEqual(['Acme', 'Once'])
  })

  it('leaves nothing out between two pages of the history', async () => {
    const whole = (await api.call(ada, 'GET', '/v1/chat/messages?limit=200')).body.items
    const read: unknown[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { body }: Answer = await api.call(ada, 'GET', `/v1/chat/messages?limit=1${cursor && `&cursor=${cursor}`}`)
      read.unshift(...body.items)
      cursor = body.nextCursor
    }
    expect(whole.length).toBeGreaterThan(6)
    expect(read).toEqual(whole)
    expect((await api.call(ada, 'GET', '/v1/chat/messages?cursor=nowhere')).status).toBe(400)
  })

  it('refuses what could be no id, and fields that it does not know', async () => {
    const post = (json: object): Promise<Answer> => api.call(ada, 'POST', '/v1/chat/messages', { json })
    const refused = [
      await post({ text: 'x', button: NUL }),
      await post({ text: 'x', files: [NUL] }),
      await post({ text: 'x', surprise: 1 }),
      await post({ text: ' ' }),
    ]
    expect(refused.map(({ status }) => status)).toEqual([400, 400, 400, 400])
    expect((await post({ text: 'x', conversationId: 'web_other' })).status).toBe(404)
    expect((await post({ text: 'x', files: ['art_none'] })).status).toBe(404)
  })

  it('says once that a team is lost, whatever was asked in between', async () => {
    const member = { accountId: bob.accountId, role: 'member' }
    const add = () => api.call(ada, 'POST', `/v1/teams/${teamId}/members`, { json: member })
    const session = await createSession(api.core, bob.accountId, { by: 'test' })
    const asBob = (path: string) =>
      api.app.request(path, { headers: { Cookie: `muster=${session.token}`, 'Sec-Fetch-Site': 'same-origin' } })
    await add()
    await repliesTo(bob, '/setcontext team Acme')
    await api.call(ada, 'DELETE', `/v1/teams/${teamId}/members/${bob.accountId}`)
    // What the console asks all the time has nowhere to say so.
    for (const path of ['/v1/me', '/v1/wallet']) {
      const answer = await asBob(path)
      expect(await answer.json()).toMatchObject({ context: { type: 'user', id: bob.accountId } })
    }
    const [note, balance] = await repliesTo(bob, '/balance')
    expect(note).toContain('You are not in Acme any more')
    expect(balance).toContain('Personal')
    expect(await repliesTo(bob, '/balance')).toHaveLength(1)
    await add()
    await repliesTo(bob, '/setcontext team Acme')
    const gone = await api.call(ada, 'DELETE', `/v1/teams/${teamId}`)
    expect(gone.status).toBe(204)
    expect((await repliesTo(bob, '/balance'))[0]).toContain('You are not in Acme any more')
    expect(await repliesTo(ada, '/balance')).toHaveLength(1)
  })

  it('leaves no error behind', () => {
    expect(api.errors).toEqual([])
  })
})
