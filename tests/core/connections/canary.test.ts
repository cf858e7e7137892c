import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { sealStored } from '#core/connections/seal-stored.ts'
import { rewriteFiles } from '#db/clean.ts'
import { query } from '#db/statement.ts'
import { serve } from '#tests/core/outbound/listener.ts'
import { type Api, createApi, type Person } from '#tests/server/api.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'

const canary = (name: string): string => `CANARY_${name}_0123456789abcdef`
const SIGNING = `whsec_${Buffer.from('CANARY of the signing secret, long enough').toString('base64')}`
/** As they are, and as base64 writes them. */
const TRACE = /CANARY|Q0FOQVJZ|FOQVJZ|DQU5BUl/
const settled = { status: 'done', output: 'all is well' }

const traces = (text: string): string[] =>
  [...text.matchAll(new RegExp(TRACE, 'g'))].map(({ index }) => text.slice(Math.max(0, index - 60), index + 60))

/** Everything that stands in the files of a database, or in its tables where there are no files at hand. */
async function everythingIn(url: string): Promise<string> {
  if (url.startsWith('sqlite:')) {
    const directory = dirname(url.slice('sqlite:'.length))
    return readdirSync(directory)
      .map((name) => readFileSync(join(directory, name), 'latin1'))
      .join('\n')
  }
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows: tables } = await client.query(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    )
    const parts: string[] = []
    for (const { name } of tables) parts.push(JSON.stringify((await client.query(`SELECT * FROM ${name}`)).rows))
    return parts.join('\n')
  } finally {
    await client.end()
  }
}

const PROVIDER = (url: string) => ({
  submit: { url: `${url}/jobs`, headers: { 'X-Token': canary('submit') }, body: { callback: '{{ callbackUrl }}' } },
  poll: { url: `${url}/jobs/{{ providerRunId }}`, headers: { Authorization: `Bearer ${canary('poll')}` } },
  statusPath: 'status',
  successValues: ['done'],
  failureValues: ['failed'],
  resultPath: 'output',
  errorPath: 'why',
  deadlineMs: 60_000,
  price: '0.01',
})

