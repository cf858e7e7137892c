import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, createApi, type Person } from '#tests/server/api.ts'
import { Contract, type Exchange } from './contract.ts'

describe('what holds answers against the document', () => {
  let api: Api
  let contract: Contract
  let ada: Person
  let good: Exchange
  beforeAll(async () => {
    api = await createApi('sqlite')
    contract = new Contract(api.app)
    ada = await api.person('ada')
    const sent = JSON.stringify({ name: 'Acme' })
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'a' }
    const { status, text, headers: answered } = await api.call(ada, 'POST', '/v1/teams', { json: { name: 'Acme' } })
    good = { method: 'POST', path: '/v1/teams', headers, sent, status, text, answered }
  })
  afterAll(() => api.end())

  const answer = (change: object): string => JSON.stringify({ ...JSON.parse(good.text), ...change })
  const without = (field: string): string => JSON.stringify({ ...JSON.parse(good.text), [field]: undefined })
  const headers = (change: Record<string, string>): Headers =>
    new Headers({ ...Object.fromEntries(good.answered), ...change })

  it('finds nothing where all is well, and nothing to say of what is no route', () => {
    expect(contract.faults(good)).toEqual([])
    expect(contract.faults({ ...good, path: '/v1/nothing' })).toBeUndefined()
  })

  it.each([
    ['a status', () => ({ status: 418 }), /418, which is not described/],
    ['a field too many', () => ({ text: answer({ secret: 'x' }) }), /additional properties.*secret/],
    ['a field too few', () => ({ text: without('role') }), /required property 'role'/],
    ['another kind of value', () => ({ text: answer({ memberCount: '1' }) }), /memberCount must be integer/],
    ['an unknown word', () => ({ text: answer({ role: 'king' }) }), /role must be equal to one of/],
    ['a time that is none', () => ({ text: answer({ createdAt: 'today' }) }), /createdAt must match format/],
    ['no body', () => ({ text: '' }), /has no body/],
    [
      'another media type',
      () => ({ answered: headers({ 'content-type': 'text/html' }) }),
      /text\/html is not described/,
    ],
    ['a header', () => ({ answered: headers({ etag: '"1"' }) }), /ETag, which is not described/],
    ['a field of the request', () => ({ sent: '{"name":"x","color":"red"}' }), /the body: .*color/],
    ['a parameter', () => ({ path: '/v1/teams?color=red' }), /the query has color/],
    [
      'the code of a refusal',
      () => ({
        status: 400,
        answered: headers({ 'content-type': 'application/problem+json' }),
        text: JSON.stringify({ type: 'x', title: 'x', status: 400, detail: 'x', requestId: 'x', code: 'expired' }),
      }),
      /code must be equal to one of/,
    ],
  ] as [string, () => Partial<Exchange>, RegExp][])('notices %s that is not described', (_, change, fault) => {
    expect(contract.faults({ ...good, ...change() })?.join()).toMatch(fault)
  })

  it('makes whoever asks in a test fail', async () => {
    const broken = api.app.request.bind(api.app)
    api.app.request = async (...args: Parameters<typeof broken>) => {
      const response = await broken(...args)
      return Response.json({ ...((await response.json()) as object), extra: 1 }, response)
    }
    await expect(api.call(ada, 'GET', '/v1/me')).rejects.toThrow(/GET \/v1\/me is not as described[\s\S]*extra/)
    api.app.request = broken
  })
})
