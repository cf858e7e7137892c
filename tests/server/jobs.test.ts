import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { DIALECTS } from '#tests/support/database.ts'
import { type Api, createApi, type Person } from './api.ts'

const hello = (words = 'Hello', data: object = { value: {} }) => ({
  jobId: 'hello',
  displayName: 'Hello',
  description: 'Greets.',
  inputSchema: { type: 'object', properties: {} },
  steps: [{ stepId: 'say', toolId: 'text.template', inputMappings: { template: { value: words }, data } }],
  outputs: { text: { step: 'say', output: 'text' } },
})

describe.each(DIALECTS)('jobs over HTTP on %s', (dialect) => {
  let api: Api
  let ada: Person
  beforeEach(async () => {
    api = await createApi(dialect)
    ada = await api.person('ada')
  })
  afterEach(() => api.end())

  const save = (json: unknown, query = '', once?: string) =>
    api.call(ada, 'POST', `/v1/jobs${query}`, { json, ...(once ? { once } : {}) })

  it('saves, changes and shows a job with its history', async () => {
    const made = await save(hello())
    expect([made.status, made.headers.get('location')]).toEqual([201, '/v1/jobs/hello'])
    expect(made.body).toMatchObject({
      jobId: 'hello',
      command: 'hello',
      version: 1,
      status: 'published',
      visibility: 'private',
      definition: { jobId: 'hello', displayName: 'Hello' },
    })
    const changed = await api.call(ada, 'PUT', '/v1/jobs/hello', { json: hello('Good day') })
    expect([changed.status, changed.body.version]).toEqual([200, 2])
    const shown = await api.call(ada, 'GET', '/v1/jobs/hello')
    expect(shown.body).toMatchObject({ version: 2, isOwn: true, status: 'published' })
    const versions = await api.call(ada, 'GET', '/v1/jobs/hello/versions')
    expect(versions.body.items).toMatchObject([
      { version: 2, createdBy: '@ada' },
      { version: 1, createdBy: '@ada' },
    ])
    const first = await api.call(ada, 'GET', '/v1/jobs/hello/versions/1')
    expect(first.body.definition.steps[0].inputMappings.template).toEqual({ value: 'Hello' })
    expect((await api.call(ada, 'GET', '/v1/jobs/hello/versions/3')).status).toBe(404)
    expect((await api.call(ada, 'GET', '/v1/jobs/hello/versions/x')).status).toBe(404)
    const diff = await api.call(ada, 'GET', '/v1/jobs/hello/diff?from=1&to=2')
    expect(diff.body.differences).toEqual([
      { path: 'steps.say.inputMappings.template.value', kind: 'changed', before: 'Hello', after: 'Good day' },
    ])
    expect((await api.call(ada, 'GET', '/v1/jobs/hello/diff?from=1')).body.errors[0].path).toBe('to')
    const restored = await api.call(ada, 'POST', '/v1/jobs/hello/versions/1/restore')
    expect(restored.body).toMatchObject({ version: 3, status: 'published' })
    expect((await api.call(ada, 'DELETE', '/v1/jobs/hello')).status).toBe(204)
    expect((await api.call(ada, 'GET', '/v1/jobs/hello')).status).toBe(404)
  })

  it('takes YAML as well', async () => {
    for (const type of ['application/yaml', 'text/yaml; charset=utf-8', 'application/x-yaml']) {
      const made = await api.call(ada, 'POST', '/v1/jobs', { raw: stringify(hello()), type })
      expect([made.status, made.body.version]).toEqual([201, 1])
    }
    const file = readFileSync('core/jobs/templates/release-notes.yaml', 'utf8')
    const made = await api.call(ada, 'POST', '/v1/jobs?publish=false', { raw: file, type: 'application/yaml' })
    expect(made.body).toMatchObject({ jobId: 'release-notes', status: 'draft', command: 'release_notes' })
    const plain = await api.call(ada, 'POST', '/v1/jobs', { raw: file, type: 'text/plain' })
    expect([plain.status, plain.body.code]).toEqual([415, 'unsupported_media_type'])
  })

  it('keeps drafts out of the way until they are published', async () => {
    expect((await save(hello(), '?publish=false')).body.status).toBe('draft')
    expect((await api.call(ada, 'POST', '/v1/jobs/hello/publish')).body.status).toBe('published')
    expect((await api.call(ada, 'POST', '/v1/jobs/hello/publish')).body.status).toBe('published')
    expect((await api.call(ada, 'POST', '/v1/jobs/hello/unpublish')).body.status).toBe('draft')
    expect((await save(hello(), '?visibility=public')).status).toBe(403)
    expect((await save(hello(), '?publish=maybe')).body.errors[0].path).toBe('publish')
  })

  it('lists what can be run, pages through it, and copies templates', async () => {
    await save(hello())
    const list = async (query = '') => (await api.call(ada, 'GET', `/v1/jobs${query}`)).body
    const ids = (page: { items: { jobId: string }[] }) => page.items.map(({ jobId }) => jobId)
    expect(ids(await list())).toEqual(['doc-check', 'hello', 'json-report', 'release-notes'])
    const page = await list('?limit=3')
    expect(ids(page)).toHaveLength(3)
    expect(ids(await list(`?limit=3&cursor=${page.nextCursor}`))).toEqual(['release-notes'])
    expect((await list('?cursor=gone')).code).toBe('bad_request')
    expect(ids(await list('?templates=true'))).toHaveLength(16)
    expect((await api.call(ada, 'POST', '/v1/jobs/data-query/run', { json: {} })).status).toBe(404)
    const copy = await api.call(ada, 'POST', '/v1/jobs/data-query/copy')
    expect([copy.status, copy.body.jobId]).toEqual([201, 'data-query'])
    expect(ids(await list())).toContain('data-query')
    expect(
      (await api.call(ada, 'PUT', '/v1/jobs/doc-check', { json: { ...hello(), jobId: 'doc-check' } })).status,
    ).toBe(404)
    expect((await api.call(ada, 'DELETE', '/v1/jobs/doc-check')).status).toBe(404)
  })

  it('refuses an invalid job with every problem, and stores nothing', async () => {
    const broken = { ...hello(), stepz: [], steps: [{ stepId: 'say', toolId: 'text.templat' }] }
    const refused = await save(broken)
    expect([refused.status, refused.body.code]).toEqual([422, 'bad_definition'])
    const paths = refused.body.errors.map(({ path }: { path: string }) => path)
    expect(paths).toEqual(expect.arrayContaining(['steps.0.toolId', 'stepz']))
    expect((await api.call(ada, 'GET', '/v1/jobs/hello')).status).toBe(404)
    await save(hello())
    const renamed = await api.call(ada, 'PUT', '/v1/jobs/hello', { json: { ...hello(), jobId: 'other' } })
    expect([renamed.status, renamed.body.errors[0]]).toEqual([400, { path: 'jobId', message: 'must be hello' }])
    const malformed = await api.call(ada, 'POST', '/v1/jobs', { raw: '{"jobId": ', type: 'application/json' })
    expect([malformed.status, malformed.body.code]).toEqual([400, 'bad_request'])
  })

  it('checks a job without saving it, and always answers with a list', async () => {
    const check = async (request: object, who: Person | string = ada) => {
      const { status, body } = await api.call(who, 'POST', '/v1/jobs/validate', request)
      expect(status).toBe(200)
      return body.problems
    }
    expect(await check({ json: hello() })).toEqual([])
    expect(await check({ json: hello() }, ada.readKey)).toEqual([])
    expect(await check({ json: hello('Hello', { input: 'nope' }) })).toEqual([
      expect.objectContaining({ path: expect.stringContaining('steps.0') }),
    ])
    expect(await check({ json: {} })).toEqual(expect.arrayContaining([{ path: 'jobId', message: 'is required' }]))
    expect(await check({ json: [] })).toHaveLength(1)
    const [syntax] = await check({ raw: 'jobId: [', type: 'application/yaml' })
    expect(syntax.message).toMatch(/^Line 1/)
    expect(await check({ raw: '{"jobId": ', type: 'application/json' })).toHaveLength(1)
    expect(await check({ raw: '{"jobId": "a",}', type: 'application/json' })).not.toEqual([])
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(await check({ raw: `{"steps": ${deep}}`, type: 'application/json' })).toHaveLength(1)
    expect(await check({ raw: new Uint8Array([0xff, 0xfe]), type: 'text/yaml' })).toHaveLength(1)
    expect((await api.call(ada, 'GET', '/v1/jobs/hello')).status).toBe(404)
    expect(api.errors).toEqual([])
  })

  it('saves once under a key', async () => {
    const first = await save(hello(), '', 'save')
    await save(hello('Later'))
    const second = await save(hello(), '', 'save')
    expect(second.text).toBe(first.text)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect((await api.call(ada, 'GET', '/v1/jobs/hello')).body.version).toBe(2)
    await api.call(ada, 'DELETE', '/v1/jobs/hello')
    expect((await save(hello(), '', 'save')).text).toBe(first.text)
    const other = await save(hello('Other'), '', 'save')
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused'])
  })

  it('describes the tools with the price in force', async () => {
    const { items } = (await api.call(ada, 'GET', '/v1/tools')).body
    const format = items.find(({ toolId }: { toolId: string }) => toolId === 'docs.format')
    expect(format).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      price: { unit: 'run', rateUsd: '0.001', maxUsd: '0.001' },
      inputSchema: { type: 'object' },
      outputSchema: { type: 'object' },
      delivery: 'immediate',
      sideEffect: 'none',
      visibility: 'public',
    })
    expect((await api.call(ada, 'GET', '/v1/tools/docs.format')).body).toEqual(format)
    expect((await api.call(ada, 'GET', '/v1/tools/docs.nope')).status).toBe(404)
    expect((await api.call(undefined, 'GET', '/v1/tools')).status).toBe(401)
  })

  it('saves for each context what was sent for it: the same key elsewhere is another request', async () => {
    const teamId = (await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body.id
    const inTeam = { json: hello(), once: 'both', context: `team/${teamId}` }
    expect((await api.call(ada, 'POST', '/v1/jobs', inTeam)).status).toBe(201)
    const own = await save(hello(), '', 'both')
    expect([own.status, own.body.code]).toEqual([422, 'idempotency_key_reused'])
    expect((await api.call(ada, 'GET', '/v1/jobs/hello')).status).toBe(404)
  })

  it('leaves what is public to platform admins, whoever owns it', async () => {
    const root = await api.person('root', { admin: true })
    const teamId = (await api.call(root, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body.id
    const context = `team/${teamId}`
    const member = { accountId: ada.accountId, role: 'admin' }
    await api.call(root, 'POST', `/v1/teams/${teamId}/members`, { json: member })
    const made = await api.call(root, 'POST', '/v1/jobs?visibility=public', { json: hello(), context })
    expect(made.status).toBe(201)
    const changed = await api.call(ada, 'PUT', '/v1/jobs/hello', { json: hello('Gotcha'), context })
    expect([changed.status, changed.body.code]).toEqual([403, 'forbidden'])
    expect((await api.call(ada, 'POST', '/v1/jobs/hello/unpublish', { context })).status).toBe(200)
    expect((await api.call(ada, 'POST', '/v1/jobs/hello/publish', { context })).status).toBe(403)
    const narrowed = await api.call(ada, 'PUT', '/v1/jobs/hello?visibility=team', { json: hello('Ours'), context })
    expect([narrowed.status, narrowed.body.code]).toEqual([403, 'forbidden'])
    expect((await api.call(root, 'PUT', '/v1/jobs/hello', { json: hello('Hi'), context })).body.version).toBe(2)
  })

  it('takes a job away once, however many do it at the same moment', async () => {
    await save(hello())
    const ended = await Promise.all([1, 2, 3, 4].map(() => api.call(ada, 'DELETE', '/v1/jobs/hello')))
    expect(ended.map(({ status }) => status).sort()).toEqual([204, 404, 404, 404])
  })
})
