import { afterEach, describe, expect, it } from 'vitest'
import { costOfUsage } from '#core/models/cost.ts'
import { createModels } from '#core/models/create-models.ts'
import { parseUsd } from '#core/money.ts'
import { savePolicy } from '#core/policy/save.ts'
import { submitRun } from '#core/runs/submit.ts'
import type { RunView } from '#core/runs/view.ts'
import { query } from '#db/statement.ts'
import { createRunsWorld, type RunsWorld } from '#tests/core/runs/runs-world.ts'
import { PEER_KEY } from '#tests/peers/models/peer.ts'
import { startWirePeer, type WirePeer } from '#tests/peers/models/wire.ts'
import { DIALECTS } from '#tests/support/database.ts'

const TEXT = 'An answer that comes in several pieces, like all of them.'

describe.each(DIALECTS)('what Anthropic and Google say was used, on %s', (dialect) => {
  let world: RunsWorld
  let peer: WirePeer
  afterEach(async () => {
    await world.end()
    await peer.close()
  })

  async function begin(): Promise<void> {
    peer = await startWirePeer(PEER_KEY)
    world = await createRunsWorld(dialect, {
      settings: {
        outboundAllow: [peer.host],
        modelConnections: (['anthropic', 'google'] as const).map((provider) => ({
          id: `env-${provider}`,
          provider,
          baseUrl: peer.baseUrl(provider),
          secret: PEER_KEY,
        })),
      },
    })
    await world.work()
  }
  const ask = async (model: string, maxTokens = 1_000): Promise<RunView> => {
    const inputs = { prompt: 'Say something.', system: 'Be brief.', model, maxTokens }
    return world.ended((await submitRun(world.core, world.actor, { target: { tool: 'llm.generate' }, inputs })).runId)
  }
  const calls = (run: RunView) =>
    query(world.core.db, (q) => q.selectFrom('model_call').selectAll().where('run_id', '=', run.id).orderBy('id'))
  const tokensOf = async (run: RunView) =>
    (await calls(run)).map((call) => ({
      status: call.status,
      input: call.input_tokens,
      cached: call.cached_input_tokens,
      output: call.output_tokens,
      estimated: call.is_estimated,
      costMicros: call.cost_micros,
    }))

  it('is what is charged for Anthropic: what was read from its cache at its rate, what was written as input', async () => {
    await begin()
    peer.script.anthropic.push({
      text: TEXT,
      usage: {
        input_tokens: 1_000,
        cache_creation_input_tokens: 200,
        cache_read_input_tokens: 4_000,
        output_tokens: 50,
      },
    })
    const run = await ask('anthropic/claude-sonnet-4-5')
    expect(run.status, JSON.stringify(run.error)).toBe('succeeded')
    expect(run.outputs).toMatchObject({
      text: TEXT,
      mock: false,
      usage: { inputTokens: 5_200, outputTokens: 50, cachedInputTokens: 4_000 },
    })
    // 1,200 at $3, 4,000 at $0.30 and 50 at $15 for a million.
    expect(await tokensOf(run)).toEqual([
      { status: 'ended', input: 5_200, cached: 4_000, output: 50, estimated: 0, costMicros: 3_600n + 1_200n + 750n },
    ])
    expect(parseUsd(run.costUsd)).toBe(5_550n)
    expect(peer.asked).toMatchObject([{ body: { model: 'claude-sonnet-4-5', stream: true } }])
    await world.sound()
  })

  it('is what is charged for Google: thoughts are output, what tools put in is input', async () => {
    await begin()
    peer.script.google.push({
      text: TEXT,
      usage: {
        promptTokenCount: 5_000,
        cachedContentTokenCount: 4_000,
        toolUsePromptTokenCount: 10,
        candidatesTokenCount: 40,
        thoughtsTokenCount: 60,
        totalTokenCount: 5_110,
      },
    })
    const run = await ask('google/gemini-2.5-flash')
    expect(run.status, JSON.stringify(run.error)).toBe('succeeded')
    expect(run.outputs).toMatchObject({
      text: TEXT,
      usage: { inputTokens: 5_010, outputTokens: 100, cachedInputTokens: 4_000 },
    })
    // 1,010 at $0.30, 4,000 at $0.075 and 100 at $2.50 for a million.
    expect(await tokensOf(run)).toEqual([
      { status: 'ended', input: 5_010, cached: 4_000, output: 100, estimated: 0, costMicros: 303n + 300n + 250n },
    ])
    expect(parseUsd(run.costUsd)).toBe(853n)
    await world.sound()
  })

  it.each([
    ['claude-sonnet-4-5', 'low', 1_024, undefined],
    ['claude-sonnet-4-5', 'high', 1_024, undefined],
    ['claude-sonnet-4-5', 'low', 2_100, 1_024],
    ['claude-sonnet-4-5', 'medium', 10_000, 3_998],
    ['claude-opus-4-1', 'high', 10_000, 5_997],
  ] as const)(
    'is never asked of %s with effort %s to be longer than the %i tokens that are held',
    async (model, effort, maxTokens, thoughts) => {
      await begin()
      peer.script.anthropic.push({ text: TEXT, usage: { input_tokens: 20, output_tokens: 15 } })
      const document = { default: { model: `anthropic/${model}`, effort } }
      await savePolicy(world.core, world.actor, { document, version: 0, owner: 'context' })
      const run = await ask(`anthropic/${model}`, maxTokens)
      expect(run.status, JSON.stringify(run.error)).toBe('succeeded')
      const body = peer.asked[0]?.body ?? {}
      // What goes around the question is not held for to the token.
      expect(body.max_tokens).toBeLessThanOrEqual(maxTokens)
      expect(body.max_tokens).toBeGreaterThan(maxTokens - 10)
      expect(body.thinking).toEqual(thoughts === undefined ? undefined : { type: 'enabled', budget_tokens: thoughts })
      await world.sound()
    },
  )

  it('leaves it to models that think as they like, within the length of the answer', async () => {
    await begin()
    const models = createModels(world.core.outbound)
    peer.script.anthropic.push({ text: TEXT, usage: { input_tokens: 20, output_tokens: 15 } })
    const rates = { inputMicros: 1n, outputMicros: 1n, cachedInputMicros: 1n }
    const choice = { provider: 'anthropic', model: 'claude-opus-4-6', connection: null, rates } as const
    await models.ask(
      {
        choice: { ...choice, effort: 'high', maxTokens: 1_024 },
        system: '',
        messages: [{ role: 'user', text: 'Say something.' }],
        signal: new AbortController().signal,
        idempotencyKey: 'once',
      },
      { baseUrl: peer.baseUrl('anthropic'), secret: PEER_KEY },
    )
    expect(peer.asked).toMatchObject([
      { body: { max_tokens: 1_024, thinking: { type: 'adaptive' }, output_config: { effort: 'high' } } },
    ])
  })

  it('is as long for Google as it is held for, thoughts included', async () => {
    await begin()
    peer.script.google.push({
      text: TEXT,
      usage: { promptTokenCount: 20, candidatesTokenCount: 15, totalTokenCount: 35 },
    })
    const document = { default: { model: 'google/gemini-2.5-flash', effort: 'high' } }
    await savePolicy(world.core, world.actor, { document, version: 0, owner: 'context' })
    expect((await ask('google/gemini-2.5-flash')).status).toBe('succeeded')
    const said = peer.asked[0]?.body.generationConfig as { maxOutputTokens: number } | undefined
    expect(said?.maxOutputTokens).toBeLessThanOrEqual(1_000)
    await world.sound()
  })

  it.each([
    ['anthropic', 'anthropic/claude-sonnet-4-5'],
    ['google', 'google/gemini-2.5-flash'],
  ] as const)(
    'is counted by us where %s breaks off before it says it, and exact again with the next try',
    async (provider, model) => {
      await begin()
      if (provider === 'anthropic') {
        const usage = { input_tokens: 20, output_tokens: 15 }
        peer.script.anthropic.push({ text: TEXT, usage, breaksOff: true }, { text: TEXT, usage })
      } else {
        const usage = { promptTokenCount: 20, candidatesTokenCount: 15, totalTokenCount: 35 }
        peer.script.google.push({ text: TEXT, usage, breaksOff: true }, { text: TEXT, usage })
      }
      const run = await ask(model)
      expect(run.status, JSON.stringify(run.error)).toBe('succeeded')
      const [broken, whole, ...more] = await tokensOf(run)
      expect(more).toEqual([])
      expect(broken).toMatchObject({ status: 'failed', estimated: 1, cached: 0 })
      expect(broken?.output).toBeGreaterThan(0)
      const rates =
        provider === 'anthropic'
          ? { inputMicros: 3_000_000n, outputMicros: 15_000_000n, cachedInputMicros: 300_000n }
          : { inputMicros: 300_000n, outputMicros: 2_500_000n, cachedInputMicros: 75_000n }
      const exact = costOfUsage(rates, { inputTokens: 20, outputTokens: 15, cachedInputTokens: 0 })
      expect(whole).toEqual({ status: 'ended', input: 20, cached: 0, output: 15, estimated: 0, costMicros: exact })
      expect(parseUsd(run.costUsd)).toBe((broken?.costMicros ?? 0n) + exact)
      await world.sound()
    },
  )
})
