import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BY_HAND_NAMES } from '#commands/by-hand.ts'
import { commandNamed } from '#commands/index.ts'
import { teamContext } from '#core/context.ts'
import { saveJob } from '#core/jobs/save.ts'
import { followEvents } from '#core/rules/follow.ts'
import { query } from '#db/statement.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Answer, type Api, createApi, type Person } from './api.ts'
import { JOB } from './rights-scene.ts'

describe.each(DIALECTS)('rules, on %s', (dialect) => {
  const clock = new ShiftedClock()
  let api: Api
  let ada: Person
  let bob: Person
  let teamId: string
  let inTeam: { context: string }
  beforeAll(async () => {
    api = await createApi(dialect, {
      clock,
      settings: { welcomeCreditMicros: 100_000_000n },
      env: { REQUESTS_PER_MINUTE: '100000' },
    })
    ada = await api.person('ada')
    bob = await api.person('bob', { admin: true })
    teamId = (await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body.id
    inTeam = { context: `team/${teamId}` }
    await api.call(ada, 'POST', `/v1/teams/${teamId}/members`, { json: { accountId: bob.accountId, role: 'admin' } })
    const credit = { json: { amountUsd: '5', reason: 'test' }, once: 'credit' }
    await api.call(ada, 'POST', `/v1/teams/${teamId}/economy/credit`, credit)
  })
  afterAll(async () => {
    expect(api.errors).toEqual([])
    await api.end()
  })

  const make = (json: object, who = ada): Promise<Answer> => api.call(who, 'POST', '/v1/rules', { json, ...inTeam })
  async function made(json: object, who = ada): Promise<string> {
    const { status, body } = await make(json, who)
    expect([status, body.detail]).toEqual([201, undefined])
    return body.id
  }
  const post = (type: string, more: object = {}): Promise<Answer> =>
    api.call(ada, 'POST', '/v1/collab/events', { json: { type, subject: 'door', ...more }, ...inTeam })
  // biome-ignore lint/suspicious/noExplicitAny: what comes back is looked at field by field
  const fires = async (id: string, who = ada): Promise<any[]> =>
    (await api.call(who, 'GET', `/v1/rules/${id}/fires`)).body.items
  /** Once all events up to now were looked at. */
  const followed = async (): Promise<void> => {
    await followEvents(api.core)
  }
  const end = (id: string): Promise<Answer> => api.call(ada, 'DELETE', `/v1/rules/${id}`)
  const runsOf = (jobKey: string) =>
    query(api.core.db, (q) => q.selectFrom('run').selectAll().where('job_key', '=', jobKey).orderBy('created_at_ms'))
  const published = async (jobId: string): Promise<void> => {
    const owner = { accountId: ada.accountId, handle: 'ada', platformRole: 'user', channel: 'api' } as const
    await saveJob(api.core, { ...owner, context: teamContext(teamId) }, { source: { ...JOB, jobId }, publish: true })
  }

  it('say their command when an event fits, once for each, and keep what was answered', async () => {
    const id = await made({
      command: '/task Look after {subject}',
      on: { type: 'door.open', details: { 'by.whom': ['cat', 'dog'] } },
    })
    await post('door.open', { details: { by: { whom: 'cat' } } })
    await post('door.open', { details: { by: { whom: 'wind' } } })
    await post('door.shut', { details: { by: { whom: 'cat' } } })
    const [fire, ...others] = await eventually(async () => {
      const found = await fires(id)
      expect(found[0]?.status).toBe('answered')
      return found
    })
    await followed()
    expect(others).toEqual([])
    expect(fire).toMatchObject({ command: '/task Look after door', chain: [id], event: { type: 'door.open' } })
    expect(fire.answers[0].text).toContain('Look after door')
    const { body } = await api.call(ada, 'GET', '/v1/tasks', inTeam)
    expect(body.items).toHaveLength(1)
    expect(body.items[0]).toMatchObject({ title: 'Look after door', createdBy: ada.accountId })
    expect((await api.call(ada, 'GET', `/v1/rules/${id}`)).body).toMatchObject({ fires: 1, status: 'active' })
    // What it was answered is its owner's; that it spoke, the team's.
    expect((await fires(id, bob))[0]).toMatchObject({ status: 'answered', answers: null })
    // Looked at from the beginning once more, by a process that knows of nothing: no event fires it twice.
    await query(api.core.db, (q) => q.selectFrom('rule_cursor').selectAll())
    await api.core.db.write(async (tx) => {
      await query(tx, (q) => q.deleteFrom('rule_cursor'))
    })
    await followed()
    expect(await fires(id)).toHaveLength(1)
    await end(id)
  })

  it('two that feed each other end by themselves', async () => {
    await published('ping')
    await published('pong')
    const a = await made({ command: '/run pong', on: { type: 'run.succeeded', details: {} }, name: 'a' })
    const b = await made({ command: '/run ping', on: { type: 'run.succeeded' }, name: 'b' })
    await api.call(ada, 'POST', '/v1/jobs/ping/run', { json: { inputs: {} }, ...inTeam, once: 'first' })
    // Each fires on the first run, and each on what the other has led to; then both are in the chain.
    await eventually(async () => {
      await followed()
      const chains = [...(await fires(a)), ...(await fires(b))].filter(({ status }) => status === 'answered')
      expect(chains.map(({ chain }) => chain.join('>')).sort()).toEqual([a, b, `${a}>${b}`, `${b}>${a}`].sort())
      const stopped = [...(await fires(a)), ...(await fires(b))].filter(({ status }) => status === 'stopped')
      expect(stopped.length).toBeGreaterThanOrEqual(6)
      expect(stopped[0]?.reason).toContain('led to this event itself')
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    await followed()
    expect((await runsOf('ping')).length + (await runsOf('pong')).length).toBe(5)
    await end(a)
    await end(b)
  })

  it('one that hears its own task does not answer itself, and a long chain of others ends', async () => {
    const self = await made({ command: '/task again', on: { type: 'task.*' }, name: 'self' })
    const others: string[] = []
    for (let n = 0; n < 5; n++) others.push(await made({ command: `/task other ${n}`, on: { type: 'task.created' } }))
    await api.call(ada, 'POST', '/v1/tasks', { json: { title: 'start' }, ...inTeam })
    const all = await eventually(async () => {
      await followed()
      const found = (await Promise.all([self, ...others].map((id) => fires(id)))).flat()
      expect(found.filter(({ status }) => status === 'said')).toEqual([])
      expect(found.some(({ reason }) => reason?.includes('as far as it goes'))).toBe(true)
      return found
    }, 60_000)
    for (const { chain, status } of all) {
      if (status !== 'stopped') expect(new Set(chain).size).toBe(chain.length)
      if (status !== 'stopped') expect(chain.length).toBeLessThanOrEqual(4)
    }
    for (const id of [self, ...others]) await end(id)
    await followed()
  }, 120_000)

  it('speak no more often than they may in an hour', async () => {
    const id = await made({ command: '/whoami', on: { type: 'bell' }, ratePerHour: 2 })
    for (let n = 0; n < 5; n++) await post('bell', { subject: `bell-${n}` })
    await eventually(async () => {
      await followed()
      expect((await fires(id)).map(({ status }) => status).sort()).toEqual(['answered', 'answered', 'capped'])
    })
    clock.advance(3_600_000)
    await post('bell', { subject: 'bell-9' })
    await eventually(async () => expect(await fires(id)).toHaveLength(4))
    await end(id)
  })

  it('hold what others wrote for words, never for a command', async () => {
    const id = await made({ command: '/task {subject}', on: { type: 'mail' } })
    await post('mail', { subject: 'x --as personal' })
    await post('mail', { subject: '--as' })
    await eventually(async () => expect((await fires(id)).map(({ status }) => status)).toEqual(['stopped', 'stopped']))
    await end(id)
  })

  it('have the rights of their owner at that moment, and no powers over the instance', async () => {
    const grant = await made({ command: '/log', on: { type: 'gate' }, name: 'log' }, bob)
    await post('gate')
    await eventually(async () => expect((await fires(grant, bob))[0]?.status).toBe('answered'))
    await api.call(ada, 'DELETE', `/v1/teams/${teamId}/members/${bob.accountId}`)
    await post('gate')
    await eventually(async () => {
      const [newest] = await fires(grant)
      expect(newest).toMatchObject({ status: 'refused', answers: null })
    })
    expect((await api.call(ada, 'GET', `/v1/rules/${grant}`)).body).toMatchObject({ status: 'paused' })
    expect((await api.call(bob, 'GET', `/v1/rules/${grant}`)).status).toBe(404)
    // Whoever resumes it speaks from now on.
    const { body } = await api.call(ada, 'POST', `/v1/rules/${grant}/resume`)
    expect(body).toMatchObject({ status: 'active', ownerId: ada.accountId })
    await end(grant)
    await api.call(ada, 'POST', `/v1/teams/${teamId}/members`, { json: { accountId: bob.accountId, role: 'admin' } })
  })

  it('are silent while they are paused, and make up for nothing', async () => {
    const id = await made({ command: '/whoami', on: { type: 'knock' } })
    expect((await api.call(ada, 'POST', `/v1/rules/${id}/pause`)).body.status).toBe('paused')
    await post('knock')
    await followed()
    expect((await api.call(ada, 'POST', `/v1/rules/${id}/resume`)).body.status).toBe('active')
    await post('knock')
    await eventually(async () => expect((await fires(id)).map(({ status }) => status)).toEqual(['answered']))
    await end(id)
  })

  it('speak at their time, once, and end', async () => {
    const id = await made({ command: '/whoami', at: 'in 2 hours' })
    clock.advance(2 * 3_600_000 + 1_000)
    await eventually(async () => expect((await fires(id))[0]?.status).toBe('answered'))
    expect((await api.call(ada, 'GET', `/v1/rules/${id}`)).body).toMatchObject({
      status: 'ended',
      fires: 1,
      nextAt: null,
    })
    const again = await made({ command: '/whoami', at: 'every hour' })
    clock.advance(5 * 3_600_000)
    await eventually(async () => expect((await fires(again))[0]?.status).toBe('answered'))
    const { body } = await api.call(ada, 'GET', `/v1/rules/${again}`)
    expect(body).toMatchObject({ status: 'active', fires: 1, at: 'every hour (UTC)' })
    expect(Date.parse(body.nextAt)).toBeGreaterThan(clock.nowMs())
    await end(again)
  })

  it('ask and go no further where a person has to confirm', async () => {
    await published('dear')
    await api.call(ada, 'PUT', `/v1/teams/${teamId}`, { json: { confirmAboveUsd: '0.0001' } })
    const id = await made({ command: '/run dear', on: { type: 'buy' } })
    await post('buy')
    const [fire] = await eventually(async () => {
      const found = await fires(id)
      expect(found[0]?.status).toBe('answered')
      return found
    })
    expect(await runsOf('dear')).toEqual([])
    expect(fire.answers[0].text).toMatch(/\$/)
    await end(id)
    await api.call(ada, 'PUT', `/v1/teams/${teamId}`, { json: { confirmAboveUsd: '1' } })
  })

  it.each([
    [{ command: 'hello', on: { type: 'x' } }, 400, 'is no command'],
    [{ command: '/nothing', on: { type: 'x' } }, 400, 'there is no /nothing'],
    [{ command: '/approve', on: { type: 'review.opened' } }, 403, '/approve is for people'],
    [{ command: '/console', on: { type: 'x' } }, 403, '/console is for people'],
    [{ command: '/start', on: { type: 'x' } }, 403, '/start is for people'],
    [{ command: '/whoami', on: { type: 'rule.fired' } }, 400, 'no rule follows those'],
    [{ command: '/whoami', on: { type: '*' } }, 400, 'is a type of event'],
    [{ command: '/whoami', on: {} }, 400, 'types of events'],
    [{ command: '/whoami' }, 400, 'one of the two'],
    [{ command: '/whoami', on: { type: 'x' }, at: 'tomorrow 9am' }, 400, 'one of the two'],
    [{ command: '/whoami', at: 'yesterday' }, 400, 'is over'],
    [{ command: '/status {subject}', at: 'tomorrow 9am' }, 400, 'there is none'],
    [{ command: '/whoami', on: { type: 'x' }, ratePerHour: 0 }, 400, 'ratePerHour'],
    [{ command: '/whoami', on: { type: 'x', nonsense: 1 } }, 400, 'nonsense'],
  ])('are refused: %o', async (json, status, words) => {
    const answer = await make(json)
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining(words)])
  })

  it('come about by a command from afar, which is said now otherwise', async () => {
    const now = await api.call(ada, 'POST', '/v1/commands', { json: { text: '/whoami' }, ...inTeam, once: 'now' })
    expect(now.body.replies[0].text).toContain('ada')
    const again = await api.call(ada, 'POST', '/v1/commands', { json: { text: '/whoami' }, ...inTeam, once: 'now' })
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    const body = {
      text: '/whoami',
      at: 'tomorrow 9am',
      timezone: 'Europe/Berlin',
      context: { type: 'team', id: teamId },
    }
    const later = await api.call(ada, 'POST', '/v1/commands', { json: body })
    expect(later).toMatchObject({ status: 201, body: { rule: { command: '/whoami', on: null, status: 'active' } } })
    const on = await api.call(ada, 'POST', '/v1/commands', { json: { text: '/whoami', on: { type: 'x' } }, ...inTeam })
    expect(on.body.rule).toMatchObject({ on: { types: ['x'] }, context: { type: 'team', id: teamId } })
    for (const { body } of [later, on]) await end(body.rule.id)
    expect((await api.call(ada, 'POST', '/v1/commands', { json: { text: '/x', name: 'y' } })).status).toBe(400)
  })

  it('leave to people what is for people', () => {
    expect(BY_HAND_NAMES.filter((name) => commandNamed(name)?.name !== name)).toEqual([])
  })
})
