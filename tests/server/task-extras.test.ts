import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DIALECTS } from '#tests/support/database.ts'
import { type Api, createApi, type Person } from './api.ts'

describe.each(DIALECTS)('templates, numbers and workers of a board on %s', (dialect) => {
  let api: Api
  let ada: Person
  let bob: Person
  let inTeam: { context: string }
  beforeEach(async () => {
    api = await createApi(dialect)
    ada = await api.person('ada')
    bob = await api.person('bob')
    const { id } = (await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body
    await api.call(ada, 'POST', `/v1/teams/${id}/members`, { json: { accountId: bob.accountId, role: 'member' } })
    inTeam = { context: `team/${id}` }
  })
  afterEach(async () => {
    expect(api.errors).toEqual([])
    await api.end()
  })

  const put = (json: object, who = ada) => api.call(who, 'PUT', '/v1/tasks/templates/release', { json, ...inTeam })
  const use = (json: object, once?: string) =>
    api.call(bob, 'POST', '/v1/collab/tasks/templates/release/tasks', { json, ...inTeam, ...(once ? { once } : {}) })
  const move = (who: Person, id: string, to: string) =>
    api.call(who, 'POST', `/v1/collab/tasks/${id}/transition`, { json: { to }, ...inTeam })

  it('makes tasks as a template has them, and as somebody says beside it', async () => {
    await put({ title: 'Release', priority: 'high', definitionOfDone: ['Notes are out'], labels: ['release'] })
    const made = await use({ labels: ['friday'] })
    expect(made.status).toBe(201)
    expect(made.headers.get('etag')).toBe(made.body.etag)
    expect(made.body).toMatchObject({
      title: 'Release',
      priority: 75,
      labels: ['friday'],
      definitionOfDone: [{ text: 'Notes are out', checked: false }],
      createdBy: bob.accountId,
    })
    const { items } = (await api.call(bob, 'GET', '/v1/tasks/templates', inTeam)).body
    expect(items).toMatchObject([{ name: 'release', savedBy: ada.accountId, fields: { title: 'Release' } }])
  })

  it('answers the same task under one key, also when the template is another by then', async () => {
    await put({ title: 'Release' })
    const [first, second] = await Promise.all([use({}, 'once'), use({}, 'once')])
    expect(second.body.id).toBe(first.body.id)
    await put({ title: 'Other' })
    const third = await use({}, 'once')
    expect([third.body.id, third.body.title]).toEqual([first.body.id, 'Release'])
    expect((await api.call(ada, 'GET', '/v1/tasks', inTeam)).body.items).toHaveLength(1)
  })

  it('says what no task could be made with, when it is saved and when one is made', async () => {
    expect((await put({ executor: { tool: 'rocket' } })).body).toMatchObject({
      code: 'bad_input',
      errors: [{ path: 'executor.tool' }],
    })
    await put({ labels: ['x'] })
    expect((await use({})).body).toMatchObject({ code: 'bad_input', errors: [{ path: 'title' }] })
    expect((await use({ title: 'Said here' })).status).toBe(201)
    const bad = await api.call(ada, 'PUT', '/v1/tasks/templates/No%20such', { json: {}, ...inTeam })
    expect(bad.body.code).toBe('bad_request')
    expect((await api.call(ada, 'DELETE', '/v1/tasks/templates/release', inTeam)).status).toBe(204)
    expect((await use({ title: 'x' })).status).toBe(404)
    expect((await api.call(ada, 'POST', '/v1/tasks/templates/release/tasks', { json: {} })).status).toBe(404)
  })

  it('says of each item whether it is so, with what it found, and changes nothing', async () => {
    const json = {
      title: 'Notes',
      acceptanceCriteria: ['Has a title', 'Is short', 'Reads well'],
      externalIds: { issue: '42' },
      description: '# Friday',
    }
    const { id, version } = (await api.call(ada, 'POST', '/v1/tasks', { json, ...inTeam })).body
    const validate = (checks: object[], once?: string) =>
      api.call(bob, 'POST', `/v1/collab/tasks/${id}/validate`, { json: { checks }, ...(once ? { once } : {}) })
    const checks = [
      { itemId: 'a1', path: 'description', contains: '# ' },
      { itemId: 'a1', path: 'externalIds.issue', equals: '42' },
      { itemId: 'a2', path: 'description', atMost: 5 },
      { itemId: 'a2', path: 'result', isPresent: false },
    ]
    const first = await validate(checks, 'v')
    expect(first.body).toEqual({
      taskId: id,
      version,
      isPassed: false,
      verdicts: [
        {
          itemId: 'a1',
          text: 'Has a title',
          verdict: 'passed',
          evidence: 'description is “# Friday”. externalIds.issue is “42”.',
        },
        { itemId: 'a2', text: 'Is short', verdict: 'failed', evidence: 'description is “# Friday”.' },
        { itemId: 'a3', text: 'Reads well', verdict: 'unknown', evidence: 'No check was given for it.' },
      ],
    })
    expect((await validate(checks, 'v')).body).toEqual(first.body)
    const { items } = (await api.call(ada, 'GET', `/v1/collab/events?type=task.validated&subject=${id}`, inTeam)).body
    expect(items).toMatchObject([{ actor: bob.accountId, details: { isPassed: false } }])
    expect((await api.call(ada, 'GET', `/v1/tasks/${id}`)).body.version).toBe(version)
    expect((await validate([{ itemId: 'a9', path: 'x', isPresent: true }])).body.errors).toMatchObject([
      { path: 'checks.0.itemId' },
    ])
    const proto = await validate([{ itemId: 'a3', path: 'constructor.name', isPresent: true }])
    expect(proto.body.verdicts[2]).toMatchObject({ verdict: 'failed', evidence: 'constructor.name is not there.' })
  })

  it('counts what the board did', async () => {
    const { id } = (await api.call(ada, 'POST', '/v1/tasks', { json: { title: 'Work' }, ...inTeam })).body
    await api.call(ada, 'POST', '/v1/tasks', { json: { title: 'Waits' }, ...inTeam })
    for (const to of ['claimed', 'in_progress', 'review']) await move(bob, id, to)
    await move(ada, id, 'changes_requested')
    for (const to of ['in_progress', 'review']) await move(bob, id, to)
    expect((await move(ada, id, 'approved')).status).toBe(200)
    const { body } = await api.call(bob, 'GET', '/v1/collab/tasks/metrics?days=7', inTeam)
    expect(body).toMatchObject({ counts: { queued: 1, approved: 1 }, firstPassRate: 0, queueAge: { count: 1 } })
    expect(body.timeInStatus).toMatchObject({
      queued: { count: 1 },
      in_progress: { count: 2 },
      review: { count: 2 },
      changes_requested: { count: 1 },
    })
    expect((await api.call(bob, 'GET', '/v1/tasks/metrics')).body.counts.queued).toBe(0)
  })

  it('shows who works there: with something in hand, or lately', async () => {
    const { id } = (await api.call(ada, 'POST', '/v1/tasks', { json: { title: 'Work' }, ...inTeam })).body
    for (const to of ['claimed', 'in_progress', 'review']) await move(bob, id, to)
    await move(ada, id, 'approved')
    for (const to of ['merging', 'done']) await move(ada, id, to)
    await api.call(ada, 'POST', '/v1/collab/leases/acquire', { json: { resource: 'crane' }, ...inTeam })
    const { data } = (await api.call(bob, 'GET', '/v1/collab/state/agents', inTeam)).body
    expect(data.map(({ id }: { id: string }) => id).toSorted()).toEqual([ada.accountId, bob.accountId].toSorted())
    const entry = (person: Person) => data.find(({ id }: { id: string }) => id === person.accountId)
    expect(entry(bob)).toMatchObject({ tasks: [], leases: [], lastTaskAt: expect.any(String), lastSeenAt: null })
    expect(entry(ada)).toMatchObject({ leases: [{ resource: 'crane' }], lastSeenAt: expect.any(String) })
  })
})
