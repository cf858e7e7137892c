import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { throughCircuit } from '#core/models/circuit.ts'
import { type ModelChoice, ModelError, type ModelErrorCode } from '#core/models/model.ts'
import { ToolError } from '#core/tools/tool.ts'
import { query } from '#db/statement.ts'
import { TestClock } from '#tests/support/clock.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'

const CONTEXT = 'user:acc_1'
const choice = (connection: string | null, provider: ModelChoice['provider'] = 'openai'): ModelChoice => ({
  provider,
  model: 'gpt-4.1',
  connection,
  effort: null,
  maxTokens: 100,
  rates: { inputMicros: 1n, outputMicros: 1n, cachedInputMicros: 1n },
})

describe.each(DIALECTS)('the circuit of a connection on %s', (dialect) => {
  let world: World
  let clock: TestClock
  let made: number
  beforeEach(async () => {
    clock = new TestClock()
    world = await createWorld(dialect, { clock })
    made = 0
  })
  afterEach(() => world.end())

  const fails =
    (code: ModelErrorCode = 'provider_5xx') =>
    async (): Promise<never> => {
      made += 1
      // As a step does it: the model's own error is the cause.
      throw Object.assign(new ToolError('provider_error', 'It failed.', { retryable: true }), {
        cause: new ModelError(code, 'It failed.'),
      })
    }
  const answers = async (): Promise<string> => {
    made += 1
    return 'fine'
  }
  const ask = (call: () => Promise<string>, through = choice('conn_1')): Promise<string | ToolError> =>
    throughCircuit(world.core, CONTEXT, through, call).catch((error: ToolError) => error)
  const failTimes = async (times: number, code?: ModelErrorCode, through?: ModelChoice): Promise<void> => {
    for (let n = 0; n < times; n++) await ask(fails(code), through)
  }
  const circuits = () => query(world.core.db, (q) => q.selectFrom('model_circuit').select(['id', 'breaker']))
  const events = async () =>
    (
      await query(world.core.db, (q) =>
        q.selectFrom('event').select(['type', 'subject']).where('type', 'like', 'model_circuit.%').orderBy('seq'),
      )
    ).map(({ type, subject }) => `${type} ${subject}`)
  /** How many calls went out for what was asked. */
  const madeBy = async (work: () => Promise<unknown>): Promise<number> => {
    const before = made
    await work()
    return made - before
  }

  it('opens with the fifth failure in a minute: nothing goes out then, and it says for how long', async () => {
    await failTimes(4)
    expect(await ask(answers)).toBe('fine')
    await failTimes(1)
    clock.advance(10_000)
    const refused = await ask(answers)
    expect(refused).toBeInstanceOf(ToolError)
    expect(refused).toMatchObject({ code: 'provider_error', retryable: true, retryAfterMs: 20_000 })
    expect(made).toBe(6)
    expect(await circuits()).toEqual([{ id: 'openai/conn_1', breaker: 'open' }])
    expect(await events()).toEqual(['model_circuit.opened openai/conn_1'])
  })

  it('stays closed while failures are further apart, and for what is no fault of the provider', async () => {
    for (let n = 0; n < 12; n++) {
      await failTimes(1)
      clock.advance(15_001)
    }
    for (const code of ['auth_failed', 'rate_limited', 'quota_exhausted', 'too_long', 'refused', 'aborted'] as const)
      await failTimes(6, code, choice('conn_2'))
    expect(await ask(answers)).toBe('fine')
    expect(await ask(answers, choice('conn_2'))).toBe('fine')
    expect(await events()).toEqual([])
  })

  it('lets one of many try after its rest, and closes when that one is answered', async () => {
    await failTimes(5, 'timeout')
    clock.advance(29_999)
    expect(await madeBy(() => ask(answers))).toBe(0)
    clock.advance(1)
    let answered = (): void => {}
    const trial = async (): Promise<string> => {
      made += 1
      await new Promise<void>((resolve) => {
        answered = resolve
      })
      return 'fine'
    }
    const asked = Array.from({ length: 10 }, () => ask(trial))
    // The nine who may not are refused while the one still waits.
    const first = await Promise.all(asked.map((one) => Promise.race([one, waited(asked, one)])))
    expect(first.filter((one) => one instanceof ToolError)).toHaveLength(9)
    expect(made).toBe(6)
    expect(await circuits()).toEqual([{ id: 'openai/conn_1', breaker: 'half_open' }])
    answered()
    expect((await Promise.all(asked)).filter((one) => one === 'fine')).toHaveLength(1)
    expect(await circuits()).toEqual([])
    expect(await madeBy(() => Promise.all(Array.from({ length: 5 }, () => ask(answers))))).toBe(5)
    // What failed before is forgotten.
    await failTimes(4)
    expect(await ask(answers)).toBe('fine')
    expect(await events()).toEqual(['model_circuit.opened openai/conn_1', 'model_circuit.closed openai/conn_1'])
  })

  it('rests again when the trial fails, and tries again when nobody came back from it', async () => {
    await failTimes(5, 'network')
    clock.advance(30_000)
    expect(await madeBy(() => failTimes(3))).toBe(1)
    clock.advance(29_999)
    expect(await madeBy(() => ask(answers))).toBe(0)
    clock.advance(1)
    // Stopped by us: nothing was learned.
    expect(await madeBy(() => failTimes(1, 'aborted'))).toBe(1)
    expect(await madeBy(() => ask(answers))).toBe(0)
    clock.advance(60_000)
    expect(await ask(answers)).toBe('fine')
    expect(await circuits()).toEqual([])
    expect(await events()).toEqual([
      'model_circuit.opened openai/conn_1',
      'model_circuit.opened openai/conn_1',
      'model_circuit.closed openai/conn_1',
    ])
  })

  it('is its own: another connection of the provider, another provider and the mock go on', async () => {
    await failTimes(20)
    expect(made).toBe(5)
    for (const other of [choice('conn_2'), choice('conn_1', 'anthropic'), choice(null, 'mock')]) {
      expect(await ask(answers, other)).toBe('fine')
    }
    await failTimes(20, 'provider_5xx', choice(null, 'mock'))
    expect(await ask(answers, choice(null, 'mock'))).toBe('fine')
    await failTimes(4, 'provider_5xx', choice('conn_2'))
    expect(await ask(answers, choice('conn_2'))).toBe('fine')
    expect(await ask(answers)).toBeInstanceOf(ToolError)
  })

  it('opens once when many fail at the same time', async () => {
    await Promise.all(Array.from({ length: 20 }, () => ask(fails())))
    expect(await events()).toEqual(['model_circuit.opened openai/conn_1'])
    expect(await madeBy(() => ask(answers))).toBe(0)
  })
})

/** Until all but one have come back, or it itself has. */
async function waited<T>(all: readonly Promise<T>[], one: Promise<T>): Promise<T | undefined> {
  let back = 0
  await Promise.race([
    one,
    new Promise<void>((resolve) => {
      for (const other of all) void other.then(() => ++back === all.length - 1 && resolve())
    }),
  ])
  return undefined
}
