import type { RequestListener } from 'node:http'
import { createServer as createTls } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { keyringOf, masterKey } from '#core/connections/keyring.ts'
import { countUnreadable } from '#core/connections/rewrap.ts'
import { keyBytes } from '#core/ids.ts'
import type { Settings } from '#core/settings.ts'
import { serve } from '#tests/core/outbound/listener.ts'
import { type Api, createApi, type Person } from '#tests/server/api.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { answerLike, type Fault, mailServer } from './peers.ts'

const SECRET = 'CANARY-0123456789-abcd'

describe.each(DIALECTS)('connections on %s', (dialect) => {
  let api: Api
  let ada: Person
  let url: string
  let closeServer: () => Promise<void>
  let answer: RequestListener
  afterEach(async () => {
    expect(api.errors).toEqual([])
    await api.end()
    await closeServer()
  })

  async function begin(allow: string[] = []): Promise<void> {
    answer = (_, response) => void response.end('fine')
    const server = await serve((request, response) => answer(request, response))
    url = server.url
    closeServer = server.close
    api = await createApi(dialect, { settings: { outboundAllow: [server.host, ...allow] } })
    ada = await api.person('ada', { admin: true })
  }
  const connect = async (connection: object, context?: string) => {
    const json = { name: 'crm', provider: 'http', secret: SECRET, baseUrl: url, ...connection }
    const made = await api.call(ada, 'POST', '/v1/connections', { json, ...(context ? { context } : {}) })
    expect([made.status, made.body.detail]).toEqual([201, undefined])
    return made.body
  }
  const test = async (id: string, json: object = {}) =>
    (await api.call(ada, 'POST', `/v1/connections/${id}/test`, { json })).body

  it('are stored under a name, tested, and never shown', async () => {
    await begin()
    const made = await connect({ provider: 'openai', baseUrl: `${url}/v1` })
    expect(made).toMatchObject({
      name: 'crm',
      provider: 'openai',
      owner: { type: 'user', id: ada.accountId },
      hint: 'abcd',
      version: 1,
      isReadable: true,
      lastTest: null,
      rotatedAt: null,
    })
    let fault: Fault | undefined
    answer = answerLike('openai', SECRET, () => fault)
    const well = await test('crm')
    expect(well).toMatchObject({ ok: true, provider: 'openai', version: '2020-10-01' })
    fault = 'auth_failed'
    const failed = await test('crm')
    expect(failed).toMatchObject({ ok: false, error: { code: 'auth_failed' } })
    expect(failed.error.message).toContain('••••')
    const list = await api.call(ada, 'GET', '/v1/connections')
    expect(list.body.items).toMatchObject([{ id: made.id, lastTest: { ok: false, error: { code: 'auth_failed' } } }])
    expect(JSON.stringify([made, well, failed, list.body])).not.toContain('CANARY')
    const taken = { json: { name: 'crm', provider: 'http', secret: SECRET, baseUrl: url } }
    expect((await api.call(ada, 'POST', '/v1/connections', taken)).status).toBe(409)
  })

  it('get another secret, which counts from the next request on, once for each request', async () => {
    await begin()
    await connect({ provider: 'openai', baseUrl: url })
    answer = answerLike('openai', 'another-secret-9876', () => undefined)
    expect(await test('crm')).toMatchObject({ ok: false, error: { code: 'auth_failed' } })
    const rotate = (secret: string, once?: string) =>
      api.call(ada, 'POST', '/v1/connections/crm/rotate', { json: { secret }, ...(once ? { once } : {}) })
    const rotated = await rotate('another-secret-9876', 'rotate-1')
    expect(rotated.body).toMatchObject({ hint: '9876', version: 2, lastTest: null })
    expect((await rotate('another-secret-9876', 'rotate-1')).body.version).toBe(2)
    expect((await rotate('yet-another-secret', 'rotate-1')).status).toBe(422)
    expect(await test('crm')).toMatchObject({ ok: true })
    const short = await rotate('short')
    expect([short.status, short.text.includes('short')]).toEqual([400, false])
    // Of many at once each is stored after the other, or refused.
    const many = await Promise.all([1, 2, 3, 4].map((n) => rotate(`many-secrets-000${n}`)))
    const won = many.filter(({ status }) => status === 200).length
    expect(many.every(({ status }) => status === 200 || status === 409)).toBe(true)
    expect((await api.call(ada, 'GET', '/v1/connections/crm')).body.version).toBe(2 + won)
    expect((await api.call(ada, 'DELETE', '/v1/connections/crm')).status).toBe(204)
    expect((await api.call(ada, 'DELETE', '/v1/connections/crm')).status).toBe(404)
    expect((await api.call(ada, 'POST', '/v1/connections/crm/test', { json: {} })).status).toBe(404)
  })

  it('say what is wrong with them by name, whoever the provider is', async () => {
    await begin()
    let fault: Fault | undefined
    const styles = [
      ['openai', 'openai', '2020-10-01'],
      ['openai_compatible', 'openai', '2020-10-01'],
      ['anthropic', 'anthropic', '2023-06-01'],
      ['google', 'google', 'v1beta'],
      ['google_workspace', 'plain', 'v2'],
      ['http', 'plain', '4.2.0'],
      ['custom', 'plain', '4.2.0'],
    ] as const
    const faults = ['auth_failed', 'forbidden', 'rate_limited', 'quota_exhausted', 'provider_5xx', 'network'] as const
    for (const [provider, style, version] of styles) {
      answer = answerLike(style, SECRET, () => fault)
      await connect({ name: provider, provider, baseUrl: provider === 'google' ? `${url}/v1beta` : url })
      fault = undefined
      expect(await test(provider)).toMatchObject({ ok: true, provider, version })
      for (fault of faults) {
        const { ok, error } = await test(provider)
        expect([provider, ok, error.code, error.message.includes('CANARY')]).toEqual([provider, false, fault, false])
      }
      if (style === 'plain') continue
      fault = 'model_not_found'
      expect(await test(provider, { model: 'gone' })).toMatchObject({ error: { code: 'model_not_found' } })
      fault = 'bad_response'
      expect(await test(provider)).toMatchObject({ error: { code: 'bad_response' } })
    }
  })

  it('ask a mail server with user and password, and send nothing', async () => {
    const mail = await mailServer('ada@mail.example', SECRET)
    await begin([mail.host])
    const auth = { type: 'basic', user: 'ada@mail.example' }
    await connect({ name: 'mail', provider: 'smtp', baseUrl: `smtp://${mail.host}`, auth })
    expect(await test('mail')).toMatchObject({ ok: true, provider: 'smtp', version: 'mail.example ESMTP Postfix' })
    await connect({ name: 'wrong', provider: 'smtp', baseUrl: `smtp://${mail.host}`, auth, secret: 'CANARY-is-wrong' })
    const wrong = await test('wrong')
    expect([wrong.error.code, wrong.error.message.includes('CANARY')]).toEqual(['auth_failed', false])
    await connect({ name: 'inside', provider: 'smtp', baseUrl: 'smtp://127.0.0.1:25', auth })
    expect(await test('inside')).toMatchObject({ ok: false, error: { code: 'network' } })
    await mail.close()
  })

  it('see a certificate that is none', async () => {
    await begin(['localhost'])
    // It speaks TLS and has nothing to show.
    const server = createTls({}, () => {})
    server.on('tlsClientError', () => {})
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as { port: number }
    await connect({ name: 'bare', baseUrl: `https://localhost:${port}` })
    expect(await test('bare')).toMatchObject({ ok: false, error: { code: 'tls' } })
    server.close()
  })

  it('are refused with everything that is wrong with them, and without saying the secret', async () => {
    await begin()
    const wrong = {
      name: 'Not A Name',
      provider: 'http',
      secret: 'CANARY\nX-Evil: 1',
      baseUrl: 'http://crm.example/?a=1',
    }
    const refused = await api.call(ada, 'POST', '/v1/connections', {
      json: { ...wrong, auth: { type: 'header', name: 'Host' }, testPath: '//evil' },
    })
    expect(refused.body.errors.map(({ path }: { path: string }) => path)).toEqual([
      'name',
      'secret',
      'baseUrl',
      'baseUrl',
      'testPath',
      'auth.name',
    ])
    const bodies = [
      { ...wrong, surprise: SECRET },
      { ...wrong, secret: { CANARY: 1 } },
      { ...wrong, name: 'fine', provider: 'openai', auth: { type: 'bearer' } },
      { name: 'fine', provider: 'http', secret: SECRET },
      { name: 'fine', provider: 'CANARY', secret: SECRET },
    ]
    for (const json of bodies) {
      const { status, text } = await api.call(ada, 'POST', '/v1/connections', { json })
      expect([status, text.includes('CANARY')]).toEqual([400, false])
    }
    expect(refused.text).not.toContain('CANARY')
    expect((await api.call(ada, 'GET', '/v1/connections')).body.items).toEqual([])
  })

  it('go along with an endpoint, only to their own address, and are gone from what comes back', async () => {
    await begin()
    const kinds = [
      [{ type: 'bearer' }, 'authorization', `Bearer ${SECRET}`],
      [{ type: 'basic', user: 'ada' }, 'authorization', `Basic ${Buffer.from(`ada:${SECRET}`).toString('base64')}`],
      [{ type: 'header', name: 'X-Key' }, 'x-key', SECRET],
      [{ type: 'query', name: 'key' }, 'url', `/leads?key=${SECRET}`],
    ] as const
    let status = 200
    answer = (request, response) => {
      const sent = { url: request.url, authorization: request.headers.authorization, key: request.headers['x-key'] }
      seen = { ...request.headers, url: request.url }
      response.writeHead(status, { 'content-type': 'application/json', 'x-echo': JSON.stringify(sent) })
      response.end(JSON.stringify({ sent, number: 1 }))
    }
    let seen: Record<string, unknown> = {}
    for (const [index, [auth, place, value]] of kinds.entries()) {
      status = 200
      await connect({ name: `c${index}`, auth })
      const endpoint = { name: `e${index}`, method: 'GET', url: `${url}/leads`, connection: `c${index}` }
      const stored = await api.call(ada, 'POST', '/v1/endpoints', { json: endpoint })
      expect([stored.status, stored.body.connection]).toEqual([201, `c${index}`])
      const run = await call({ endpoint: `e${index}`, headers: { Authorization: 'Bearer mine' } })
      expect(seen[place]).toBe(value)
      expect(run).toMatchObject({ status: 'succeeded', outputs: { body: { number: 1 } } })
      expect(JSON.stringify(run)).not.toContain('CANARY')
      expect(JSON.stringify(run)).not.toContain(Buffer.from(`ada:${SECRET}`).toString('base64'))
      status = 400
      const failed = await call({ endpoint: `e${index}` })
      expect([failed.error.code, failed.error.message.includes('CANARY')]).toEqual(['http_4xx', false])
    }
    const elsewhere = { name: 'elsewhere', method: 'GET', url: 'https://evil.example/', connection: 'c0' }
    const refused = await api.call(ada, 'POST', '/v1/endpoints', { json: elsewhere })
    expect([refused.status, refused.body.errors[0].path]).toEqual([400, 'url'])
    const unknown = await api.call(ada, 'POST', '/v1/endpoints', { json: { ...elsewhere, connection: 'nobody' } })
    expect([unknown.status, unknown.body.errors[0].path]).toEqual([400, 'connection'])
    // Taken away, and put back for another address: nothing of it goes there.
    await api.call(ada, 'DELETE', '/v1/connections/c0')
    expect((await call({ endpoint: 'e0' })).error).toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('There is no connection c0 here.'),
    })
    await connect({ name: 'c0', baseUrl: 'https://other.example' })
    expect((await call({ endpoint: 'e0' })).error).toMatchObject({ code: 'refused' })
  })

  it('stay behind when an answer leads elsewhere', async () => {
    await begin()
    const other = await serve((request, response) => {
      response.end(JSON.stringify(request.headers))
    })
    await api.end()
    api = await createApi(dialect, { settings: { outboundAllow: [url.slice(7), other.host] } })
    ada = await api.person('ada', { admin: true })
    answer = (_, response) => void response.writeHead(307, { location: `${other.url}/` }).end()
    await connect({ auth: { type: 'header', name: 'X-Key' } })
    const endpoint = { name: 'led', method: 'GET', url, connection: 'crm' }
    expect((await api.call(ada, 'POST', '/v1/endpoints', { json: endpoint })).status).toBe(201)
    const run = await call({ endpoint: 'led' })
    expect(run.outputs.body).not.toContain('x-key')
    await other.close()
  })

  it('say that they cannot be read when the key is lost, and work again when they are entered again', async () => {
    await begin()
    answer = answerLike('plain', SECRET, () => undefined)
    await connect({})
    const endpoint = { name: 'shop', method: 'GET', url, connection: 'crm', headers: { 'X-Plain': 'yes' } }
    expect((await api.call(ada, 'POST', '/v1/endpoints', { json: endpoint })).status).toBe(201)
    // What a machine does whose key was lost: it makes another.
    const settings = api.core.settings as { -readonly [Name in keyof Settings]: Settings[Name] }
    settings.keyring = keyringOf([masterKey(keyBytes(32))])
    expect(await countUnreadable(api.core)).toBe(2)
    expect((await api.call(ada, 'GET', '/v1/connections/crm')).body.isReadable).toBe(false)
    expect((await api.call(ada, 'POST', '/v1/connections/crm/test', { json: {} })).status).toBe(409)
    const shown = (await api.call(ada, 'GET', '/v1/endpoints/shop')).body
    expect(shown.headers).toEqual({ 'X-Plain': '••••' })
    const run = await call({ endpoint: 'shop' })
    expect(run.error).toMatchObject({ code: 'refused', message: expect.stringContaining('Enter it again') })
    expect(run.steps[0].attempts).toBe(1)
    const change = (headers: object) => api.call(ada, 'PUT', '/v1/endpoints/shop', { json: { ...endpoint, headers } })
    const masks = await change(shown.headers)
    expect([masks.status, masks.body.errors[0].path]).toEqual([400, 'headers.X-Plain'])
    expect((await change(endpoint.headers)).status).toBe(200)
    await api.call(ada, 'POST', '/v1/connections/crm/rotate', { json: { secret: SECRET } })
    expect(await test('crm')).toMatchObject({ ok: true })
    expect(await call({ endpoint: 'shop' })).toMatchObject({ status: 'succeeded' })
    expect(await countUnreadable(api.core)).toBe(0)
  })

  it('belong to a person, a team or the instance, and are only there', async () => {
    await begin()
    const grace = await api.person('grace')
    const { id: teamId } = (await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body
    const inTeam = { context: `team/${teamId}` }
    const own = await connect({ name: 'own' })
    const team = await connect({ name: 'shared' }, inTeam.context)
    const instance = await connect({ name: 'shared', owner: 'instance' })
    const hers = { json: { name: 'x', provider: 'http', secret: SECRET, baseUrl: url, owner: 'instance' } }
    expect((await api.call(grace, 'POST', '/v1/connections', hers)).status).toBe(403)
    for (const id of [own.id, team.id]) {
      for (const [method, path] of [
        ['GET', ''],
        ['DELETE', ''],
        ['POST', '/test'],
        ['POST', '/rotate'],
      ] as const) {
        const json = path === '/rotate' ? { secret: SECRET } : path === '/test' ? {} : undefined
        const tried = await api.call(grace, method, `/v1/connections/${id}${path}`, json ? { json } : {})
        expect([method, path, tried.status]).toEqual([method, path, 404])
      }
    }
    const { items } = (await api.call(grace, 'GET', '/v1/connections')).body
    expect(items).toMatchObject([
      { id: instance.id, hint: null, mayChange: false, owner: { type: 'instance', id: null } },
    ])
    expect((await api.call(grace, 'DELETE', `/v1/connections/${instance.id}`)).status).toBe(403)
    expect((await api.call(ada, 'GET', '/v1/connections/shared', inTeam)).body.id).toBe(team.id)
    expect((await api.call(ada, 'DELETE', '/v1/connections/shared', inTeam)).status).toBe(204)
    expect((await api.call(ada, 'GET', '/v1/connections/shared', inTeam)).body.id).toBe(instance.id)
    expect((await api.call(ada, 'GET', `/v1/connections/${own.id}`, inTeam)).status).toBe(404)
  })

  async function call(inputs: object) {
    const started = await api.call(ada, 'POST', '/v1/tools/http.request/run', { json: { inputs } })
    expect([started.status, started.body.detail]).toEqual([202, undefined])
    return eventually(async () => {
      const { body } = await api.call(ada, 'GET', `/v1/runs/${started.body.id}`)
      expect(body.finishedAt).not.toBeNull()
      return body
    })
  }
})
