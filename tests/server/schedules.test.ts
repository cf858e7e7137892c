import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Api, createApi, type Person } from './api.ts'

const NOTES = { jobId: 'release-notes', inputs: { commits: 'a1b2c3d feat: first' } }

describe.each(DIALECTS)('schedules over HTTP, on %s', (dialect) => {
  let api: Api
  let ada: Person
  beforeAll(async () => {
    api = await createApi(dialect)
    ada = await api.person('ada')
  })
  afterAll(async () => {
    expect(api.errors).toEqual([])
    await api.end()
  })
  const make = (json: object, once?: string) =>
    api.call(ada, 'POST', '/v1/schedules', { json: { ...NOTES, ...json }, ...(once ? { once } : {}) })

  it('say when they will run, and run then', async () => {
    const { status, body, headers } = await make({ kind: 'interval', everyMs: 1_000, maxRuns: 2 })
    expect(status).toBe(201)
    expect(headers.get('location')).toBe(`/v1/schedules/${body.id}`)
    expect(body).toMatchObject({ kind: 'interval', everyMs: 1_000, status: 'active', runs: 0, description: 'every 1s' })
    expect(body.nextFires).toHaveLength(2)
    const fires = await eventually(async () => {
      const { body: page } = await api.call(ada, 'GET', `/v1/schedules/${body.id}/fires`)
      expect(page.items).toHaveLength(2)
      expect(page.items.every(({ runStatus }: { runStatus: string }) => runStatus === 'succeeded')).toBe(true)
      return page.items
    }, 20_000)
    expect(fires.map(({ dueAt }: { dueAt: string }) => dueAt).toReversed()).toEqual(body.nextFires)
    const run = await api.call(ada, 'GET', `/v1/runs/${fires[0].runId}`)
    expect(run.body).toMatchObject({ status: 'succeeded', initiator: { accountId: ada.accountId, channel: 'api' } })
    expect((await api.call(ada, 'GET', `/v1/schedules/${body.id}`)).body).toMatchObject({ status: 'ended', runs: 2 })
  }, 40_000)

  it('are made once for one key', async () => {
    const body = { kind: 'cron', cron: '0 9 * * 1-5', timezone: 'Europe/Berlin', budgetUsd: '1', maxRuns: 9 }
    const first = await make(body, 'same')
    const second = await make(body, 'same')
    expect(first.body).toMatchObject({ timezone: 'Europe/Berlin', budgetUsd: '1.00', usedUsd: '0.00', maxRuns: 9 })
    expect(first.body.nextFires).toHaveLength(5)
    expect(second.body.id).toBe(first.body.id)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect((await make({ ...body, maxRuns: 8 }, 'same')).status).toBe(422)
  })

  it('are paused, resumed, run by hand, explained and removed', async () => {
    const { id } = (await make({ kind: 'once', at: 'in 2 hours' })).body
    const path = `/v1/schedules/${id}`
    expect((await api.call(ada, 'POST', `${path}/pause`)).body).toMatchObject({ status: 'paused', nextFires: [] })
    expect((await api.call(ada, 'POST', `${path}/resume`)).body).toMatchObject({ status: 'active' })
    const ran = await api.call(ada, 'POST', `${path}/run-now`, { once: 'now' })
    expect(ran.status).toBe(202)
    expect(ran.headers.get('location')).toBe(`/v1/runs/${ran.body.runId}`)
    expect((await api.call(ada, 'POST', `${path}/run-now`, { once: 'now' })).body).toEqual(ran.body)
    const { body } = await api.call(ada, 'GET', `${path}/explain`)
    expect(body).toMatchObject({ nextAt: expect.any(String), lastFires: [{ byHand: true, status: 'started' }] })
    expect(body.why.length).toBeGreaterThan(1)
    expect((await api.call(ada, 'DELETE', path)).status).toBe(204)
    expect((await api.call(ada, 'GET', path)).status).toBe(404)
    expect((await api.call(ada, 'DELETE', path)).status).toBe(404)
  })

  it.each([
    [{ kind: 'planned' }, 400, 'bad_input', 'everyMs is needed'],
    [{ kind: 'weekly' }, 400, 'bad_request', 'kind'],
    [{ kind: 'cron', cron: 'often' }, 400, 'bad_input', 'five fields'],
    [{ kind: 'once', at: 'yesterday 9am' }, 400, 'bad_input', 'is over'],
    [{ kind: 'once', at: 'whenever' }, 400, 'bad_input', 'I do not understand'],
    [{ kind: 'interval', everyMs: 60_000, jobId: 'nothing' }, 404, 'not_found', 'There is no job nothing here.'],
    [{ kind: 'interval', everyMs: 60_000, inputs: {} }, 400, 'bad_input', 'commits'],
    [{ kind: 'interval', everyMs: 60_000, every: 1 }, 400, 'bad_request', 'every: is unknown'],
  ])('are refused: %o', async (json, status, code, words) => {
    const answer = await make(json)
    expect(answer).toMatchObject({ status, body: { code } })
    expect(answer.body.detail).toContain(words)
  })

  it('are listed page by page', async () => {
    await make({ kind: 'interval', everyMs: 86_400_000 })
    const { body } = await api.call(ada, 'GET', '/v1/schedules?limit=1&live=true')
    expect(body.items).toHaveLength(1)
    const next = await api.call(ada, 'GET', `/v1/schedules?limit=1&cursor=${body.nextCursor}`)
    expect(next.body.items[0].id < body.items[0].id).toBe(true)
    expect((await api.call(ada, 'GET', `/v1/schedules/${body.items[0].id}/fires?cursor=x`)).status).toBe(400)
  })
})
