import { afterEach, describe, expect, it } from 'vitest'
import { askMock } from '#core/models/mock.ts'
import { ModelError } from '#core/models/model.ts'
import { formatUsd, parseUsd } from '#core/money.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Api, createApi, type Person } from './api.ts'

describe.each(DIALECTS)('/v1/usage on %s', (dialect) => {
  let api: Api
  let ada: Person
  let ben: Person
  let inTeam: { context: string }
  let failing = false
  afterEach(() => api.end())

  async function begin(): Promise<void> {
    failing = false
    api = await createApi(dialect, {
      models: {
        async ask(request) {
          if (failing) {
            const usage = { inputTokens: 7, outputTokens: 3, cachedInputTokens: 0, isEstimated: true }
            throw new ModelError('bad_response', 'It cannot be read.', { usage })
          }
          return { ...askMock(request), usage: USED[request.choice.model] ?? USED['mock-1'] ?? never() }
        },
      },
      settings: {
        modelConnections: [
          { id: 'env-google', provider: 'google', baseUrl: 'https://models.example', secret: 'secret' },
        ],
      },
    })
    ada = await api.person('ada', { admin: true })
    ben = await api.person('ben')
    const { id } = (await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })).body
    inTeam = { context: `team/${id}` }
    const member = { accountId: ben.accountId, role: 'member' }
    await api.call(ada, 'POST', `/v1/teams/${id}/members`, { json: member })
    const credit = { amountUsd: '5.00', reason: 'test' }
    await api.call(ada, 'POST', `/v1/teams/${id}/economy/credit`, { json: credit, once: 'credit' })
  }
  const ask = async (who: Person, model: string, more: { context?: string } = {}): Promise<string> => {
    const json = { inputs: { prompt: 'Hi', model, maxTokens: 1_000 } }
    const { body, status } = await api.call(who, 'POST', '/v1/tools/llm.generate/run', { json, ...more })
    expect(status, JSON.stringify(body)).toBe(202)
    return eventually(async () => {
      const run = (await api.call(who, 'GET', `/v1/runs/${body.id}`, more)).body
      expect(run.finishedAt).not.toBeNull()
      return run.costUsd as string
    })
  }
  const usage = async (who: Person, more: { context?: string } = {}) =>
    (await api.call(who, 'GET', '/v1/usage', more)).body

  it('says which models were asked, how often, and what they cost: of the team all, of a person their own', async () => {
    await begin()
    expect((await usage(ada, inTeam)).models).toEqual([])
    const dear = [await ask(ada, 'google/gemini-2.5-pro', inTeam), await ask(ben, 'google/gemini-2.5-pro', inTeam)]
    const cheap = await ask(ben, 'google/gemini-2.5-flash', inTeam)
    const alone = await ask(ben, 'google/gemini-2.5-flash')
    failing = true
    const lost = await ask(ben, 'google/gemini-2.5-flash', inTeam)
    const sum = (...costs: string[]): string => formatUsd(costs.reduce((all, usd) => all + (parseUsd(usd) ?? 0n), 0n))
    const ofTeam = await usage(ada, inTeam)
    expect(ofTeam.models).toEqual([
      {
        provider: 'google',
        model: 'gemini-2.5-pro',
        calls: 2,
        failed: 0,
        inputTokens: 2_000,
        outputTokens: 200,
        cachedInputTokens: 800,
        costUsd: sum(...dear),
        estimatedUsd: '0.00',
      },
      {
        provider: 'google',
        model: 'gemini-2.5-flash',
        calls: 2,
        failed: 1,
        inputTokens: 507,
        outputTokens: 53,
        cachedInputTokens: 0,
        costUsd: sum(cheap, lost),
        estimatedUsd: lost,
      },
    ])
    expect(parseUsd(lost)).toBeGreaterThan(0n)
    expect(ofTeam.spentUsd).toBe(sum(...dear, cheap, lost))
    const ofBen = (await usage(ben)).models
    expect(ofBen).toMatchObject([
      { model: 'gemini-2.5-pro', calls: 1 },
      { model: 'gemini-2.5-flash', calls: 3, failed: 1, costUsd: sum(cheap, alone, lost) },
    ])
    expect((await usage(ada)).models).toMatchObject([{ model: 'gemini-2.5-pro', calls: 1, costUsd: dear[0] }])
    const stranger = await api.person('eve')
    expect((await usage(stranger)).models).toEqual([])
    expect((await api.call(stranger, 'GET', '/v1/usage', inTeam)).status).toBe(404)
  })

  it('is a file as well, in which no name becomes a formula', async () => {
    await begin()
    const cost = await ask(ada, 'google/gemini-2.5-pro', inTeam)
    const { text, headers } = await api.call(ada, 'GET', '/v1/usage?format=csv', inTeam)
    expect(headers.get('content-disposition')).toBe('attachment; filename="usage.csv"')
    const month = new Date(api.core.clock.nowMs()).toISOString().slice(0, 7)
    expect(text.trimEnd().split('\r\n')).toEqual([
      'month,of,name,calls,failed,inputTokens,outputTokens,cachedInputTokens,usd',
      `${month},all,,,,,,,${cost}`,
      `${month},member,ada,,,,,,${cost}`,
      `${month},member,ben,,,,,,0.00`,
      `${month},model,google/gemini-2.5-pro,1,0,1000,100,400,${cost}`,
    ])
    expect((await api.call(ada, 'GET', '/v1/usage?format=pdf', inTeam)).status).toBe(400)
  })
})

const USED: Record<
  string,
  { inputTokens: number; outputTokens: number; cachedInputTokens: number; isEstimated: false }
> = {
  'gemini-2.5-pro': { inputTokens: 1_000, outputTokens: 100, cachedInputTokens: 400, isEstimated: false },
  'gemini-2.5-flash': { inputTokens: 500, outputTokens: 50, cachedInputTokens: 0, isEstimated: false },
}

function never(): never {
  throw new Error('no such model')
}
