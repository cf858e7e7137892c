import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Api, createApi, type Person } from './api.ts'

describe.each(DIALECTS)('the board over HTTP on %s', (dialect) => {
  let api: Api
  let ada: Person
  let bob: Person
  let context: string
  beforeAll(async () => {
    api = await createApi(dialect)
    ada = await api.person('ada')
    bob = await api.person('bob')
    const { body } = await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })
    context = `team/${body.id}`
    await api.call(ada, 'POST', `/v1/teams/${body.id}/members`, { json: { accountId: bob.accountId, role: 'member' } })
  })
  afterAll(async () => {
    expect(api.errors).toEqual([])
    await api.end()
  })

  const post = (who: Person, path: string, json: object, more: object = {}) =>
    api.call(who, 'POST', `/v1/collab${path}`, { json, context, ...more })
  const get = (path: string, headers: Record<string, string> = {}) =>
    api.call(ada, 'GET', `/v1/collab${path}`, { context, headers })

  it('a task has an ETag, and is changed only by who has read it', async () => {
    const made = await post(
      ada,
      '/tasks',
      { title: 'Fix the door', acceptanceCriteria: ['It closes'] },
      { once: 'one' },
    )
    expect(made.status).toBe(201)
    expect(made.headers.get('location')).toBe(`/v1/collab/tasks/${made.body.id}`)
    const again = await post(
      ada,
      '/tasks',
      { title: 'Fix the door', acceptanceCriteria: ['It closes'] },
      { once: 'one' },
    )
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.body).toEqual(made.body)
    const etag = made.headers.get('etag') ?? ''
    expect(made.body.etag).toBe(etag)
    expect((await get(`/tasks/${made.body.id}`, { 'If-None-Match': etag })).status).toBe(304)
    // The same object under its other name.
    const other = await api.call(ada, 'GET', `/v1/tasks/${made.body.id}`)
    expect(other.body).toEqual(made.body)
    const patch = (headers: Record<string, string>) =>
      api.call(ada, 'PATCH', `/v1/collab/tasks/${made.body.id}`, { json: { title: 'Fix both doors' }, headers })
    expect((await patch({})).status).toBe(428)
    const changed = await patch({ 'If-Match': etag })
    expect([changed.status, changed.body.title]).toEqual([200, 'Fix both doors'])
    const stale = await patch({ 'If-Match': etag })
    expect([stale.status, stale.headers.get('etag'), stale.body.facts.etag]).toEqual([
      412,
      changed.headers.get('etag'),
      changed.body.etag,
    ])
    expect((await patch({ 'If-Match': `W/${changed.body.etag}` })).status).toBe(412)
    const wrong = await post(ada, `/tasks/${made.body.id}/transition`, { to: 'done' })
    expect([wrong.status, wrong.body.code]).toEqual([409, 'conflict'])
    expect(wrong.body.detail).toContain('claimed, in progress or abandoned')
    expect((await post(ada, `/tasks/${made.body.id}/transition`, { to: 'flying' })).status).toBe(400)
    expect((await post(ada, '/tasks', { title: 'x', colour: 'red' })).body.errors).toEqual([
      { path: 'colour', message: 'is unknown' },
    ])
  })

  it('the state of each kind has one ETag, which changes with it', async () => {
    for (const kind of ['tasks', 'leases', 'agents']) {
      const first = await get(`/state/${kind}`)
      expect(Object.keys(first.body).toSorted()).toEqual(['data', 'etag'])
      expect(first.headers.get('etag')).toBe(first.body.etag)
      const same = await get(`/state/${kind}`, { 'If-None-Match': first.body.etag })
      expect([same.status, same.text]).toEqual([304, ''])
      const { body: task } = await post(ada, '/tasks', { title: `For ${kind}`, assignee: bob.accountId })
      await post(bob, '/leases/acquire', { resource: `for ${kind}` })
      const next = await get(`/state/${kind}`, { 'If-None-Match': first.body.etag })
      expect(next.status).toBe(200)
      expect(next.body.etag).not.toBe(first.body.etag)
      expect(JSON.stringify(next.body.data)).toContain(kind === 'leases' ? `for ${kind}` : task.id)
    }
    expect((await get('/state/nothing')).status).toBe(404)
  })

  it('a lease is one worker’s, until it is silent for too long; then an event says so and its epoch is late', async () => {
    const wish = { resource: 'crane', purpose: 'lifts', ttlSeconds: 1 }
    const taken = await post(bob, '/leases/acquire', wish)
    expect([taken.status, taken.body.epoch]).toEqual([200, 1])
    const { leaseId } = taken.body
    expect((await post(ada, '/leases/acquire', wish)).status).toBe(409)
    expect((await post(bob, `/leases/${leaseId}/heartbeat`, { epoch: 1 })).status).toBe(200)
    expect((await post(bob, `/leases/${leaseId}/heartbeat`, { epoch: 2 })).status).toBe(409)
    expect((await post(ada, `/leases/${leaseId}/heartbeat`, { epoch: 1 })).status).toBe(409)
    const next = await eventually(async () => {
      const answer = await post(ada, '/leases/acquire', { ...wish, ttlSeconds: 900 })
      if (answer.status !== 200) throw new Error('It is held yet')
      return answer
    })
    expect(next.body).toMatchObject({ leaseId, epoch: 2 })
    expect((await post(bob, `/leases/${leaseId}/heartbeat`, { epoch: 1 })).status).toBe(409)
    expect((await post(bob, `/leases/${leaseId}/release`, { epoch: 1 })).status).toBe(409)
    const { body: list } = await get('/leases')
    expect(list.items.find((one: { leaseId: string }) => one.leaseId === leaseId).holder).toBe(ada.accountId)
    expect((await post(ada, `/leases/${leaseId}/release`, { epoch: 2 })).status).toBe(200)
    expect((await post(ada, `/leases/${leaseId}/release`, { epoch: 2 })).status).toBe(409)
    const { body } = await get(`/events?subject=${leaseId}`)
    expect(body.items.map(({ type }: { type: string }) => type)).toEqual([
      'lease.acquired',
      'lease.reclaimed',
      'lease.acquired',
      'lease.released',
    ])
  })

  it('events are put in, filtered, polled for and read as lines', async () => {
    const posted = await post(bob, '/events', { type: 'deploy.finished', subject: 'web', details: { version: '1.2' } })
    expect(posted.status).toBe(201)
    expect(posted.body).toMatchObject({ type: 'deploy.finished', actor: bob.accountId, details: { version: '1.2' } })
    const { seq } = posted.body
    const found = await get(`/events?type=deploy.*&actor=${bob.accountId}&subject=web&after=${seq - 1}`)
    expect(found.body).toEqual({ items: [posted.body], nextCursor: null })
    const forged = await post(bob, '/events', { type: 'run.succeeded', subject: 'run_x' })
    expect([forged.status, forged.body.code]).toEqual([400, 'bad_input'])
    const empty = await get(`/events/tail?mode=poll&timeout=0.05&since=${seq}`)
    expect(empty.body).toEqual({ items: [], nextCursor: String(seq) })
    const waiting = get(`/events/tail?mode=poll&timeout=20&since=${seq}&type=deploy.*`)
    await post(bob, '/events', { type: 'other', subject: 'x\u001b[31m\nforged line' })
    const next = await post(ada, '/events', { type: 'deploy.started', subject: 'web' })
    const polled = await waiting
    expect(polled.body).toEqual({ items: [next.body], nextCursor: String(next.body.seq) })
    const log = await get('/events/log?limit=3')
    expect(log.headers.get('content-type')).toContain('text/plain')
    const lines = log.text.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toContain('@bob  deploy finished web (version 1.2)')
    expect(lines[1]).not.toContain('\u001b')
    expect((await get('/events?after=-1')).status).toBe(400)
    expect((await get('/events/tail?since=x')).status).toBe(400)
    expect((await get('/events/tail', { 'Last-Event-ID': 'abc' })).status).toBe(400)
  })
})
