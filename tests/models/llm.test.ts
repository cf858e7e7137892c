import { afterEach, describe, expect, it } from 'vitest'
import { MOCK_MARK } from '#core/models/mock.ts'
import { type ModelAnswer, ModelError, type ModelRequest, type Models } from '#core/models/model.ts'
import { parseUsd } from '#core/money.ts'
import { cancelRun } from '#core/runs/cancel.ts'
import { getRun, runEvents } from '#core/runs/read.ts'
import { submitRun } from '#core/runs/submit.ts'
import { query } from '#db/statement.ts'
import { createRunsWorld, type RunsWorld } from '#tests/core/runs/runs-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'

const SCHEMA = {
  type: 'object',
  required: ['name', 'age'],
  properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0 } },
}

/** A model that says what it is told to, one answer after the other. */
function scripted(...answers: ((request: ModelRequest) => Promise<ModelAnswer> | ModelAnswer)[]): Models & {
  asked: ModelRequest[]
} {
  const asked: ModelRequest[] = []
  return {
    asked,
    async ask(request) {
      asked.push(request)
      const answer = answers[Math.min(asked.length, answers.length) - 1]
      if (!answer) throw new Error('nothing to say')
      return answer(request)
    },
  }
}

const says = (text: string, usage: Partial<ModelAnswer['usage']> = {}): ModelAnswer => ({
  text,
  toolCalls: [],
  usage: { inputTokens: 10, outputTokens: 10, cachedInputTokens: 0, isEstimated: false, ...usage },
  finish: 'stop',
  isMock: false,
})

