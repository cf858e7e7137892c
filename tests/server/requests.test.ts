import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DIALECTS } from '#tests/support/database.ts'
import { type Answer, type Api, createApi, type Person, type Request } from './api.ts'

describe.each(DIALECTS)('what is no proper request, on %s', (dialect) => {
  let api: Api
  let ada: Person
  beforeAll(async () => {
    api = await createApi(dialect)
    ada = await api.person('ada')
  })
  afterAll(() => api.end())

  const post = (path: string, request: Request): Promise<Answer> =>
    api.call(ada, 'POST', path, { once: 'k', ...request })

  it('is answered as a problem with its code and a request id', async () => {
    const { status, body, headers } = await api.call(ada, 'GET', '/v1/teams/team_none')
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(body).toEqual({
      type: 'about:blank',
      title: 'Not found',
      status,
      code: 'not_found',
      detail: 'There is no such team here.',
      requestId: headers.get('x-request-id'),
    })
    const nowhere = await api.call(ada, 'PATCH', '/v1/teams')
    expect([nowhere.status, nowhere.body.code]).toEqual([404, 'not_found'])
  })

  const BODIES: [string, object][] = [
    ['/v1/teams', { name: 'A' }],
    ['/v1/teams/team_x/members', { accountId: 'acc_x' }],
    ['/v1/teams/team_x/invitations', {}],
    ['/v1/teams/invitations/code/accept', {}],
    ['/v1/teams/team_x/transfer', { accountId: 'acc_x' }],
    ['/v1/teams/team_x/economy/credit', { amountUsd: '1', reason: 'x' }],
    ['/v1/teams/team_x/economy/repay', { amountUsd: '1' }],
    ['/v1/users/acc_x/economy/credit', { amountUsd: '1', reason: 'x' }],
    ['/v1/users/acc_x/economy/debit', { amountUsd: '1', description: 'x' }],
    ['/v1/tools/wait/run', { inputs: { ms: 1 } }],
    ['/v1/tools/wait/quote', {}],
    ['/v1/jobs/release-notes/run', { inputs: {} }],
    ['/v1/runs/batch', { action: 'cancel', ids: ['run_x'] }],
    ['/v1/runs/run_x/cancel', {}],
  ]

  it.each(BODIES)(
    'POST %s refuses unknown fields with their path, broken JSON, other types and too much',
    async (path, body) => {
      const unknown = await post(path, { json: { ...body, surprise: true } })
      expect([unknown.status, unknown.body.code]).toEqual([400, 'bad_request'])
      expect(unknown.body.errors).toEqual([{ path: 'surprise', message: 'is unknown' }])
      const broken = await post(path, { raw: '{"name": ', type: 'application/json' })
      expect([broken.status, broken.body.code]).toEqual([400, 'bad_request'])
      const list = await post(path, { json: [] })
      expect(list.status).toBe(400)
      const form = await post(path, { raw: 'name=x', type: 'application/x-www-form-urlencoded' })
      expect([form.status, form.body.code]).toEqual([415, 'unsupported_media_type'])
      const large = await post(path, { raw: `{"name": "${'x'.repeat(2 * 1024 * 1024)}"}`, type: 'application/json' })
      expect([large.status, large.body.code]).toEqual([413, 'too_large'])
    },
  )

  it('names nested fields by their whole path', async () => {
    const json = { inputs: {}, context: { type: 'team', id: 'team_x', name: 'x' } }
    const refused = await post('/v1/jobs/release-notes/run', { json })
    expect(refused.body.errors).toEqual([{ path: 'context.name', message: 'is unknown' }])
  })

  const NUL = '\u0000'
  const HOSTILE: [string, string, Request][] = [
    ['POST', '/v1/teams', { json: { name: `a${NUL}b` } }],
    ['GET', '/v1/teams/%00', {}],
    ['GET', '/v1/teams/team_%00', {}],
    ['GET', '/v1/teams/team_%F0%9F%98%80', {}],
    ['GET', '/v1/teams/invitations/%00', {}],
    ['GET', '/v1/users/acc_%00/runs', {}],
    ['GET', '/v1/users/%00/teams', {}],
    ['GET', '/v1/runs/run_%00', {}],
    ['GET', '/v1/runs/%E0%A4%A', {}],
    ['GET', '/v1/runs?text=%00', {}],
    ['GET', '/v1/runs?cursor=%00', {}],
    ['GET', '/v1/runs?jobId=%00', {}],
    ['GET', '/v1/runs?account=%00', {}],
    ['GET', '/v1/runs?limit=1e9', {}],
    ['GET', '/v1/runs?from=+275760-09-13T00:00:00Z', {}],
    ['GET', '/v1/runs/run_x/events?cursor=9007199254740993', {}],
    ['GET', '/v1/jobs/%00', {}],
    ['GET', '/v1/jobs/__proto__', {}],
    ['GET', '/v1/jobs/release-notes/versions/99999999999', {}],
    ['GET', '/v1/tools/__proto__', {}],
    ['GET', '/v1/tools/constructor', {}],
    ['GET', '/v1/wallet/entries?cursor=99999999999999999999', {}],
    ['GET', '/v1/wallet', { context: 'team/team_\u00ff' }],
    ['GET', '/v1/wallet', { context: `user/${'x'.repeat(5_000)}` }],
    ['POST', '/v1/jobs/release-notes/run', { json: { inputs: {}, context: { type: 'team', id: NUL } } }],
    ['POST', '/v1/runs/batch', { json: { action: 'cancel', ids: [NUL] } }],
    [
      'POST',
      '/v1/wallet/transfers',
      { json: { from: { type: 'user', id: 'x' }, to: { type: 'team', id: NUL }, amountUsd: '1' } },
    ],
    [
      'POST',
      '/v1/wallet/transfers',
      { json: { from: { type: 'user', id: 'x' }, to: { type: 'team', id: 'y' }, amountUsd: '1' } },
    ],
    ['POST', '/v1/users/acc_x/economy/debit', { json: { amountUsd: '1', description: NUL } }],
    ['POST', '/v1/teams', { raw: '{"__proto__": {"name": "x"}}', type: 'application/json' }],
    ['POST', '/v1/teams', { raw: new Uint8Array([0xff, 0x22]), type: 'application/json' }],
    ['PUT', '/v1/teams/team_x/limits', { json: { maxMembers: 1e308, maxRunsPerMonth: -1 } }],
  ]

  it.each(HOSTILE)('%s %s is refused and breaks nothing', async (method, path, request) => {
    const { status } = await api.call(ada, method, path, { once: 'hostile', ...request })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
  })

  it('keeps what people write as they wrote it, also where it looks like something else', async () => {
    const name = `'; DROP TABLE team; -- <b>\\u0000`
    const made = await post('/v1/teams', { json: { name }, once: 'odd' })
    expect([made.status, made.body.name]).toEqual([201, name])
    const data = { text: `a${NUL}b\ud800` }
    const run = await post('/v1/tools/text.template/run', {
      json: { inputs: { template: 'x', data } },
      once: 'odd-run',
    })
    expect([run.status, run.body.inputs.data.text]).toEqual([202, data.text])
  })

  it('leaves no error behind', () => {
    expect(api.errors).toEqual([])
  })
})