describe.each(DIALECTS)('a secret on %s', (dialect) => {
  it('appears nowhere, whichever way it came in and whoever says it back', async () => {
    const lines: object[] = []
    const seen: string[] = []
    let callbackUrl = ''
    const server = await serve((request, response) => {
      let body = ''
      request.on('data', (chunk) => (body += chunk))
      request.on('end', () => {
        const said = JSON.stringify([request.headers, request.url])
        seen.push(said)
        callbackUrl = /"callback":"([^"]+)"/.exec(body)?.[1] ?? callbackUrl
        const status = Number(/\/fail(\d+)/.exec(request.url ?? '')?.[1] ?? 200)
        response.writeHead(status, { 'content-type': 'application/json', 'x-said': said })
        response.end(JSON.stringify({ id: said, said, status: 'taken' }))
      })
    })
    const api = await createApi(dialect, {
      settings: { outboundAllow: [server.host] },
      logged: (line) => lines.push(line),
    })
    const ada = await api.person('ada', { admin: true })
    const answers: string[] = []
    const ask = async (method: string, path: string, json?: object, once?: string) => {
      const request = { ...(json ? { json } : {}), ...(once ? { once } : {}) }
      const answer = await api.call(ada, method, path, request)
      answers.push(answer.text, inspect([...answer.headers]))
      return answer
    }
    const connection = { name: 'crm', provider: 'http', secret: canary('made'), baseUrl: server.url }
    expect((await ask('POST', '/v1/connections', connection, 'one')).status).toBe(201)
    expect((await ask('POST', '/v1/connections', connection, 'one')).headers.get('idempotency-replayed')).toBe('true')
    await ask('POST', '/v1/connections', { ...connection, baseUrl: 'http://evil.example' })
    await ask('POST', '/v1/connections', { ...connection, wrong: connection.secret })
    await ask('POST', '/v1/connections/crm/test', {})
    await ask('POST', '/v1/connections/crm/rotate', { secret: canary('rotated') }, 'two')
    await ask('POST', '/v1/connections', { ...connection, name: 'q', auth: { type: 'query', name: 'key' } })
    await ask('POST', '/v1/connections', { ...connection, name: 'b', auth: { type: 'basic', user: 'ada' } })
    const endpoint = { method: 'GET', url: `${server.url}/x`, headers: { 'X-Api-Key': canary('header') } }
    for (const name of ['crm', 'q', 'b']) {
      expect((await ask('POST', '/v1/endpoints', { ...endpoint, name, connection: name })).status).toBe(201)
      await ask('POST', '/v1/endpoints', {
        ...endpoint,
        name: `f${name}`,
        url: `${server.url}/fail400`,
        connection: name,
      })
      await ask('POST', `/v1/connections/${name}/test`, {})
    }
    await ask('PUT', '/v1/endpoints/crm', {
      ...endpoint,
      name: 'crm',
      connection: 'crm',
      headers: { 'X-Token': canary('changed') },
    })
    await ask('POST', '/v1/endpoints', { ...endpoint, name: 'Wrong Name' })
    const provider = { ...PROVIDER(server.url), name: 'studio', connection: 'crm' }
    expect((await ask('POST', '/v1/providers', { ...provider, secret: SIGNING })).status).toBe(201)
    expect((await ask('POST', '/v1/providers', { ...provider, name: 'open' })).status).toBe(201)
    await ask('POST', '/v1/providers', { ...provider, name: 'wrong', secret: canary('not base64 !') })

    const runs: string[] = []
    for (const inputs of ['crm', 'q', 'b', 'fcrm', 'fq', 'fb'].map((name) => ({ endpoint: name }))) {
      runs.push((await ask('POST', '/v1/tools/http.request/run', { inputs })).body.id)
    }
    for (const name of ['studio', 'open']) {
      runs.push((await ask('POST', '/v1/tools/http.job/run', { inputs: { provider: name, params: {} } })).body.id)
      await eventually(() => expect(seen.some((said) => said.includes(canary('submit')))).toBe(true))
    }
    const waiting = runs.at(-1)
    await eventually(async () =>
      expect((await api.call(ada, 'GET', `/v1/runs/${waiting}`)).body.status).toBe('waiting'),
    )
    // It says everything back that it was sent with its job; of others' secrets it cannot know.
    const called = await api.fetch(callbackUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...settled, output: seen.filter((said) => said.includes('/jobs')).join('\n') }),
    })
    expect([called.status, (await called.text()).includes('CANARY')]).toEqual([200, false])
    for (const id of runs) {
      const isOver = async (): Promise<void> => {
        const { body } = await api.call(ada, 'GET', `/v1/runs/${id}`)
        if (id !== runs.at(-2)) expect(body.finishedAt).not.toBeNull()
      }
      await eventually(isOver)
      const run = await ask('GET', `/v1/runs/${id}`)
      await ask('GET', `/v1/runs/${id}/events`)
      for (const variant of run.body.variants) await ask('POST', `/v1/variants/${variant}/export`, { format: 'json' })
    }
    for (const text of ['/connections', '/runs', '/log', '/status']) await ask('POST', '/v1/chat/messages', { text })
    await ask('GET', '/v1/chat/messages')
    for (const path of [
      'connections',
      'endpoints',
      'providers',
      'tools',
      'tools/endpoint.crm',
      'runs',
      'notifications',
    ]) {
      await ask('GET', `/v1/${path}`)
    }

    // It did go where it belongs: this test would find nothing in a program that sends nothing.
    for (const secret of ['rotated', 'made', 'changed', 'submit'].map(canary)) {
      expect(
        seen.some((said) => said.includes(secret) || said.includes(Buffer.from(`ada:${secret}`).toString('base64'))),
      ).toBe(true)
    }
    expect(answers.flatMap(traces)).toEqual([])
    expect(traces(inspect([lines, api.errors], { depth: 10 }))).toEqual([])
    expect(traces(await everythingIn(api.databaseUrl))).toEqual([])
    await api.end()
    await server.close()
  })

  it('that was stored in clear is encrypted at the next start, and gone from the files', async () => {
    const seen: string[] = []
    const server = await serve((request, response) => {
      seen.push(JSON.stringify(request.headers))
      response.end('fine')
    })
    const api: Api = await createApi(dialect, { settings: { outboundAllow: [server.host] } })
    const ada: Person = await api.person('ada')
    const { core, databaseUrl } = api
    const headers = { 'X-Api-Key': canary('old') }
    for (let index = 0; index < 3; index++) {
      const endpoint = { name: `e${index}`, method: 'GET', url: server.url }
      const { id } = (await api.call(ada, 'POST', '/v1/endpoints', { json: endpoint })).body
      const { body } = await api.call(ada, 'POST', '/v1/providers', {
        json: { ...PROVIDER(server.url), name: `p${index}` },
      })
      // As an older version wrote it.
      await core.db.write(async function writeOld(tx) {
        const { submit, poll, ...rest } = PROVIDER(server.url)
        const templates = {
          submit: { method: 'POST', query: {}, ...submit },
          poll: { method: 'GET', query: {}, body: null, ...poll },
        }
        const price = { unit: 'run', rateUsd: '0.01', maxUsd: '0.01' }
        const asked = {
          ...rest,
          ...templates,
          price,
          name: `p${index}`,
          description: '',
          runIdPath: 'id',
          secret: SIGNING,
        }
        const definition = { ...endpoint, description: '', headers, bodySchema: null, timeoutMs: 5_000 }
        const limits = { maxRequestBytes: 1_000, maxResponseBytes: 1_000, fireAndForget: false, response: null }
        const json = JSON.stringify({ ...definition, ...limits })
        await query(tx, (q) =>
          q.updateTable('endpoint').set({ definition_json: json, sealed: null }).where('id', '=', id),
        )
        await query(tx, (q) =>
          q
            .updateTable('provider')
            .set({ definition_json: JSON.stringify(asked), sealed: null })
            .where('id', '=', body.id),
        )
      })
    }
    expect(TRACE.test(await everythingIn(databaseUrl))).toBe(true)
    let cleaned = 0
    const clean = async (): Promise<void> => {
      cleaned++
      await rewriteFiles(databaseUrl)
    }
    // The power goes before the files are clean, and two start at once after that.
    await expect(sealStored(core, () => Promise.reject(new Error('The power went')))).rejects.toThrow('The power went')
    await Promise.all([sealStored(core, clean), sealStored(core, clean)])
    expect(cleaned).toBeGreaterThan(0)
    expect(traces(await everythingIn(databaseUrl))).toEqual([])
    const before = cleaned
    expect(await sealStored(core, clean)).toBe(0)
    expect(cleaned).toBe(before)
    const run = await api.call(ada, 'POST', '/v1/tools/endpoint.e1/run', { json: { inputs: {} } })
    expect(run.status).toBe(202)
    await eventually(() => expect(seen.join()).toContain(canary('old')))
    const shown = await api.call(ada, 'GET', '/v1/endpoints/e1')
    expect(shown.body.headers).toEqual({ 'X-Api-Key': '••••cdef' })
    expect((await api.call(ada, 'GET', '/v1/providers/p1')).text).not.toMatch(TRACE)
    await eventually(async () => {
      expect((await api.call(ada, 'GET', `/v1/runs/${run.body.id}`)).body.finishedAt).not.toBeNull()
    })
    await api.end()
    await server.close()
  })
})
