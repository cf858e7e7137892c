import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkLedger } from '#core/economy/check.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Api, createApi, type Person } from './api.ts'

const COMMITS = 'a1b2c3d feat: first\nb2c3d4e fix: second\n'
const inputs = { commits: COMMITS }

describe.each(DIALECTS)('running jobs over HTTP on %s', (dialect) => {
  let api: Api
  let ada: Person
  beforeEach(async () => {
    api = await createApi(dialect)
    ada = await api.person('ada')
  })
  afterEach(() => api.end())

  const ended = (id: string, who = ada) =>
    eventually(async () => {
      const { body } = await api.call(who, 'GET', `/v1/runs/${id}`)
      expect(body.finishedAt).not.toBeNull()
      return body
    })

  it('takes a job from the request to its result, and says what it cost', async () => {
    const started = await api.call(ada, 'POST', '/v1/jobs/release-notes/run', { json: { inputs }, once: 'r1' })
    expect(started.status).toBe(202)
    expect(started.headers.get('location')).toBe(`/v1/runs/${started.body.id}`)
    expect(started.body).toMatchObject({
      jobId: 'release-notes',
      jobVersion: 1,
      context: { type: 'user', id: ada.accountId },
      initiator: { accountId: ada.accountId, channel: 'api' },
      status: 'queued',
      inputs: { commits: COMMITS, title: 'Release notes' },
      outputs: null,
      maxUsd: '0.002',
      costUsd: '0.00',
      error: null,
    })
    expect(started.body.steps.map((step: { stepId: string; status: string }) => [step.stepId, step.status])).toEqual([
      ['collect', 'pending'],
      ['format', 'pending'],
    ])
    const run = await ended(started.body.id)
    expect(run).toMatchObject({ status: 'succeeded', costUsd: '0.002', error: null })
    expect(run.outputs.notes).toContain('first')
    expect(run.steps[0]).toMatchObject({ toolId: 'docs.changelog', status: 'succeeded', attempts: 1, costUsd: '0.001' })
    const events = await api.call(ada, 'GET', `/v1/runs/${run.id}/events?limit=2`)
    expect(events.body.items.map(({ type }: { type: string }) => type)).toEqual(['run.created', 'run.started'])
    const rest = await api.call(ada, 'GET', `/v1/runs/${run.id}/events?cursor=${events.body.nextCursor}`)
    expect(rest.body.items.at(-1).type).toBe('run.settled')
    expect(rest.body.nextCursor).toBeNull()
    const wallet = await api.call(ada, 'GET', '/v1/wallet')
    expect(wallet.body).toMatchObject({ balanceUsd: '0.998', heldUsd: '0.00', availableUsd: '0.998' })
    expect(api.errors).toEqual([])
  })

  it('answers the same again under one key, however far the run has come', async () => {
    const request = { json: { inputs }, once: 'again' }
    const first = await api.call(ada, 'POST', '/v1/jobs/release-notes/run', request)
    await ended(first.body.id)
    const second = await api.call(ada, 'POST', '/v1/jobs/release-notes/run', request)
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(second.status).toBe(202)
    expect(second.body).toEqual(first.body)
    const other = { ...request, json: { inputs: { commits: 'c1c2c3d feat: other' } } }
    const refused = await api.call(ada, 'POST', '/v1/jobs/release-notes/run', other)
    expect([refused.status, refused.body.code]).toEqual([422, 'idempotency_key_reused'])
  })

  it('makes one run of twenty requests at once with one key', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        api.call(ada, 'POST', '/v1/jobs/release-notes/run', { json: { inputs }, once: 'many' }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(202))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(19)
    await ended(answers[0]?.body.id)
    expect((await api.call(ada, 'GET', '/v1/runs')).body.items).toHaveLength(1)
    expect((await api.call(ada, 'GET', '/v1/wallet')).body).toMatchObject({ balanceUsd: '0.998', heldUsd: '0.00' })
    expect(api.errors).toEqual([])
  })

  it('lets the body or the header say who pays, and not both differently', async () => {
    const team = (await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body
    await api.call(ada, 'POST', `/v1/teams/${team.id}/economy/credit`, {
      json: { amountUsd: '0.50', reason: 'start' },
      once: 'credit',
    })
    const inTeam = { type: 'team', id: team.id }
    const run = (request: object) => api.call(ada, 'POST', '/v1/jobs/release-notes/run', request)
    expect((await run({ json: { inputs, context: inTeam } })).body.context).toEqual(inTeam)
    expect((await run({ json: { inputs }, context: `team/${team.id}` })).body.context).toEqual(inTeam)
    expect((await run({ json: { inputs, context: inTeam }, context: `team/${team.id}` })).status).toBe(202)
    const conflict = await run({ json: { inputs, context: inTeam }, context: `user/${ada.accountId}` })
    expect([conflict.status, conflict.body.code]).toEqual([400, 'context_conflict'])
    const bob = await api.person('bob')
    expect((await run({ json: { inputs, context: { type: 'user', id: bob.accountId } } })).status).toBe(404)
    expect((await run({ json: { inputs }, context: 'team/team_unknown' })).status).toBe(404)
    expect((await run({ json: { inputs }, context: 'nonsense' })).status).toBe(400)
    const runs = await api.call(ada, 'GET', `/v1/teams/${team.id}/runs`)
    expect(runs.body.items).toHaveLength(3)
  })

  it('refuses what cannot start, with every problem and its path, and holds nothing', async () => {
    const unknown = await api.call(ada, 'POST', '/v1/jobs/release-notes/run', {
      json: { inputs: { nope: 1, title: 2 } },
    })
    expect([unknown.status, unknown.body.code]).toEqual([400, 'bad_input'])
    const paths = unknown.body.errors.map(({ path }: { path: string }) => path).sort()
    expect(paths).toEqual(['commits', 'nope', 'title'])
    expect((await api.call(ada, 'POST', '/v1/jobs/nope/run', { json: { inputs } })).status).toBe(404)
    const many = await api.call(ada, 'POST', '/v1/jobs/release-notes/run', { json: { inputs, variants: 11 } })
    expect([many.status, many.body.errors[0].path]).toEqual([400, 'variants'])
    const large = { commits: 'x'.repeat(1024 * 1024) }
    expect((await api.call(ada, 'POST', '/v1/jobs/release-notes/run', { json: { inputs: large } })).status).toBe(413)
    const deep = `{"inputs":{"commits":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`
    const nested = await api.call(ada, 'POST', '/v1/jobs/release-notes/run', { raw: deep, type: 'application/json' })
    expect([nested.status, nested.body.errors[0].path]).toEqual([400, 'inputs'])
    expect((await api.call(ada, 'GET', '/v1/wallet')).body.heldUsd).toBe('0.00')
    expect(api.errors).toEqual([])
  })

  it('keeps what the wallet cannot pay, says what is missing, and starts it when that is there', async () => {
    const poor = await api.person('poor')
    await api.call(poor, 'POST', `/v1/users/${poor.accountId}/economy/debit`, {
      json: { amountUsd: '0.999', description: 'a book' },
      once: 'book',
    })
    const kept = await api.call(poor, 'POST', '/v1/jobs/release-notes/run', { json: { inputs }, once: 'k' })
    expect(kept.status).toBe(202)
    expect(kept.body).toMatchObject({
      status: 'waiting',
      error: null,
      waitingFor: { kind: 'funds', limit: 'available', neededUsd: '0.002', facts: { availableUsd: '0.001' } },
    })
    expect((await api.call(poor, 'GET', `/v1/runs/${kept.body.id}`)).body).toMatchObject({
      status: 'waiting',
      waitingFor: { missingUsd: '0.001', expiresAt: kept.body.waitingFor.expiresAt },
    })
    const root = await api.person('root', { admin: true })
    await api.call(root, 'POST', `/v1/users/${poor.accountId}/economy/credit`, {
      json: { amountUsd: '1', reason: 'help' },
      once: 'help',
    })
    expect(await ended(kept.body.id, poor)).toMatchObject({ status: 'succeeded', waitingFor: null })
    const again = await api.call(poor, 'POST', '/v1/jobs/release-notes/run', { json: { inputs }, once: 'k' })
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.body).toEqual(kept.body)
  })

  it('runs one tool by itself, and quotes tools and jobs without touching money', async () => {
    const json = { inputs: { template: 'Hello {{ name }}', data: { name: 'Ada' } } }
    const started = await api.call(ada, 'POST', '/v1/tools/text.template/run', { json })
    expect(started.status).toBe(202)
    expect((await ended(started.body.id)).outputs).toEqual({ text: 'Hello Ada' })
    const tool = await api.call(ada, 'POST', '/v1/tools/text.template/quote', { json })
    expect(tool.body).toEqual({
      estimateUsd: '0.0005',
      maxUsd: '0.0005',
      perStep: [{ stepId: 'call', toolId: 'text.template', estimateUsd: '0.0005', maxUsd: '0.0005' }],
    })
    const job = await api.call(ada, 'POST', '/v1/jobs/release-notes/quote', { json: { inputs } })
    expect(job.body).toMatchObject({ estimateUsd: '0.002', maxUsd: '0.002' })
    expect(job.body.perStep[1]).toEqual({
      stepId: 'format',
      toolId: 'docs.format',
      estimateUsd: '0.001',
      maxUsd: '0.001',
    })
    expect((await api.call(ada.readKey, 'POST', '/v1/jobs/release-notes/quote')).status).toBe(200)
    expect((await api.call(ada, 'GET', '/v1/runs')).body.items).toHaveLength(1)
    expect((await api.call(ada, 'POST', '/v1/tools/nope/run', { json })).status).toBe(404)
  })

  it('takes a retry without money up when there is some: 202, with what it waits for, the same under one key', async () => {
    const zoe = await api.person('zoe')
    const made = await api.call(zoe, 'POST', '/v1/tools/wait/run', { json: { inputs: { ms: 600_000 } } })
    const path = `/v1/runs/${made.body.id}`
    await api.call(zoe, 'POST', `${path}/cancel`)
    await eventually(async () => expect((await api.call(zoe, 'GET', path)).body.status).toBe('cancelled'))
    const { balanceUsd: amountUsd } = (await api.call(zoe, 'GET', '/v1/wallet')).body
    const json = { amountUsd, description: 'all of it' }
    await api.call(zoe, 'POST', `/v1/users/${zoe.accountId}/economy/debit`, { json, once: 'all' })
    const retry = await api.call(zoe, 'POST', `${path}/retry`, { once: 'again' })
    expect([retry.status, retry.headers.get('location')]).toEqual([202, path])
    expect(retry.body).toMatchObject({
      status: 'waiting',
      waitingFor: { kind: 'funds', limit: 'available', neededUsd: '0.0002', missingUsd: '0.0002' },
    })
    const replay = await api.call(zoe, 'POST', `${path}/retry`, { once: 'again' })
    expect([replay.status, replay.headers.get('idempotency-replayed')]).toEqual([202, 'true'])
    expect(replay.body).toEqual(retry.body)
    const root = await api.person('retry-root', { admin: true })
    const more = { json: { amountUsd: '1', reason: 'more' }, once: 'more' }
    await api.call(root, 'POST', `/v1/users/${zoe.accountId}/economy/credit`, more)
    await eventually(async () => {
      const { body } = await api.call(zoe, 'GET', path)
      expect([body.waitingFor, body.steps[0].status]).toEqual([null, 'waiting'])
    })
    await api.call(zoe, 'POST', `${path}/cancel`)
    await eventually(async () => expect((await api.call(zoe, 'GET', path)).body.status).toBe('cancelled'))
  })

  it('stops a run, one by one and many at once, and answers for each', async () => {
    const wait = () => api.call(ada, 'POST', '/v1/tools/wait/run', { json: { inputs: { ms: 600_000 } } })
    const runs: string[] = []
    for (let count = 0; count < 3; count++) runs.push((await wait()).body.id)
    const [first = '', second = '', third = ''] = runs
    const stopped = await api.call(ada, 'POST', `/v1/runs/${first}/cancel`)
    expect([200, 202]).toContain(stopped.status)
    expect((await ended(first)).status).toBe('cancelled')
    expect((await api.call(ada, 'POST', `/v1/runs/${first}/cancel`)).status).toBe(200)
    const batch = await api.call(ada, 'POST', '/v1/runs/batch', {
      json: { action: 'cancel', ids: [second, third, 'run_nope', second] },
    })
    expect(batch.body.results).toEqual([
      { id: second, ok: true },
      { id: third, ok: true },
      { id: 'run_nope', ok: false, error: { code: 'not_found', message: 'There is no such run here.' } },
    ])
    for (const id of [second, third]) expect((await ended(id)).status).toBe('cancelled')
    const retry = await api.call(ada, 'POST', `/v1/runs/${first}/retry`)
    expect([retry.status, retry.headers.get('location')]).toEqual([202, `/v1/runs/${first}`])
    const again = await api.call(ada, 'POST', `/v1/runs/${first}/retry`)
    expect([again.status, again.body.code]).toEqual([409, 'conflict'])
    await api.call(ada, 'POST', `/v1/runs/${first}/cancel`)
    expect((await ended(first)).status).toBe('cancelled')
    expect((await checkLedger(api.core)).sound).toBe(true)
    expect((await api.call(ada, 'GET', '/v1/wallet')).body.heldUsd).toBe('0.00')
  })

  it('lists runs newest first, by page and by what is asked for', async () => {
    const admin = await api.person('root', { admin: true })
    for (const word of ['alpha', 'beta', 'gamma']) {
      const json = { inputs: { template: word, data: {} } }
      await ended((await api.call(ada, 'POST', '/v1/tools/text.template/run', { json })).body.id)
    }
    await ended((await api.call(ada, 'POST', '/v1/jobs/release-notes/run', { json: { inputs } })).body.id)
    const list = async (query: string, who = ada, path = '/v1/runs') => (await api.call(who, 'GET', path + query)).body
    const words = (page: { items: { inputs: { template?: string }; jobId: string }[] }) =>
      page.items.map((run) => run.inputs.template ?? run.jobId)
    const page = await list('?limit=3')
    expect(words(page)).toEqual(['release-notes', 'gamma', 'beta'])
    expect(words(await list(`?cursor=${page.nextCursor}`))).toEqual(['alpha'])
    expect(words(await list('?text=bet'))).toEqual(['beta'])
    expect(words(await list('?jobId=release-notes'))).toEqual(['release-notes'])
    expect(words(await list('?status=queued,failed'))).toEqual([])
    expect(words(await list('?status=failed,succeeded&limit=1'))).toEqual(['release-notes'])
    expect(words(await list('?from=2020-01-01&to=2020-01-02'))).toEqual([])
    expect(words(await list('?from=2020-01-01T00:00:00Z'))).toHaveLength(4)
    expect(words(await list(`?account=${admin.accountId}`))).toEqual([])
    expect((await list('?status=nope')).errors[0].path).toContain('status')
    expect((await list('?from=yesterday')).errors[0].path).toBe('from')
    expect((await list('?sort=up')).errors[0].path).toBe('sort')
    const own = `/v1/users/${ada.accountId}/runs`
    expect(words(await list('?limit=1', ada, own))).toEqual(['release-notes'])
    expect(words(await list('', admin, own))).toHaveLength(4)
    expect((await list('', admin, '/v1/users/acc_nope/runs')).code).toBe('not_found')
    const bob = await api.person('bob')
    expect((await list('', bob, own)).code).toBe('not_found')
  })
})
