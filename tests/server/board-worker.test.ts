import type { ChildProcess } from 'node:child_process'
import { type ServerType, serve } from '@hono/node-server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TaskView } from '#core/tasks/task.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Api, createApi, type Person } from './api.ts'
import { Cli, exitOf } from './cli-process.ts'

vi.setConfig({ testTimeout: 90_000 })

const FORMAT = { tool: 'docs.format', inputs: { text: '*  one\n*  two\n', language: 'markdown' } }

describe.each(DIALECTS)('muster worker on %s', (dialect) => {
  let api: Api
  let ada: Person
  let server: ServerType
  let cli: Cli
  const children: ChildProcess[] = []

  beforeEach(async () => {
    api = await createApi(dialect)
    ada = await api.person('ada')
    const url = await new Promise<string>((resolve) => {
      server = serve({ fetch: api.app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
        resolve(`http://127.0.0.1:${port}`),
      )
    })
    cli = new Cli({ PUBLIC_URL: url, MUSTER_API_KEY: ada.key })
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    server.close()
    if ('closeAllConnections' in server) server.closeAllConnections()
    expect(api.errors).toEqual([])
    await api.end()
    cli.remove()
  })

  const make = async (title: string, executor: object): Promise<string> =>
    (await api.call(ada, 'POST', '/v1/collab/tasks', { json: { title, executor } })).body.id
  const task = async (id: string): Promise<TaskView> => (await api.call(ada, 'GET', `/v1/collab/tasks/${id}`)).body
  const types = async (query: string): Promise<string[]> =>
    (await api.call(ada, 'GET', `/v1/collab/events?limit=1000&${query}`)).body.items.map(
      ({ type }: { type: string }) => type,
    )

  it('does what tools can do, hands it to review, and says which failed', async () => {
    const good = await make('Format', FORMAT)
    const lint = await make('Lint', { tool: 'docs.lint', inputs: { text: '# Hi\n' } })
    const bad = await make('Broken', { tool: 'docs.format', inputs: { text: '{', language: 'json' } })
    const { exitCode, document } = await cli.json(['worker', '--once'])
    expect(document).toEqual({ succeeded: 2, failed: 1, lost: 0 })
    expect(exitCode).toBe(1)
    expect(await task(good)).toMatchObject({
      status: 'review',
      result: { text: '- one\n- two\n', changed: true },
      doers: ['tool:docs.format'],
      assignee: null,
      attempts: 1,
    })
    expect((await task(lint)).result).toMatchObject({ ok: true })
    expect((await task(bad)).status).toBe('failed')
    expect((await types(`subject=${good}`)).filter((type) => type !== 'task.moved')).toEqual([
      'task.created',
      'task_claimed',
      'executor_started',
      'executor_succeeded',
      'lease_released',
    ])
    expect((await types(`subject=${bad}`)).slice(-4)).toEqual([
      'executor_started',
      'executor_failed',
      'task.moved',
      'lease_released',
    ])
    // A person looks at what a tool did, whoever's key it had.
    const json = { to: 'approved' }
    expect((await api.call(ada, 'POST', `/v1/tasks/${good}/transition`, { json })).status).toBe(200)
    expect((await api.call(ada, 'GET', '/v1/collab/leases')).body.items).toEqual([])
  })

  it('leaves what another works on, goes on with it when that one falls silent, and the other is late', async () => {
    const id = await make('Format', FORMAT)
    const taken = await api.call(ada, 'POST', '/v1/collab/executor/take', { json: { ttlSeconds: 4 } })
    const { leaseId, epoch } = taken.body.lease
    const lease = { leaseId, epoch }
    const report = (what: string, json: object) =>
      api.call(ada, 'POST', `/v1/collab/executor/${id}/${what}`, { json: { ...lease, ...json } })
    expect((await report('start', {})).status).toBe(200)
    expect((await api.call(ada, 'POST', '/v1/collab/executor/take', { json: {} })).status).toBe(204)
    await eventually(async () => {
      const { document } = await cli.json(['worker', '--once'])
      expect(document.succeeded).toBe(1)
    })
    const late = await report('result', { result: { text: 'late' } })
    expect([late.status, late.body.code]).toEqual([409, 'conflict'])
    expect(await task(id)).toMatchObject({ status: 'review', result: { text: '- one\n- two\n' }, attempts: 2 })
    expect(await types(`subject=${leaseId}`)).toEqual([
      'lease.acquired',
      'lease.reclaimed',
      'lease.acquired',
      'lease.released',
    ])
  })

  it('killed at any moment, it leaves nothing undone and nothing done twice', async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, (_, n) => make(`Format ${n}`, FORMAT)))
    for (const begun of [1, 4, 8]) {
      const child = cli.start(['worker', '--ttl', '1'])
      children.push(child)
      await eventually(async () => {
        expect((await types('type=executor_started')).length).toBeGreaterThanOrEqual(begun)
      })
      child.kill('SIGKILL')
      await exitOf(child)
    }
    const last = cli.start(['worker', '--ttl', '1'])
    children.push(last)
    await eventually(async () => {
      const statuses = await Promise.all(ids.map(async (id) => (await task(id)).status))
      expect(new Set(statuses)).toEqual(new Set(['review']))
    }, 40_000)
    last.kill('SIGTERM')
    expect(await exitOf(last)).toBe(0)
    for (const id of ids) {
      const happened = await types(`subject=${id}`)
      expect(happened.filter((type) => type === 'executor_succeeded')).toHaveLength(1)
      expect(happened.filter((type) => type === 'lease_released')).toHaveLength(1)
    }
  })
})