describe.each(DIALECTS)('steps that ask a model on %s', (dialect) => {
  let world: RunsWorld
  afterEach(() => world.end())

  const begin = async (models?: Models): Promise<void> => {
    world = await createRunsWorld(dialect, models ? { models } : {})
    await world.work()
  }
  const run = async (tool: string, inputs: Record<string, never> | object) => {
    const { runId } = await submitRun(world.core, world.actor, { target: { tool }, inputs: inputs as never })
    return world.ended(runId)
  }
  const calls = (runId: string) =>
    query(world.core.db, (q) => q.selectFrom('model_call').selectAll().where('run_id', '=', runId).orderBy('id'))

  it('says something without any key, marked as the mock, and charges what its tokens cost', async () => {
    await begin()
    const done = await run('llm.generate', { prompt: 'Say hello.', maxTokens: 100 })
    expect(done.status, JSON.stringify(done.error)).toBe('succeeded')
    expect(done.outputs?.text).toContain(MOCK_MARK)
    expect(done.outputs?.mock).toBe(true)
    const [call] = await calls(done.id)
    expect(call).toMatchObject({ status: 'ended', provider: 'mock', is_charged: 1, is_estimated: 0 })
    expect(parseUsd(done.costUsd)).toBe(call?.cost_micros)
    expect(call?.cost_micros).toBeGreaterThan(0n)
    await world.sound()
    const { items } = await runEvents(world.core, world.actor, done.id)
    expect(items.find(({ type }) => type === 'model.asked')?.details).toMatchObject({
      estimated: false,
      outcome: 'ended',
    })
  })

  it('fills a schema', async () => {
    await begin()
    const done = await run('llm.extract', { prompt: 'Who?', schema: SCHEMA })
    expect(done.outputs).toMatchObject({ value: { name: MOCK_MARK, age: 0 }, mock: true })
    await world.sound()
  })

  it('asks once more when the answer does not fit, and charges both', async () => {
    const models = scripted(
      () => ({ ...says('{"name": 1}'), value: { name: 1 } }),
      () => ({ ...says('{"name":"Ada","age":36}'), value: { name: 'Ada', age: 36 } }),
    )
    await begin(models)
    const done = await run('llm.extract', { prompt: 'Who?', schema: SCHEMA })
    expect(done.outputs).toMatchObject({ value: { name: 'Ada', age: 36 }, usage: { inputTokens: 20 }, mock: false })
    expect(models.asked[1]?.messages.at(-1)).toMatchObject({ role: 'user', text: expect.stringContaining('name') })
    expect(await calls(done.id)).toHaveLength(2)
    await world.sound()
  })

  it('fails when the second answer does not fit either, and still charges for both', async () => {
    await begin(scripted(() => says('no idea', { outputTokens: 1_000 })))
    const done = await run('llm.extract', { prompt: 'Who?', schema: SCHEMA })
    expect(done).toMatchObject({ status: 'failed', error: { code: 'bad_output' } })
    const made = await calls(done.id)
    expect(made).toHaveLength(2)
    expect(parseUsd(done.costUsd)).toBe(made.reduce((sum, { cost_micros }) => sum + cost_micros, 0n))
    await world.sound()
  })

  it('waits as long as the provider asked for before it tries again, and charges the try that used something', async () => {
    const models = scripted(
      () => {
        const usage = { inputTokens: 1_000, outputTokens: 0, cachedInputTokens: 0, isEstimated: true }
        throw new ModelError('rate_limited', 'Too many.', { retryable: true, retryAfterMs: 700_000, usage })
      },
      () => says('well'),
    )
    await begin(models)
    const { runId } = await submitRun(world.core, world.actor, {
      target: { tool: 'llm.generate' },
      inputs: { prompt: 'Hi' },
    })
    await eventually(async () => {
      const { items } = await runEvents(world.core, world.actor, runId)
      const retrying = items.find(({ type }) => type === 'step.retrying')
      expect(retrying?.details).toMatchObject({ delayMs: 700_000, code: 'rate_limited' })
    })
    await cancelRun(world.core, world.actor, runId)
    const done = await world.ended(runId)
    expect(done.costUsd).toBe('0.0001')
    await world.sound()
  })

  it.each<[string, (heard: Pick<ModelRequest, 'onText' | 'onUnseen'>) => void]>([
    ['text', ({ onText }) => onText?.('word '.repeat(400))],
    [
      'thoughts and arguments of tools, which nobody was shown',
      ({ onText, onUnseen }) => {
        onUnseen?.('hmm '.repeat(300))
        onText?.('word'.repeat(100))
        onUnseen?.('{"a":1} '.repeat(50))
      },
    ],
  ])('settles a call that was stopped by what had come of it, marked as an estimate: %s', async (_, tell) => {
    let hasBegun: () => void = () => {}
    const begun = new Promise<void>((resolve) => {
      hasBegun = resolve
    })
    const models: Models = {
      ask: (request) =>
        new Promise(() => {
          tell(request)
          hasBegun()
        }),
    }
    await begin(models)
    const { runId } = await submitRun(world.core, world.actor, {
      target: { tool: 'llm.generate' },
      inputs: { prompt: 'Write much.', maxTokens: 1_000 },
    })
    await begun
    await cancelRun(world.core, world.actor, runId)
    const done = await world.ended(runId)
    expect(done.status).toBe('cancelled')
    const [call] = await calls(runId)
    expect(call).toMatchObject({ status: 'aborted', is_estimated: 1, is_charged: 1, output_tokens: 500 })
    expect(parseUsd(done.costUsd)).toBe(call?.cost_micros)
    expect(Number(done.costUsd)).toBeLessThanOrEqual(Number(done.maxUsd))
    await world.sound()
  })

  it('holds more when what a step gets is longer than was known, before it asks', async () => {
    await begin()
    await world.job(
      'long',
      [
        {
          stepId: 'first',
          toolId: 'text.template',
          inputMappings: {
            template: { value: '{% for i in (1..4000) %}many words {% endfor %}' },
            data: { value: {} },
          },
        },
        {
          stepId: 'ask',
          toolId: 'llm.generate',
          inputMappings: { prompt: { step: 'first', output: 'text' }, maxTokens: { value: 50 } },
        },
      ],
      { outputs: { text: { step: 'ask', output: 'text' } } },
    )
    const runId = await world.submit('long')
    const done = await world.ended(runId)
    expect(done.status, JSON.stringify(done.error)).toBe('succeeded')
    const transfers = await world.transfers(runId)
    expect(transfers.length).toBeGreaterThan(2)
    await world.sound()
  })

  it('refuses to ask a model that was not known when the run was submitted', async () => {
    await begin()
    await world.job('sly', [
      {
        stepId: 'first',
        toolId: 'text.template',
        inputMappings: { template: { value: 'gpt-9' }, data: { value: {} } },
      },
      {
        stepId: 'ask',
        toolId: 'llm.generate',
        inputMappings: { prompt: { value: 'Hi' }, model: { step: 'first', output: 'text' } },
      },
    ])
    const done = await world.ended(await world.submit('sly'))
    expect(done.error?.message).toContain('must be known when a run is submitted')
    expect(await getRun(world.core, world.actor, done.id)).toMatchObject({ status: 'failed' })
  })
})
