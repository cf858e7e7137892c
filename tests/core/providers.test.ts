import { expect, it } from 'vitest'
import { checkProvider } from '#core/providers/check.ts'
import { outcomeOf } from '#core/providers/outcome.ts'
import { renderRequest } from '#core/providers/render.ts'
import { SHIPPED_PROVIDERS } from '#core/providers/shipped.ts'
import { definitionFor } from '#tests/peers/provider/peer.ts'

const peer = definitionFor({ url: 'https://peer.example' })

it.each(SHIPPED_PROVIDERS)('$name is shipped as it may be stored', (provider) => {
  expect(() => checkProvider(provider)).not.toThrow()
})

it('a template puts a value in as it is, and text into text', () => {
  const template = {
    ...peer.submit,
    body: {
      all: '{{ params }}',
      one: ' {{params.n}} ',
      text: 'n={{ params.n }}',
      list: ['{{ params.list }}', 1, null],
    },
  }
  const params = { n: 7, list: ['a', { b: true }] }
  expect(renderRequest(template, { params, callbackUrl: 'x', idempotencyKey: 'k' }).body).toEqual({
    all: params,
    one: 7,
    text: 'n=7',
    list: [['a', { b: true }], 1, null],
  })
})

it('a value in an address cannot lead elsewhere', () => {
  const template = { ...peer.submit, url: 'https://peer.example/v1/{{ params.id }}/run?q={{ params.q }}' }
  const params = { id: '../../evil?x=1#y', q: 'a&admin=true' }
  const { url } = renderRequest(template, { params })
  expect(url).toBe('https://peer.example/v1/..%2F..%2Fevil%3Fx%3D1%23y/run?q=a%26admin%3Dtrue')
})

it('a header cannot be broken out of by what a run was given', () => {
  const template = { ...peer.submit, headers: { 'X-Who': '{{ params.who }}' } }
  // Whoever sends it refuses it; see the guarded client.
  expect(renderRequest(template, { params: { who: 'a\r\nX-Evil: 1' } }).headers['X-Who']).toContain('\r\n')
})

it.each<[string, object]>([
  ['submit.url', { submit: { ...peer.submit, url: 'https://{{ params.host }}/jobs' } }],
  ['submit.url', { submit: { ...peer.submit, url: '{{ params.url }}' } }],
  ['submit.url', { submit: { ...peer.submit, url: 'https://a@peer.example/jobs' } }],
  ['submit.url', { submit: { ...peer.submit, url: 'https://peer.example{{ params.x }}/jobs' } }],
  ['submit', { submit: { ...peer.submit, body: '{{ surprise }} {{ callbackUrl }}' } }],
  ['submit', { submit: { ...peer.submit, body: '{% broken' } }],
  ['submit', { submit: { ...peer.submit, body: {} } }],
  ['successValues', { successValues: [] }],
  ['failureValues', { failureValues: ['done'] }],
  ['statusPath', { statusPath: ' ' }],
  ['deadlineMs', { deadlineMs: 999 }],
  ['price', { price: { unit: 'run', rateUsd: 'free', maxUsd: 'free' } }],
  ['price.maxUsd', { price: { unit: 'run', rateUsd: '1', maxUsd: '2' } }],
  ['secret', { secret: 'not base64 !' }],
  ['name', { name: 'A B' }],
])('is refused for its %s: %j', (path, change) => {
  const provider = { ...peer, ...change } as Parameters<typeof checkProvider>[0]
  const paths = (() => {
    try {
      checkProvider(provider)
      return []
    } catch (error) {
      return (error as { details: { problems: { path: string }[] } }).details.problems.map((problem) => problem.path)
    }
  })()
  expect(paths).toContain(path)
})

it('what a provider says is an end only when it is one of the values that were named', () => {
  expect(outcomeOf(peer, { status: 'done', output: [1] })).toEqual({ kind: 'succeeded', result: [1] })
  expect(outcomeOf(peer, { status: 'done' })).toEqual({ kind: 'succeeded', result: null })
  expect(outcomeOf(peer, { status: 'failed' })).toEqual({ kind: 'failed', message: 'peer reported “failed”.' })
  for (const said of [{}, null, 'done', ['done'], { status: 'DONE' }, { status: null }, { status: { done: 1 } }]) {
    expect(outcomeOf(peer, said as never)).toBeUndefined()
  }
})
