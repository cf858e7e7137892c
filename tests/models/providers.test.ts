import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createModels } from '#core/models/create-models.ts'
import { type ModelAnswer, ModelError, type ModelProvider, type ModelRequest } from '#core/models/model.ts'
import { createOutbound } from '#core/outbound/client.ts'
import type { Outbound } from '#core/outbound/outbound.ts'
import { serve } from '#tests/core/outbound/listener.ts'
import { type ModelPeer, PEER_KEY, startModelPeer } from '#tests/peers/models/peer.ts'

const PROVIDERS = ['openai', 'anthropic', 'google', 'openai_compatible'] as const
const SCHEMA = { type: 'object' as const, required: ['name'], properties: { name: { type: 'string' as const } } }

describe.each(PROVIDERS)('the provider %s', (provider: Exclude<ModelProvider, 'mock'>) => {
  let peer: ModelPeer
  let outbound: Outbound
  beforeAll(async () => {
    peer = await startModelPeer()
    outbound = createOutbound({ allow: [peer.host] })
  })
  afterAll(async () => {
    await outbound.close()
    await peer.stop()
  })
  beforeEach(() => {
    peer.mock.clearFixtures()
  })

  const request = (prompt: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
    choice: {
      provider,
      model: provider === 'anthropic' ? 'claude-sonnet-4-5' : provider === 'google' ? 'gemini-2.5-flash' : 'gpt-4.1',
      connection: 'conn_test',
      effort: null,
      maxTokens: 500,
      rates: { inputMicros: 1n, outputMicros: 1n, cachedInputMicros: 1n },
    },
    system: 'Be brief.',
    messages: [{ role: 'user', text: prompt }],
    signal: new AbortController().signal,
    idempotencyKey: 'run_1:step:1',
    ...more,
  })
  const ask = (given: ModelRequest): Promise<ModelAnswer> =>
    createModels(outbound).ask(given, { baseUrl: peer.baseUrl(provider), secret: PEER_KEY })
  const errorOf = async (work: Promise<unknown>): Promise<ModelError> => {
    const thrown = await work.then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(thrown).toBeInstanceOf(ModelError)
    expect(JSON.stringify([(thrown as Error).message, (thrown as Error).stack])).not.toContain(PEER_KEY)
    return thrown as ModelError
  }

  it('answers in text, bit by bit, and says what was used', async () => {
    peer.mock.onMessage('hello', { content: 'Hello, this is an answer in several pieces.' }, { chunkSize: 5 })
    const pieces: string[] = []
    const answer = await ask(request('hello', { onText: (piece) => pieces.push(piece) }))
    expect(answer).toMatchObject({ text: 'Hello, this is an answer in several pieces.', finish: 'stop', isMock: false })
    expect(pieces.length).toBeGreaterThan(3)
    expect(pieces.join('')).toBe(answer.text)
    expect(answer.usage.inputTokens + answer.usage.outputTokens).toBeGreaterThan(0)
  })

  it('calls tools, and goes on with what they gave', async () => {
    const tools = [{ name: 'look_up', description: 'Looks up.', inputSchema: { ...SCHEMA } }]
    peer.mock.on(
      { userMessage: 'who', hasToolResult: false },
      { toolCalls: [{ name: 'look_up', arguments: '{"name":"Ada"}' }] },
    )
    peer.mock.on({ userMessage: 'who', hasToolResult: true }, { content: 'It is Ada.' })
    const unseen: string[] = []
    const first = await ask(request('who', { tools, onUnseen: (piece) => unseen.push(piece) }))
    expect(first).toMatchObject({ finish: 'tool_calls', toolCalls: [{ name: 'look_up', input: { name: 'Ada' } }] })
    expect(unseen.join('')).toContain('Ada')
    const [call] = first.toolCalls
    const { text, toolCalls, providerState } = first
    const stored = JSON.parse(JSON.stringify({ role: 'assistant', text, toolCalls, providerState }))
    const second = await ask(
      request('who', {
        tools,
        messages: [
          { role: 'user', text: 'who' },
          stored,
          { role: 'tool', callId: call?.id ?? '', name: 'look_up', output: { found: true }, isError: false },
        ],
      }),
    )
    expect(second.text).toBe('It is Ada.')
  })

  it('lets thoughts be counted, and tells them to nobody', async () => {
    peer.mock.onMessage('think', { content: 'Yes.', reasoning: 'Let me see whether that is so.' }, { chunkSize: 5 })
    const seen: string[] = []
    const unseen: string[] = []
    const watched = { onText: (piece: string) => seen.push(piece), onUnseen: (piece: string) => unseen.push(piece) }
    const answer = await ask(request('think', watched))
    expect(answer.text).toBe('Yes.')
    expect(seen.join('')).toBe('Yes.')
    expect(unseen.join('')).toBe(provider === 'openai' ? '' : 'Let me see whether that is so.')
  })

  it('fills a schema', async () => {
    peer.mock.onMessage(
      'extract',
      provider === 'anthropic'
        ? { toolCalls: [{ name: 'json', arguments: '{"name":"Ada"}' }] }
        : { content: '{"name":"Ada"}' },
    )
    const answer = await ask(request('extract', { schema: SCHEMA }))
    expect(answer.value).toEqual({ name: 'Ada' })
  })

  it('says how long to wait when it was asked too often', async () => {
    peer.mock.onMessage('much', {
      error: { message: `Slow down, ${PEER_KEY}`, type: 'rate_limit_error' },
      status: 429,
      retryAfter: 7,
    })
    const error = await errorOf(ask(request('much')))
    expect(error).toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: 7_000, usage: undefined })
    expect(error.message).toContain('Slow down')
  })

  it.each([
    [401, 'Incorrect API key provided', 'auth_failed'],
    [404, 'The model does not exist', 'model_not_found'],
    [400, 'This model has a maximum context length of 10 tokens', 'too_long'],
    [429, 'You exceeded your current quota, check your billing', 'quota_exhausted'],
    [503, 'Overloaded', 'provider_5xx'],
  ] as const)('knows %i (%s) as %s', async (status, message, code) => {
    peer.mock.onMessage('fail', { error: { message }, status })
    expect(await errorOf(ask(request('fail')))).toMatchObject({ code, usage: undefined })
  })

  it('counts by itself what a stream that breaks off has cost', async () => {
    peer.mock.onMessage(
      'cut',
      { content: 'one two three four five six seven eight nine ten' },
      { chunkSize: 4, truncateAfterChunks: 6, latency: 15 },
    )
    const error = await errorOf(ask(request('cut')))
    expect(error.retryable).toBe(true)
    expect(error.usage).toMatchObject({ isEstimated: true })
    expect(error.usage?.outputTokens).toBeGreaterThan(0)
  })

  it('is stopped at once, and counts what had come', async () => {
    peer.mock.onMessage('long', { content: 'word '.repeat(200) }, { chunkSize: 10, latency: 20 })
    const stop = new AbortController()
    const error = await errorOf(ask(request('long', { signal: stop.signal, onText: () => stop.abort() })))
    expect(error).toMatchObject({ code: 'aborted', usage: { isEstimated: true } })
  })

  it('does not take what is no answer for one', async () => {
    for (const answer of ['data: {"nonsense\n\ndata: [DONE]\n\n', 'event: x\ndata: 7\n\n', '<html>Hello</html>']) {
      const { url, host, close } = await serve((_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end(answer)
      })
      const way = createOutbound({ allow: [host] })
      const error = await errorOf(createModels(way).ask(request('x'), { baseUrl: `${url}/v1`, secret: PEER_KEY }))
      expect(['bad_response', 'network'], answer).toContain(error.code)
      await way.close()
      await close()
    }
  })

  it('goes to no private address that the operator has not opened, and follows nobody elsewhere', async () => {
    const closed = createOutbound({ allow: [] })
    const refused = await errorOf(
      createModels(closed).ask(request('x'), { baseUrl: peer.baseUrl(provider), secret: PEER_KEY }),
    )
    expect(refused).toMatchObject({ code: 'network', retryable: false })
    await closed.close()
    const { url, host, close } = await serve((_, response) => {
      response.writeHead(307, { Location: `http://${peer.host}/v1/chat/completions` }).end()
    })
    const way = createOutbound({ allow: [host, peer.host] })
    await errorOf(createModels(way).ask(request('x'), { baseUrl: `${url}/v1`, secret: PEER_KEY }))
    await way.close()
    await close()
  })
})
