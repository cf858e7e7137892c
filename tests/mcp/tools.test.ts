import type { Client } from '@modelcontextprotocol/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { actorOf, call, createScene, type Scene, sayJob, slowJob } from './scene.ts'

describe.each(DIALECTS)('the program’s own tools over MCP on %s', (dialect) => {
  let scene: Scene
  let client: Client
  beforeEach(async () => {
    scene = await createScene(dialect)
    client = await scene.connect(scene.ada)
  })
  afterEach(async () => {
    expect(scene.api.errors).toEqual([])
    await scene.end()
  })

  it('take a task through the board, each change once under its key', async () => {
    const fields = {
      title: 'Fix the door',
      priority: 'high',
      acceptanceCriteria: ['It closes'],
      idempotencyKey: 'make',
    }
    const made = (await call(client, 'tasks.create', fields)).body
    expect((await call(client, 'tasks.create', fields)).body.id).toBe(made.id)
    const stale = await call(client, 'tasks.update', { taskId: made.id, etag: '"old"', description: 'It squeaks.' })
    expect(stale.text).toMatch(/^precondition_failed/)
    const update = { taskId: made.id, etag: made.etag, description: 'It squeaks.' }
    expect((await call(client, 'tasks.update', update)).body.version).toBe(2)
    expect((await call(client, 'tasks.claim')).body).toMatchObject({ id: made.id, status: 'claimed' })
    const wrong = await call(client, 'tasks.transition', { taskId: made.id, to: 'done' })
    expect(wrong.text).toMatch(/^conflict: .*in progress, blocked or abandoned/)
    await call(client, 'tasks.transition', { taskId: made.id, to: 'in_progress' })
    const { items } = (await call(client, 'tasks.list', { status: ['in_progress'], assignee: 'me' })).body
    expect(items).toMatchObject([{ id: made.id, description: 'It squeaks.' }])
    expect((await call(client, 'tasks.get', { taskId: made.id })).body.status).toBe('in_progress')
    const bad = await call(client, 'tasks.create', { titel: 'x', priority: 'soon' })
    expect(bad.text).toMatch(/- title: .*- priority: .*- titel: is unknown/s)
  })

  it('say which models are asked and how budgets stand, and change neither', async () => {
    const { api, ada } = scene
    const put = (path: string, json: object) => api.call(ada, path === '/v1/policies' ? 'PUT' : 'POST', path, { json })
    await put('/v1/budgets', { of: 'team', period: 'day', limitUsd: '2' })
    await put('/v1/policies', { document: { default: { model: 'openai/gpt-5-mini' } }, version: 0 })
    const policy = (await call(client, 'policies.get')).body
    expect(policy).toMatchObject({ effective: { default: { model: 'openai/gpt-5-mini' } }, own: { version: 1 } })
    const explained = (await call(client, 'policies.explain', { tool: 'llm.generate' })).body
    expect(explained).toMatchObject({ case: 'no_connection', choice: { provider: 'mock' }, refused: null })
    const refused = (await call(client, 'policies.explain', { model: 'unheard-of' })).body
    expect(refused).toMatchObject({ choice: null, refused: { code: 'price_unknown' } })
    const { items } = (await call(client, 'budgets.list')).body
    expect(items).toMatchObject([{ of: 'team', period: 'day', limitUsd: '2.00', usedUsd: '0.00', level: 'fine' }])
    const bob = await scene.api.person('bob-of-budgets')
    const bobs = await scene.connect(bob)
    expect((await call(bobs, 'budgets.list')).body.items).toEqual([])
    const other = { context: `user/${ada.accountId}` }
    for (const tool of ['policies.get', 'policies.explain', 'budgets.list']) {
      expect((await call(bobs, tool, other)).text, tool).toMatch(/^not_found/)
    }
    const names = (await client.listTools()).tools.filter(({ name }) => /^(polic|budget)/.test(name))
    expect(names.map(({ name }) => name)).toEqual(['policies.get', 'policies.explain', 'budgets.list'])
    expect(names.every(({ annotations }) => annotations?.readOnlyHint)).toBe(true)
  })

  it('hold a lease that only one has, and read and write what happened', async () => {
    const lease = (await call(client, 'leases.acquire', { resource: 'crane' })).body
    expect((await call(client, 'leases.acquire', { resource: 'crane' })).text).toMatch(/^conflict/)
    const { leaseId, epoch } = lease
    expect((await call(client, 'leases.heartbeat', { leaseId, epoch })).body.epoch).toBe(epoch)
    expect((await call(client, 'leases.heartbeat', { leaseId, epoch: epoch + 1 })).text).toMatch(/^conflict/)
    expect((await call(client, 'leases.list')).body.items).toHaveLength(1)
    await call(client, 'leases.release', { leaseId, epoch })
    expect((await call(client, 'leases.list')).body.items).toEqual([])
    await call(client, 'events.append', { type: 'deploy.finished', subject: 'web' })
    const forged = await call(client, 'events.append', { type: 'run.succeeded', subject: 'web' })
    expect(forged.text).toMatch(/^bad_input/)
    const { items } = (await call(client, 'events.list', { after: 0, types: ['deploy.*'] })).body
    expect(items).toMatchObject([{ type: 'deploy.finished', actor: scene.ada.accountId }])
  })

  it('stop a run and list it, for who may and nobody else', async () => {
    await scene.job(actorOf(scene.ada), slowJob('slow'))
    const { body } = await call(client, 'slow', { word: 'x', waitSeconds: 0 })
    const bob = await scene.connect(await scene.api.person('bob'))
    for (const [name, args] of [
      ['runs.get', {}],
      ['runs.cancel', {}],
      ['runs.retry', {}],
    ] as const) {
      expect((await call(bob, name, { runId: body.id, ...args })).text).toMatch(/^not_found/)
    }
    await expect(bob.readResource({ uri: `muster://runs/${body.id}` })).rejects.toThrow('There is no such thing here')
    await call(client, 'runs.cancel', { runId: body.id })
    const ended = await call(client, 'runs.get', { runId: body.id, waitSeconds: 20 })
    expect(ended.body.status).toBe('cancelled')
    expect((await call(client, 'runs.list', { status: ['cancelled'] })).body.items).toMatchObject([{ id: body.id }])
  })

  it('give jobs, runs and files as resources', async () => {
    await scene.job(actorOf(scene.ada), sayJob('say'))
    const { body } = await call(client, 'say', { word: 'hello' })
    const { resources } = await client.listResources()
    const uris = resources.map(({ uri }) => uri)
    expect(uris).toContain(`muster://jobs/user/${scene.ada.accountId}/say`)
    expect(uris).toContain(`muster://runs/${body.id}`)
    const read = async (uri: string) =>
      (await client.readResource({ uri })).contents[0] as { text?: string; blob?: string }
    const job = JSON.parse((await read(`muster://jobs/user/${scene.ada.accountId}/say`)).text ?? '')
    expect(job).toMatchObject({ jobId: 'say', outputs: { said: { step: 'say' } } })
    const form = new FormData()
    form.set('file', new File([new Uint8Array([0, 255, 1])], 'a.bin', { type: 'application/octet-stream' }))
    const sent = await fetch(`${scene.url}/v1/artifacts`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${scene.ada.key}` },
      body: form,
    })
    const uri = `muster://artifacts/${((await sent.json()) as { id: string }).id}`
    expect((await read(uri)).blob).toBe('AP8B')
    const bob = await scene.connect(await scene.api.person('bob'))
    await expect(bob.readResource({ uri })).rejects.toThrow('There is no such')
    await expect(bob.readResource({ uri: `muster://jobs/user/${scene.ada.accountId}/say` })).rejects.toThrow('no such')
    await expect(client.readResource({ uri: 'muster://secrets/all' })).rejects.toThrow('There is no such thing here')
    await expect(client.readResource({ uri: 'file:///etc/passwd' })).rejects.toThrow('There is no such thing here')
  })

  it('leave a run alone when a client of 2025 hangs up, which does not mean that in its revision', async () => {
    await scene.job(actorOf(scene.ada), slowJob('slow', 2_000))
    const hangUp = new AbortController()
    const message = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'slow', arguments: { word: 'still' } },
    }
    const asked = fetch(`${scene.url}/mcp`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${scene.ada.key}`,
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        'MCP-Protocol-Version': '2025-06-18',
      },
      body: JSON.stringify(message),
      signal: hangUp.signal,
    })
      .then((response) => response.text())
      .catch(() => {})
    const runs = async () => (await scene.api.call(scene.ada, 'GET', '/v1/runs')).body.items
    await eventually(async () => expect((await runs())[0]?.status).toBe('waiting'))
    hangUp.abort()
    await asked
    await eventually(async () => expect((await runs())[0]?.status).toBe('succeeded'))
  })
})
