import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkLedger } from '#core/economy/check.ts'
import { sweepTriggers } from '#core/triggers/sweep.ts'
import { query } from '#db/statement.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Answer, type Api, createApi, type Person } from './api.ts'
import { deliver, SENDERS } from './hook-senders.ts'

const RICH = { welcomeCreditMicros: 100_000_000n }
const NOTES = {
  name: 'Releases',
  jobId: 'release-notes',
  scheme: 'github',
  mapping: {
    commits: { body: 'release.body' },
    title: { template: '{{ body.repository.name }} {{ body.release.tag_name }}' },
  },
  filter: { headers: { 'X-GitHub-Event': ['release', 'ping'] }, body: { action: 'published' } },
}
const RELEASE = {
  action: 'published',
  repository: { name: 'door' },
  release: { tag_name: 'v1.2.0', body: 'a1b2c3d feat: opens both ways' },
}

describe.each(DIALECTS)('triggers over HTTP, on %s', (dialect) => {
  const clock = new ShiftedClock()
  let api: Api
  let ada: Person
  let bob: Person
  let eve: Person
  let teamId: string
  let inTeam: { context: string }
  beforeAll(async () => {
    api = await createApi(dialect, { clock, settings: RICH, env: { REQUESTS_PER_MINUTE: '100000' } })
    ada = await api.person('ada')
    bob = await api.person('bob', { admin: true })
    eve = await api.person('eve')
    teamId = (await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body.id
    inTeam = { context: `team/${teamId}` }
  })
  afterAll(async () => {
    expect(api.errors).toEqual([])
    expect((await checkLedger(api.core)).sound).toBe(true)
    await api.end()
  })

  const make = (json: object, who = ada, once?: string): Promise<Answer> =>
    api.call(who, 'POST', '/v1/triggers', { json: { ...NOTES, ...json }, ...inTeam, ...(once ? { once } : {}) })
  const credit = (amountUsd: string): Promise<Answer> =>
    api.call(ada, 'POST', `/v1/teams/${teamId}/economy/credit`, {
      json: { amountUsd, reason: 'test' },
      once: api.core.ids.newSecret(),
    })
  let ids = 0
  const send = (trigger: { id: string; secret: string }, body: object = RELEASE, id = `d${++ids}`): Promise<Answer> =>
    deliver(
      api,
      trigger.id,
      SENDERS.github({ secret: trigger.secret, body: JSON.stringify(body), id, atMs: clock.nowMs() }),
    )
  /** What became of the delivery that was answered so. */
  async function outcome({ body: { deliveryId } }: Answer, triggerId: string) {
    return eventually(async () => {
      const { body } = await api.call(ada, 'GET', `/v1/triggers/${triggerId}/deliveries/${deliveryId}`)
      expect(body.status).not.toBe('accepted')
      return body
    })
  }
  const ended = (runId: string) =>
    eventually(async () => {
      const { body } = await api.call(ada, 'GET', `/v1/runs/${runId}`)
      expect(body.finishedAt).not.toBeNull()
      return body
    })

  it('are made once for one key, and show their secret in that answer alone', async () => {
    const first = await make({ budgetUsd: '3' }, ada, 'same')
    expect(first.body).toMatchObject({
      status: 'active',
      url: expect.stringMatching(/\/hooks\/trg_/),
      secret: expect.any(String),
      budgetUsd: '3.00',
      usedUsd: '0.00',
      context: { type: 'team', id: teamId },
      ownerId: ada.accountId,
    })
    expect(first.body.hint).toBe(first.body.secret.slice(-4))
    const again = await make({ budgetUsd: '3' }, ada, 'same')
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.body).toEqual(first.body)
    expect((await make({ budgetUsd: '4' }, ada, 'same')).status).toBe(422)
    const path = `/v1/triggers/${first.body.id}`
    expect((await api.call(ada, 'GET', path)).body.secret).toBeUndefined()
    // Once there is another secret, the first answer has none any more.
    await api.call(ada, 'POST', `${path}/rotate`)
    expect((await make({ budgetUsd: '3' }, ada, 'same')).body.secret).toBeUndefined()
    // Other people's do not exist.
    for (const [method, rest] of [
      ['GET', ''],
      ['PUT', ''],
      ['DELETE', ''],
      ['POST', '/rotate'],
      ['GET', '/deliveries'],
    ] as const) {
      expect((await api.call(eve, method, path + rest, method === 'GET' ? {} : { json: {} })).status).toBe(404)
    }
    expect((await api.call(ada, 'GET', '/v1/triggers', inTeam)).body.items).toHaveLength(1)
    expect((await api.call(ada, 'GET', '/v1/triggers')).body.items).toEqual([])
  })

  it('show what a request gives before they are saved', async () => {
    const preview = (json: object) => api.call(ada, 'POST', '/v1/triggers/preview', { json, ...inTeam })
    const { jobId, mapping, filter } = NOTES
    const headers = { 'X-GitHub-Event': 'release', Authorization: 'Bearer x' }
    expect((await preview({ jobId, mapping, filter, example: { headers, body: RELEASE } })).body).toEqual({
      ignored: null,
      inputs: { commits: RELEASE.release.body, title: 'door v1.2.0' },
      problems: [],
      fits: true,
      estimateUsd: expect.stringMatching(/^0\.00/),
      maxUsd: expect.stringMatching(/^0\.00/),
    })
    const other = { ...RELEASE, action: 'deleted' }
    expect((await preview({ jobId, mapping, filter, example: { headers, body: other } })).body).toMatchObject({
      ignored: 'action in the body is "deleted", not "published".',
      fits: false,
    })
    expect((await preview({ jobId, mapping, example: { body: {} } })).body).toMatchObject({ fits: false })
    const secret = { ...mapping, title: { header: 'authorization' } }
    expect((await preview({ jobId, mapping: secret, example: { headers, body: RELEASE } })).body.inputs.title).toBe(
      '••••',
    )
    expect(await query(api.core.db, (q) => q.selectFrom('trigger_delivery').selectAll())).toEqual([])
  })

  it.each([
    [{ mapping: {} }, 400, 'mapping.commits is needed'],
    [{ mapping: { ...NOTES.mapping, titel: { value: 'x' } } }, 400, 'did you mean title?'],
    [{ mapping: { ...NOTES.mapping, title: { template: '{{ body.x' } } }, 400, 'mapping.title.template'],
    [{ mapping: { ...NOTES.mapping, title: { template: '{{ env.x }}' } } }, 400, 'knows headers and body, not env'],
    [{ mapping: { ...NOTES.mapping, title: { value: 'x', header: 'y' } } }, 400, 'must have one of'],
    [{ mapping: { ...NOTES.mapping, title: {} } }, 400, 'mapping.title'],
    [{ jobId: 'nothing' }, 404, 'There is no job nothing here'],
    [{ scheme: 'none' }, 400, 'scheme'],
    [{ secret: 'short' }, 400, 'must be 16 to 500'],
    [{ scheme: 'standard_webhooks', secret: 'whsec_not-base64-at-all' }, 400, 'bytes in base64'],
    [{ budgetUsd: '-1' }, 400, 'An amount is dollars'],
    [{ ratePerMinute: 0 }, 400, 'ratePerMinute'],
    [{ name: ' ' }, 400, 'name must have'],
    [{ nonsense: 1 }, 400, 'nonsense: is unknown'],
  ])('are refused: %o', async (json, status, words) => {
    const answer = await make(json)
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining(words)])
    expect(answer.text).not.toContain('not-base64')
  })

  it('start what a delivery says, and leave alone what is none of their business', async () => {
    await credit('5')
    const trigger = (await make({})).body
    const started = await outcome(await send(trigger), trigger.id)
    expect(started).toMatchObject({ status: 'started', payload: { headers: { 'x-hub-signature-256': '••••' } } })
    expect(await ended(started.runId)).toMatchObject({
      status: 'succeeded',
      inputs: { commits: RELEASE.release.body, title: 'door v1.2.0' },
      context: { type: 'team', id: teamId },
      initiator: { accountId: ada.accountId, channel: 'webhook' },
    })
    const ignored = await outcome(await send(trigger, { ...RELEASE, action: 'created' }), trigger.id)
    expect(ignored).toMatchObject({ status: 'ignored', runId: null, reason: { code: 'filtered' } })
    const { body } = await api.call(ada, 'GET', `/v1/triggers/${trigger.id}/deliveries?limit=1`)
    expect(body.items[0]).toMatchObject({ id: ignored.id, status: 'ignored' })
    const next = await api.call(ada, 'GET', `/v1/triggers/${trigger.id}/deliveries?cursor=${body.nextCursor}`)
    expect(next.body.items).toMatchObject([{ id: started.id, runStatus: 'succeeded' }])
  })

  it('keep a delivery that does not fit, say why, and handle it again when that is mended', async () => {
    const trigger = (await make({ mapping: { commits: { body: 'release.text' } }, filter: {} })).body
    const refused = await outcome(await send(trigger), trigger.id)
    expect(refused).toMatchObject({ status: 'refused', runId: null, reason: { code: 'bad_input' } })
    expect(refused.reason.message).toContain('commits (release.text in the body is not there)')
    const path = `/v1/triggers/${trigger.id}`
    expect((await api.call(ada, 'GET', path)).body.problem).toMatchObject({ code: 'bad_input' })
    const told = await api.call(ada, 'GET', '/v1/notifications')
    expect(told.body.items[0]).toMatchObject({ type: 'trigger_refused', text: expect.stringContaining('Releases') })
    await api.call(ada, 'PUT', path, { json: { mapping: NOTES.mapping } })
    const replay = () => api.call(ada, 'POST', `${path}/deliveries/${refused.id}/replay`, { once: 'again' })
    const [one, two] = [await replay(), await replay()]
    expect([one.status, two.body]).toEqual([202, one.body])
    const again = await outcome(one, trigger.id)
    expect(again).toMatchObject({ status: 'started', replayOf: refused.id })
    expect(await ended(again.runId)).toMatchObject({ status: 'succeeded' })
    expect((await api.call(ada, 'GET', path)).body.problem).toBeNull()
    // Its own test call is handled like one that came.
    const test = await api.call(ada, 'POST', `${path}/test`, { json: { body: RELEASE, run: true } })
    expect(await outcome(test, trigger.id)).toMatchObject({ status: 'started', replayOf: null })
  })

  it('spend what their budget has, and no more, however many come at once', async () => {
    // A run is quoted at 0.002 and costs 0.002.
    const trigger = (await make({ budgetUsd: '0.0065' })).body
    const answers = await Promise.all(Array.from({ length: 12 }, () => send(trigger)))
    const outcomes = await Promise.all(answers.map((answer) => outcome(answer, trigger.id)))
    const started = outcomes.filter(({ status }) => status === 'started')
    expect(started).toHaveLength(3)
    for (const { reason } of outcomes.filter(({ status }) => status !== 'started')) {
      expect(reason).toMatchObject({
        code: 'limit_reached',
        message: expect.stringContaining('The budget of this trigger'),
      })
    }
    for (const { runId } of started) await ended(runId)
    expect((await api.call(ada, 'GET', `/v1/triggers/${trigger.id}`)).body).toMatchObject({ usedUsd: '0.006' })
    // A larger budget lets it go on.
    await api.call(ada, 'PUT', `/v1/triggers/${trigger.id}`, { json: { budgetUsd: '0.01' } })
    expect(await outcome(await send(trigger), trigger.id)).toMatchObject({ status: 'started' })
  })

  it('start nothing when there is no money, and hold nothing then', async () => {
    const { body: mine } = await api.call(eve, 'POST', '/v1/triggers', {
      json: {
        name: 'Poor',
        jobId: 'text.template',
        mapping: { template: { value: 'x' }, data: { value: {} } },
        scheme: 'github',
      },
    })
    await query(api.core.db, (q) => q.selectFrom('ledger_account').selectAll())
    const { body: wallet } = await api.call(eve, 'GET', '/v1/wallet')
    const drain = { json: { amountUsd: wallet.availableUsd, description: 'all of it' }, once: 'drain' }
    await api.call(bob, 'POST', `/v1/users/${eve.accountId}/economy/debit`, drain)
    const answer = await send(mine)
    await eventually(async () => {
      const { body } = await api.call(eve, 'GET', `/v1/triggers/${mine.id}/deliveries/${answer.body.deliveryId}`)
      expect(body).toMatchObject({ status: 'refused', reason: { code: 'insufficient_funds' } })
    })
    expect((await api.call(eve, 'GET', '/v1/wallet')).body.heldUsd).toBe('0.00')
  })

  it('act with the rights of their owner at that moment', async () => {
    await api.call(ada, 'POST', `/v1/teams/${teamId}/members`, { json: { accountId: bob.accountId, role: 'admin' } })
    const trigger = (await make({}, bob)).body
    expect(await outcome(await send(trigger), trigger.id)).toMatchObject({ status: 'started' })
    await api.call(ada, 'PUT', `/v1/teams/${teamId}/members/${bob.accountId}`, { json: { role: 'member' } })
    expect(await outcome(await send(trigger), trigger.id)).toMatchObject({
      status: 'refused',
      reason: { code: 'forbidden' },
    })
    await api.call(ada, 'DELETE', `/v1/teams/${teamId}/members/${bob.accountId}`)
    const refused = await outcome(await send(trigger), trigger.id)
    expect(refused).toMatchObject({ status: 'refused', reason: { code: 'not_found' } })
    const path = `/v1/triggers/${trigger.id}`
    expect((await api.call(ada, 'GET', path)).body).toMatchObject({
      ownerId: bob.accountId,
      problem: { code: 'not_found' },
    })
    // Whoever resumes it takes it over, and what was refused meanwhile can be had after all.
    const { body } = await api.call(ada, 'POST', `${path}/resume`)
    expect(body.ownerId).toBe(ada.accountId)
    const replay = await api.call(ada, 'POST', `${path}/deliveries/${refused.id}/replay`)
    const again = await outcome(replay, trigger.id)
    expect((await ended(again.runId)).initiator.accountId).toBe(ada.accountId)
  })

  it('forget what came when it is old, and still know it again', async () => {
    const trigger = (await make({})).body
    const first = await outcome(await send(trigger, RELEASE, 'the-first'), trigger.id)
    const rows = Array.from({ length: 100 }, () => send(trigger, { ...RELEASE, action: 'x' }))
    await Promise.all(
      (await Promise.all(rows)).map((answer) => (answer.status === 202 ? outcome(answer, trigger.id) : null)),
    )
    clock.advance(61_000)
    const late = Array.from({ length: 60 }, () => send(trigger, { ...RELEASE, action: 'x' }))
    await Promise.all(
      (await Promise.all(late)).map((answer) => (answer.status === 202 ? outcome(answer, trigger.id) : null)),
    )
    await sweepTriggers(api.core, new AbortController().signal)
    const path = `/v1/triggers/${trigger.id}/deliveries/${first.id}`
    expect((await api.call(ada, 'GET', path)).body).toMatchObject({ status: 'started', payload: null })
    expect((await api.call(ada, 'POST', `${path}/replay`)).body.code).toBe('expired')
    expect((await send(trigger, RELEASE, 'the-first')).body.deliveryId).toBe(first.id)
    clock.advance(31 * 86_400_000)
    await sweepTriggers(api.core, new AbortController().signal)
    expect((await api.call(ada, 'GET', path)).status).toBe(404)
  })
})
