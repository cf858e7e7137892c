import type { RequestListener } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it } from 'vitest'
import { serve } from '#tests/core/outbound/listener.ts'
import { type Api, createApi, type Person } from '#tests/server/api.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'

interface Seen {
  method: string
  url: string
  headers: Record<string, string>
  body: string
}

describe.each(DIALECTS)('HTTP calls on %s', (dialect) => {
  let api: Api
  let ada: Person
  let url: string
  let clock: ShiftedClock
  let seen: Seen[]
  let closeServer: () => Promise<void>
  afterEach(async () => {
    expect(api.errors).toEqual([])
    await api.end()
    await closeServer()
  })

  async function begin(answer: RequestListener = (_, response) => void response.end('fine')): Promise<void> {
    seen = []
    clock = new ShiftedClock()
    const server = await serve((request, response) => {
      let body = ''
      request.on('data', (chunk) => (body += chunk))
      request.on('end', () => {
        const headers = request.headers as Record<string, string>
        seen.push({ method: request.method ?? '', url: request.url ?? '', headers, body })
        answer(request, response)
      })
    })
    url = server.url
    closeServer = server.close
    api = await createApi(dialect, { settings: { outboundAllow: [server.host] }, clock })
    ada = await api.person('ada')
  }

  const json =
    (value: unknown): RequestListener =>
    (_, response) =>
      void response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(value))

  async function call(inputs: object, toolId = 'http.request', context?: string) {
    const started = await api.call(ada, 'POST', `/v1/tools/${toolId}/run`, {
      json: { inputs },
      ...(context ? { context } : {}),
    })
    expect([started.status, started.body.detail]).toEqual([202, undefined])
    return eventually(async () => {
      const { body } = await api.call(ada, 'GET', `/v1/runs/${started.body.id}`)
      expect(body.finishedAt).not.toBeNull()
      return body
    })
  }
  const store = async (endpoint: object, context?: string) => {
    const stored = await api.call(ada, 'POST', '/v1/endpoints', {
      json: { name: 'crm', method: 'POST', url: `${url}/leads`, ...endpoint },
      ...(context ? { context } : {}),
    })
    expect([stored.status, stored.body.detail]).toEqual([201, undefined])
    return stored.body
  }
  const job = (retry: number) => ({
    jobId: `calls-${retry}`,
    displayName: 'Calls',
    description: 'Calls once.',
    inputSchema: { type: 'object', properties: {} },
    steps: [{ stepId: 'call', toolId: 'endpoint.crm', retry: { maxAttempts: retry, backoffMs: 0 } }],
    outputs: { status: { step: 'call', output: 'status' } },
  })
  async function runJob(jobId = 'calls-1') {
    const started = await api.call(ada, 'POST', `/v1/jobs/${jobId}/run`, { json: {} })
    return eventually(async () => {
      const { body } = await api.call(ada, 'GET', `/v1/runs/${started.body.id}`)
      expect(body.finishedAt).not.toBeNull()
      return body
    })
  }

  it('are made ad hoc, signed, and answer with status, headers and body', async () => {
    await begin(json({ ok: true, list: [1] }))
    const run = await call({
      method: 'PUT',
      url: `${url}/things?a=1`,
      query: { b: 'x y', c: [1, 2] },
      headers: { 'X-Mine': 'yes', Host: 'inside' },
      body: { name: 'Ada' },
    })
    expect(run).toMatchObject({ status: 'succeeded', costUsd: '0.0005' })
    expect(run.outputs).toMatchObject({ status: 200, body: { ok: true, list: [1] }, truncated: false })
    expect(run.outputs.headers['content-type']).toContain('json')
    expect(seen).toMatchObject([
      {
        method: 'PUT',
        url: '/things?a=1&b=x+y&c=1&c=2',
        body: '{"name":"Ada"}',
        headers: { 'x-mine': 'yes', 'content-type': 'application/json' },
      },
    ])
    const { secret } = (await api.call(ada, 'GET', '/v1/signing-secret')).body
    const [request] = seen
    expect(new Webhook(secret).verify(request?.body ?? '', request?.headers ?? {})).toEqual({ name: 'Ada' })
  })

  it('carry both signatures for a day after the secret was changed', async () => {
    await begin()
    const before = (await api.call(ada, 'GET', '/v1/signing-secret')).body
    expect(before.previous).toBeNull()
    const rotate = () => api.call(ada, 'POST', '/v1/signing-secret/rotate', { once: 'rotate-1' })
    const after = (await rotate()).body
    expect(after.secret).not.toBe(before.secret)
    expect(after.previous.secret).toBe(before.secret)
    // The same request again changes nothing.
    expect((await rotate()).body.secret).toBe(after.secret)
    const isValid = (secret: string, index: number): boolean => {
      const { body = '', headers = {} } = seen[index] ?? {}
      try {
        new Webhook(secret).verify(body, headers, { jsonParse: false })
        return true
      } catch {
        return false
      }
    }
    await call({ method: 'POST', url, body: 'x' })
    expect([isValid(after.secret, 0), isValid(before.secret, 0)]).toEqual([true, true])
    clock.advance(24 * 60 * 60 * 1000)
    expect((await api.call(ada, 'GET', '/v1/signing-secret')).body.previous).toBeNull()
    await call({ method: 'POST', url, body: 'x' })
    expect(seen[1]?.headers['webhook-signature']?.split(' ')).toHaveLength(1)
    expect(seen[0]?.headers['webhook-signature']?.split(' ')).toHaveLength(2)
  })

  it('never reach a private address, whoever asks', async () => {
    await begin()
    const elsewhere = url.replace(/\d+$/, (port) => String(Number(port) + 1))
    for (const inputs of [
      { url: elsewhere },
      { url: 'http://169.254.169.254/latest' },
      { url: 'file:///etc/passwd' },
    ]) {
      const run = await call(inputs)
      expect(run).toMatchObject({ status: 'failed', costUsd: '0.00', error: { code: 'refused' } })
      expect(run.steps[0].attempts).toBe(1)
    }
    expect(seen).toEqual([])
  })

  it('keep ten thousand characters and say so when there were more', async () => {
    await begin((request, response) => {
      if (request.url === '/text') response.end('x'.repeat(10_001))
      else json({ text: 'y'.repeat(20_000), name: 'Ada' })(request, response)
    })
    expect((await call({ url: `${url}/text` })).outputs).toMatchObject({ body: 'x'.repeat(10_000), truncated: true })
    const long = (await call({ url: `${url}/json` })).outputs
    expect(long).toMatchObject({ truncated: true })
    expect(long.body).toHaveLength(10_000)
    await store({ method: 'GET', response: { who: 'name', lost: 'nothing.here' } })
    const mapped = await call({ endpoint: 'crm' })
    expect(mapped.outputs).toMatchObject({ body: { who: 'Ada', lost: null }, truncated: false })
  })

  it('fail by class, and are only tried again when it may help', async () => {
    await begin((request, response) => {
      if (request.url?.startsWith('/reset')) request.socket.destroy()
      else response.writeHead(Number(request.url?.slice(1)) || 200).end('because')
    })
    const outcomes: unknown[] = []
    for (const path of ['404', '429', '500', 'reset']) {
      await store({ name: `e${path}`, method: 'GET', url: `${url}/${path}`, bodySchema: null })
      const source = { ...job(2), jobId: `try-${path}` }
      source.steps = [{ ...source.steps[0], toolId: `endpoint.e${path}` } as (typeof source.steps)[0]]
      expect((await api.call(ada, 'POST', '/v1/jobs', { json: source })).status).toBe(201)
      const run = await runJob(`try-${path}`)
      outcomes.push([path, run.steps[0].error.code, run.steps[0].attempts, run.costUsd])
    }
    expect(outcomes).toEqual([
      ['404', 'http_4xx', 1, '0.00'],
      ['429', 'http_4xx', 2, '0.00'],
      ['500', 'http_5xx', 2, '0.00'],
      ['reset', 'network', 2, '0.00'],
    ])
    const run = await call({ url: `${url}/404` })
    expect(run.error.message).toContain(`GET ${url.slice(7)} answered 404: because.`)
  })

  it('by a stored endpoint put headers of the team under its own, and those under the call’s', async () => {
    await begin()
    const { id: teamId } = (await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body
    const context = `team/${teamId}`
    await api.call(ada, 'POST', `/v1/wallet/transfers`, {
      json: { from: { type: 'user', id: ada.accountId }, to: { type: 'team', id: teamId }, amountUsd: '0.5' },
      once: 'money',
    })
    const defaults = { 'http.request': { headers: { 'X-One': 'team', 'X-Two': 'team', 'X-Three': 'team' } } }
    expect((await api.call(ada, 'PUT', `/v1/teams/${teamId}`, { json: { toolDefaults: defaults } })).status).toBe(200)
    await store({ headers: { 'x-two': 'endpoint', 'x-three': 'endpoint', Authorization: 'Bearer kept' } }, context)
    for (const toolId of ['http.request', 'endpoint.crm']) {
      const inputs = { headers: { 'X-THREE': 'call' }, params: { name: 'Ada' } }
      const run = await call(toolId === 'http.request' ? { ...inputs, endpoint: 'crm' } : inputs, toolId, context)
      expect(run).toMatchObject({ status: 'succeeded', costUsd: '0.0005' })
      expect(seen.at(-1)).toMatchObject({
        method: 'POST',
        url: '/leads',
        body: '{"name":"Ada"}',
        headers: { 'x-one': 'team', 'x-two': 'endpoint', 'x-three': 'call', authorization: 'Bearer kept' },
      })
    }
    // The endpoint is the team's: elsewhere there is none, and who closes HTTP calls closes it as well.
    const own = await api.call(ada, 'POST', '/v1/tools/endpoint.crm/run', { json: { inputs: {} } })
    expect(own.status).toBe(404)
    const toolAccess = { mode: 'list', allowed: ['endpoint.crm'], denied: [] }
    await api.call(ada, 'PUT', `/v1/teams/${teamId}`, { json: { toolAccess } })
    const closed = await api.call(ada, 'POST', '/v1/tools/endpoint.crm/run', { json: { inputs: {} }, context })
    expect(closed.body).toMatchObject({ status: 403 })
  })

  it('hold what is given against the schema of the endpoint', async () => {
    await begin()
    const bodySchema = {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string' }, age: { type: 'integer', default: 7 } },
    }
    await store({ bodySchema })
    await store({ name: 'search', method: 'GET', bodySchema })
    expect((await call({ endpoint: 'crm', params: { name: 'A' } })).status).toBe('succeeded')
    expect((await call({ endpoint: 'search', params: { name: 'A' } })).status).toBe('succeeded')
    expect(seen.map(({ method, url: path, body }) => [method, path, body])).toEqual([
      ['POST', '/leads', '{"name":"A","age":7}'],
      ['GET', '/leads?name=A&age=7', ''],
    ])
    for (const inputs of [{}, { params: { name: 1 } }, { params: { name: 'A', more: 1 } }, { body: 'text' }]) {
      const run = await call({ endpoint: 'crm', ...inputs })
      expect([run.status, run.error.code]).toEqual(['failed', 'bad_input'])
    }
    const unknown = await call({ endpoint: 'nobody' })
    expect(unknown.error).toMatchObject({ code: 'bad_input' })
    expect(seen).toHaveLength(2)
  })

  it('show among the tools, never with their credentials, and keep those when they are stored again', async () => {
    await begin()
    const stored = await store({ headers: { Authorization: 'Bearer super-secret-1234', 'X-Plain': 'shown' } })
    expect(stored).toMatchObject({
      toolId: 'endpoint.crm',
      headers: { Authorization: '••••1234', 'X-Plain': 'shown' },
      timeoutMs: 5_000,
      maxRequestBytes: 1_000_000,
      maxResponseBytes: 5_000_000,
      breaker: { state: 'closed', failures: 0, openUntil: null },
    })
    const tools = (await api.call(ada, 'GET', '/v1/tools')).body.items
    expect(tools.map(({ toolId }: { toolId: string }) => toolId)).toContain('endpoint.crm')
    const one = await api.call(ada, 'GET', '/v1/tools/endpoint.crm')
    expect(one.body).toMatchObject({ price: { rateUsd: '0.0005' }, visibility: 'team' })
    expect(JSON.stringify([tools, one.body, stored])).not.toContain('super-secret')
    const { name, method, url: address, headers } = stored
    const change = { json: { name, method, url: address, headers: { ...headers, 'X-Plain': 'new' } } }
    expect((await api.call(ada, 'PUT', `/v1/endpoints/${stored.id}`, change)).status).toBe(200)
    await call({ endpoint: 'crm' })
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer super-secret-1234', 'x-plain': 'new' })
    const other = await api.call(ada, 'POST', '/v1/endpoints', { json: { name, method, url: address } })
    expect(other.body).toMatchObject({ status: 409 })
    expect((await api.call(ada, 'DELETE', '/v1/endpoints/crm')).status).toBe(204)
    expect((await api.call(ada, 'GET', '/v1/endpoints/crm')).status).toBe(404)
  })

  it('are refused with everything that is wrong with them', async () => {
    await begin()
    const wrong = {
      name: 'Not A Name',
      method: 'POST',
      url: 'http://somebody@example.com/',
      headers: { 'X A': 'b' },
      timeoutMs: 999,
      maxRequestBytes: 0,
      maxResponseBytes: 5_000_001,
      bodySchema: { type: 'array', pattern: 'x' },
    }
    const refused = await api.call(ada, 'POST', '/v1/endpoints', { json: wrong })
    expect(refused.status).toBe(400)
    const paths = refused.body.errors.map(({ path }: { path: string }) => path)
    for (const path of ['name', 'url', 'headers.X A', 'timeoutMs', 'maxRequestBytes', 'maxResponseBytes']) {
      expect(paths).toContain(path)
    }
    expect(paths.some((path: string) => path.startsWith('bodySchema'))).toBe(true)
    expect((await api.call(ada, 'POST', '/v1/endpoints', { json: { ...wrong, surprise: 1 } })).status).toBe(400)
  })

  it('nobody waits for never fail', async () => {
    await begin((_, response) => void response.writeHead(500).end())
    await store({ fireAndForget: true })
    expect((await call({ endpoint: 'crm', body: 'x' })).outputs).toMatchObject({ status: 0, body: null })
    expect(seen).toHaveLength(1)
  })

  it('leave an endpoint alone that failed five times in a minute, then let one try', async () => {
    let status = 500
    await begin((_, response) => void response.writeHead(status).end())
    await store({})
    expect((await api.call(ada, 'POST', '/v1/jobs', { json: job(1) })).status).toBe(201)
    const breaker = async () => (await api.call(ada, 'GET', '/v1/endpoints/crm')).body.breaker
    for (let failures = 1; failures <= 4; failures++) {
      await runJob()
      expect(await breaker()).toMatchObject({ state: 'closed', failures })
    }
    // Long ago does not count.
    clock.advance(61_000)
    await runJob()
    expect(await breaker()).toMatchObject({ state: 'closed', failures: 1 })
    // However many fail at once, each counts.
    await Promise.all([runJob(), runJob(), runJob(), runJob()])
    expect(await breaker()).toMatchObject({ state: 'open', failures: 5 })
    const calls = seen.length
    const run = await runJob()
    expect(run.error).toMatchObject({ code: 'aborted', message: expect.stringContaining('left alone until') })
    expect(seen).toHaveLength(calls)
    // The trial fails: another rest. Of many at once one tries.
    clock.advance(30_001)
    const codes = (await Promise.all([runJob(), runJob(), runJob(), runJob()])).map(({ error }) => error.code)
    expect(codes.filter((code) => code === 'http_5xx')).toHaveLength(1)
    expect(seen).toHaveLength(calls + 1)
    expect(await breaker()).toMatchObject({ state: 'open' })
    status = 200
    clock.advance(30_001)
    expect((await runJob()).status).toBe('succeeded')
    expect(await breaker()).toEqual({ state: 'closed', failures: 0, openUntil: null })
    expect((await runJob()).status).toBe('succeeded')
  })

  it('are the endpoint’s own fault only when it did not answer well', async () => {
    await begin((_, response) => void response.writeHead(404).end())
    await store({})
    expect((await api.call(ada, 'POST', '/v1/jobs', { json: job(1) })).status).toBe(201)
    for (let times = 0; times < 6; times++) expect((await runJob()).error.code).toBe('http_4xx')
    expect((await api.call(ada, 'GET', '/v1/endpoints/crm')).body.breaker).toMatchObject({
      state: 'closed',
      failures: 0,
    })
  })
})
