import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkLedger } from '#core/economy/check.ts'
import { defineTool } from '#core/tools/tool.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Api, createApi, type Person } from './api.ts'

/** Says beforehand that it costs a cent at most, and then takes forty. */
const greedy = defineTool({
  toolId: 'test.greedy',
  version: '1.0.0',
  displayName: 'Greedy',
  description: 'Costs more than it says.',
  category: 'test',
  inputSchema: { type: 'object', properties: {} },
  outputSchema: { type: 'object', properties: { text: { type: 'string' } } },
  price: { unit: 'second', rateMicros: 10_000n, maxMicros: 10_000n },
  sideEffect: 'none',
  execute: async () => ({ output: { text: 'done' }, units: 40n }),
})

describe.each(DIALECTS)('money over HTTP on %s', (dialect) => {
  let api: Api
  let ada: Person
  let root: Person
  let teamId: string
  beforeEach(async () => {
    api = await createApi(dialect, { tools: [greedy] })
    ada = await api.person('ada')
    root = await api.person('root', { admin: true })
    teamId = (await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body.id
  })
  afterEach(async () => {
    expect(await checkLedger(api.core)).toMatchObject({ sound: true, sumMicros: 0n })
    await api.end()
  })

  const credit = (who: Person, amountUsd: string, once: string) =>
    api.call(who, 'POST', `/v1/teams/${teamId}/economy/credit`, { json: { amountUsd, reason: 'for tests' }, once })
  const wallet = async (who: Person, context?: string) =>
    (await api.call(who, 'GET', '/v1/wallet', context ? { context } : {})).body

  it('shows the wallet of the context, with its limits', async () => {
    expect(await wallet(ada)).toEqual({
      context: { type: 'user', id: ada.accountId },
      balanceUsd: '1.00',
      heldUsd: '0.00',
      availableUsd: '1.00',
      creditLimitUsd: '0.00',
      debtUsd: '0.00',
      creditLine: null,
      limits: [],
    })
    await api.call(ada, 'PUT', `/v1/teams/${teamId}/limits`, {
      json: { monthlySpendCapUsd: '5.00', maxRunsPerMonth: 10 },
    })
    const { limits, context } = await wallet(ada, `team/${teamId}`)
    expect(context).toEqual({ type: 'team', id: teamId })
    expect(limits).toEqual([
      expect.objectContaining({ name: 'team_monthly_cap', limitUsd: '5.00', usedUsd: '0.00', remainingUsd: '5.00' }),
      expect.objectContaining({ name: 'team_monthly_runs', limitRuns: 10, usedRuns: 0, remainingRuns: 10 }),
    ])
    expect((await api.call(ada, 'GET', `/v1/teams/${teamId}/wallet`)).body).toEqual(await wallet(ada, `team/${teamId}`))
    const lifted = await api.call(ada, 'PUT', `/v1/teams/${teamId}/limits`, { json: { maxRunsPerMonth: null } })
    expect(lifted.body.limits).toMatchObject({ monthlySpendCapUsd: '5.00', maxRunsPerMonth: null, maxMembers: null })
  })

  it('puts a member’s own money into the team, and an admin’s from the platform', async () => {
    expect((await credit(ada, '0.40', 'a')).body).toMatchObject({
      context: { type: 'team', id: teamId },
      amountUsd: '0.40',
      balanceUsd: '0.40',
    })
    expect((await wallet(ada)).balanceUsd).toBe('0.60')
    expect((await credit(root, '10.00', 'a')).body).toMatchObject({ amountUsd: '10.00', balanceUsd: '10.40' })
    expect((await wallet(root)).balanceUsd).toBe('1.00')
    const tooMuch = await credit(ada, '0.61', 'b')
    expect([tooMuch.status, tooMuch.body.code]).toEqual([402, 'insufficient_funds'])
    const own = await api.call(root, 'POST', `/v1/users/${ada.accountId}/economy/credit`, {
      json: { amountUsd: '2', reason: 'thanks' },
      once: 'own',
    })
    expect(own.body).toMatchObject({ context: { type: 'user', id: ada.accountId }, balanceUsd: '2.60' })
  })

  it('lets a team owe, and repay', async () => {
    const line = (who: Person, json: object) =>
      api.call(who, 'PUT', `/v1/teams/${teamId}/economy/line-of-credit`, { json })
    expect((await line(ada, { limitUsd: '3', enabled: true })).status).toBe(403)
    expect((await line(root, { limitUsd: '3', enabled: true })).body).toMatchObject({
      context: { type: 'team', id: teamId },
      availableUsd: '3.00',
      creditLine: { limitUsd: '3.00', enabled: true, approvedBy: root.accountId },
    })
    const debit = { amountUsd: '0.75', description: 'printing', teamId }
    await api.call(ada, 'POST', `/v1/users/${ada.accountId}/economy/debit`, { json: debit, once: 'print' })
    expect(await wallet(ada, `team/${teamId}`)).toMatchObject({ balanceUsd: '-0.75', debtUsd: '0.75' })
    const repaid = await api.call(ada, 'POST', `/v1/teams/${teamId}/economy/repay`, {
      json: { amountUsd: '0.75' },
      once: 'repay',
    })
    expect(repaid.body).toMatchObject({ balanceUsd: '0.00', debtUsd: '0.00' })
    expect((await line(root, { limitUsd: '3', enabled: false })).body).toMatchObject({ creditLimitUsd: '0.00' })
  })

  it('moves money between wallets of one’s own', async () => {
    const move = (json: object, once: string) => api.call(ada, 'POST', '/v1/wallet/transfers', { json, once })
    const [own, team] = [
      { type: 'user', id: ada.accountId },
      { type: 'team', id: teamId },
    ]
    expect((await move({ from: own, to: team, amountUsd: '0.30' }, '1')).body.balanceUsd).toBe('0.70')
    expect((await move({ from: team, to: own, amountUsd: '0.10' }, '2')).body.balanceUsd).toBe('0.20')
    expect((await move({ from: team, to: { type: 'user', id: root.accountId }, amountUsd: '0.10' }, '3')).status).toBe(
      404,
    )
  })

  it('needs an Idempotency-Key, and answers the same again under it', async () => {
    const path = `/v1/teams/${teamId}/economy/credit`
    const json = { amountUsd: '0.25', reason: 'once' }
    const missing = await api.call(ada, 'POST', path, { json })
    expect([missing.status, missing.body.code]).toEqual([400, 'idempotency_key_missing'])
    const first = await api.call(ada, 'POST', path, { json, once: 'k' })
    const second = await api.call(ada, 'POST', path, { json: { reason: 'once', amountUsd: '0.25' }, once: 'k' })
    expect(second.status).toBe(first.status)
    expect(second.text).toBe(first.text)
    expect(first.headers.has('idempotency-replayed')).toBe(false)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    const other = await api.call(ada, 'POST', path, { json: { ...json, amountUsd: '0.26' }, once: 'k' })
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused'])
    expect(other.headers.get('content-type')).toBe('application/problem+json')
    const strange = await api.call(ada, 'POST', path, { json, once: 'a b' })
    expect([strange.status, strange.body.code]).toEqual([400, 'bad_request'])
    expect((await wallet(ada)).balanceUsd).toBe('0.75')
  })

  it('gives each person their own keys', async () => {
    expect((await credit(ada, '0.10', 'same')).status).toBe(200)
    const second = await credit(root, '0.20', 'same')
    expect([second.status, second.headers.has('idempotency-replayed')]).toEqual([200, false])
    expect((await wallet(ada, `team/${teamId}`)).balanceUsd).toBe('0.30')
  })

  it('pays once for twenty requests at the same time with one key', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => credit(ada, '0.04', 'twenty')))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers.has('idempotency-replayed'))).toHaveLength(19)
    expect((await wallet(ada)).balanceUsd).toBe('0.96')
    const { items } = (await api.call(ada, 'GET', '/v1/wallet/entries')).body
    expect(items.map(({ amountUsd }: { amountUsd: string }) => amountUsd)).toEqual(['-0.04', '1.00'])
    expect(api.errors).toEqual([])
  })

  it('never pays out more than there is, however many ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => credit(ada, '0.10', `n${index}`)))
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual([...Array(10).fill(200), ...Array(20).fill(402)])
    expect((await wallet(ada)).balanceUsd).toBe('0.00')
    expect((await wallet(ada, `team/${teamId}`)).balanceUsd).toBe('1.00')
  })

  it('takes amounts as decimal text only', async () => {
    const wrong = [1, '1e3', '-1', '0', '1,00', '', '0.0000001', ' ', null, '99999999999999']
    for (const amountUsd of wrong) {
      const refused = await api.call(ada, 'POST', `/v1/teams/${teamId}/economy/credit`, {
        json: { amountUsd, reason: 'wrong' },
        once: `w${String(amountUsd).trim()}`.replace(/\W/g, '_'),
      })
      expect([amountUsd, refused.status]).toEqual([amountUsd, 400])
      expect(refused.body.errors[0].path).toBe('amountUsd')
    }
    expect((await wallet(ada)).balanceUsd).toBe('1.00')
  })

  it('lists every movement, by page and as CSV', async () => {
    await credit(ada, '0.10', '1')
    await api.call(ada, 'POST', `/v1/users/${ada.accountId}/economy/debit`, {
      json: { amountUsd: '0.05', description: '=HYPERLINK("x"), "quoted"' },
      once: '2',
    })
    const first = (await api.call(ada, 'GET', '/v1/wallet/entries?limit=2')).body
    expect(first.items[0]).toMatchObject({
      kind: 'charge',
      amountUsd: '-0.05',
      balanceAfterUsd: '0.85',
      runId: null,
      actor: ada.accountId,
      reason: '=HYPERLINK("x"), "quoted"',
    })
    const rest = (await api.call(ada, 'GET', `/v1/wallet/entries?cursor=${first.nextCursor}`)).body
    expect(rest.items.map(({ kind }: { kind: string }) => kind)).toEqual(['grant'])
    expect(rest.nextCursor).toBeNull()
    const csv = await api.call(ada, 'GET', '/v1/wallet/entries?format=csv')
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const lines = csv.text.split('\r\n')
    expect(lines).toHaveLength(5)
    expect(lines[1]).toContain(`"'=HYPERLINK(""x""), ""quoted"""`)
    const team = await api.call(ada, 'GET', '/v1/wallet/entries?format=csv', { context: `team/${teamId}` })
    expect(team.text.split('\r\n')).toHaveLength(3)
    expect((await api.call(root, 'GET', `/v1/teams/${teamId}/wallet/entries?format=csv`)).status).toBe(404)
    expect((await api.call(ada, 'GET', '/v1/wallet/entries?cursor=x')).body.errors[0].path).toBe('cursor')
  })

  it('keeps back a result that was not paid, and hands it out once it is', async () => {
    await api.call(ada, 'POST', `/v1/users/${ada.accountId}/economy/debit`, {
      json: { amountUsd: '0.90', description: 'elsewhere' },
      once: 'elsewhere',
    })
    const { id } = (await api.call(ada, 'POST', '/v1/tools/test.greedy/run', { json: {} })).body
    const withheld = await eventually(async () => {
      const { body } = await api.call(ada, 'GET', `/v1/runs/${id}`)
      expect(body.status).toBe('payment_failed')
      return body
    })
    expect(withheld.outputs).toBeNull()
    const early = await api.call(ada, 'POST', `/v1/runs/${id}/retry`)
    expect([early.status, early.body.code]).toEqual([402, 'insufficient_funds'])
    await api.call(root, 'POST', `/v1/users/${ada.accountId}/economy/credit`, {
      json: { amountUsd: '1', reason: 'help' },
      once: 'help',
    })
    const batch = await api.call(ada, 'POST', '/v1/runs/batch', { json: { action: 'retry', ids: [id] } })
    expect(batch.body.results).toEqual([{ id, ok: true }])
    expect((await api.call(ada, 'GET', `/v1/runs/${id}`)).body).toMatchObject({
      status: 'succeeded',
      outputs: { text: 'done' },
      error: null,
    })
    expect((await api.call(ada, 'POST', `/v1/runs/${id}/retry`)).status).toBe(409)
    expect((await wallet(ada)).balanceUsd).toBe('0.70')
  })

  it('ends a credit line without a limit being named, and opens none without one', async () => {
    const path = `/v1/teams/${teamId}/economy/line-of-credit`
    const line = (json: object) => api.call(root, 'PUT', path, { json })
    expect((await line({ limitUsd: '5', enabled: true })).body.creditLimitUsd).toBe('5.00')
    expect((await line({ enabled: false })).body).toMatchObject({ creditLimitUsd: '0.00', availableUsd: '0.00' })
    expect((await line({ limitUsd: null, enabled: false })).status).toBe(200)
    expect((await line({ enabled: true })).body.errors).toMatchObject([{ path: 'limitUsd' }])
  })

  it('pays whom the id names, whatever somebody called their team', async () => {
    await api.call(ada, 'POST', '/v1/teams', { json: { name: ada.accountId } })
    await api.call(ada, 'POST', '/v1/teams', { json: { name: 'acc_nobody' } })
    const pay = (id: string, once: string) =>
      api.call(root, 'POST', `/v1/users/${id}/economy/credit`, { json: { amountUsd: '2', reason: 'Thanks' }, once })
    expect((await pay(ada.accountId, 'named')).body).toMatchObject({ balanceUsd: '3.00', context: { type: 'user' } })
    expect((await pay('acc_nobody', 'nobody')).status).toBe(404)
  })
})
