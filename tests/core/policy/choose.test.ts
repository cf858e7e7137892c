import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { createConnection } from '#core/connections/save.ts'
import type { Core } from '#core/core.ts'
import { debit } from '#core/economy/debit.ts'
import type { AppError } from '#core/errors.ts'
import { formatUsd, parseUsd } from '#core/money.ts'
import { readBudget } from '#core/policy/budgets/read.ts'
import { createBudget } from '#core/policy/budgets/save.ts'
import type { PolicyDocument } from '#core/policy/document.ts'
import { explainPolicy, readPolicies } from '#core/policy/read.ts'
import { changePolicy, savePolicy } from '#core/policy/save.ts'
import { decodePins } from '#core/runs/pins.ts'
import { prepareRun } from '#core/runs/prepare.ts'
import { submitPrepared, submitRun } from '#core/runs/submit.ts'
import { findRun } from '#db/runs.ts'
import { statement } from '#db/statement.ts'
import { give, newPerson, USD } from '#tests/core/economy/people.ts'
import { TestClock } from '#tests/support/clock.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'

const insertModelPrice = statement((q, p: { provider: string; model: string; input: bigint; output: bigint }) =>
  q.insertInto('model_price').values({
    provider: p.provider,
    connection: '',
    model: p.model,
    effective_at_ms: 0,
    input_micros: p.input,
    output_micros: p.output,
    cached_input_micros: p.input,
    context_tokens: null,
    output_tokens_max: null,
    set_by: null,
  }),
)

const insertCircuit = statement((q, p: { id: string; untilMs: number }) =>
  q.insertInto('model_circuit').values({
    id: p.id,
    breaker: 'open',
    open_until_ms: p.untilMs,
    trial_until_ms: 0,
    failed_1_at_ms: 0,
    failed_2_at_ms: 0,
    failed_3_at_ms: 0,
    failed_4_at_ms: 0,
    failed_5_at_ms: 0,
  }),
)

const MODELS = [
  { provider: 'openai', model: 'test-big', input: 2_000_000n, output: 20_000_000n },
  { provider: 'openai', model: 'test-small', input: 200_000n, output: 1_000_000n },
  { provider: 'google', model: 'test-bright', input: 1_000_000n, output: 10_000_000n },
]

const BIG: PolicyDocument = { default: { model: 'openai/test-big' }, cheaper: ['openai/test-big', 'openai/test-small'] }

describe.each(DIALECTS)('the choice of a model on %s', (dialect) => {
  let world: World
  let core: Core
  let clock: TestClock
  let ann: Actor
  let connection: string
  beforeEach(async () => {
    clock = new TestClock()
    world = await createWorld(dialect, { clock, settings: { welcomeCreditMicros: 0n } })
    core = world.core
    ann = await newPerson(core, 'ann')
    await give(core, ann.context, 1_000n * USD)
    await core.db.write(async function setPrices(tx) {
      for (const model of MODELS) await insertModelPrice.run(tx, model)
    })
    const given = { name: 'our-openai', provider: 'openai', secret: 'sk-of-the-test' } as const
    connection = (await createConnection(core, ann, given)).id
  })
  afterEach(() => world.end())

  const put = async (document: PolicyDocument): Promise<void> => {
    const { own } = await readPolicies(core, ann)
    await savePolicy(core, ann, { document, version: own.version, owner: 'context' })
  }
  const submit = (model?: string) => {
    const inputs = { prompt: 'Say something', ...(model ? { model } : {}) }
    return submitRun(core, ann, { target: { tool: 'llm.generate' }, inputs })
  }
  /** What a run that starts now is pinned to, in words. */
  const pinned = async (model?: string): Promise<string> => pinOf((await submit(model)).runId)
  const pinOf = async (runId: string): Promise<string> => {
    const row = await findRun.first(core.db, { id: runId })
    const [pin] = Object.values(decodePins(row?.pins_json ?? '{}').models ?? {})
    return `${pin?.choice.provider}/${pin?.choice.model}: ${pin?.explain}`
  }
  const heldMicros = async (runId: string): Promise<bigint> =>
    (await findRun.first(core.db, { id: runId }))?.held_micros ?? 0n
  const refusal = async (promise: Promise<unknown>): Promise<AppError> => {
    const error = await promise.then(
      () => undefined,
      (reason: AppError) => reason,
    )
    if (!error) throw new Error('It was not refused')
    return error
  }

  it('is pinned with a run: the default, and what the run asks for where that is allowed', async () => {
    await put({ ...BIG, allowed: ['openai/*'] })
    expect(await pinned()).toMatch(/^openai\/test-big: .*has as its default/)
    expect(await pinned('test-small')).toMatch(
      /^openai\/test-small: openai\/test-small is what the job llm-generate asks for/,
    )
  })

  it('is refused, or clamped, where what is asked for is not allowed', async () => {
    await put({ ...BIG, allowed: ['openai/*'] })
    expect(await refusal(submit('google/test-bright'))).toMatchObject({ code: 'policy_refused' })
    await put({ ...BIG, allowed: ['openai/*'], onDisallowed: 'clamp' })
    expect(await pinned('google/test-bright')).toMatch(/^openai\/test-big: .*so openai\/test-big is asked instead/)
    expect(await refusal(submit('openai/unheard-of'))).toMatchObject({ code: 'price_unknown' })
  })

  it('falls back where nothing leads to the model', async () => {
    await put({ default: { model: 'google/test-bright' } })
    expect(await refusal(submit())).toMatchObject({ code: 'policy_refused' })
    await put({ default: { model: 'google/test-bright' }, fallbacks: ['openai/test-small'] })
    expect(await pinned()).toMatch(/^openai\/test-small: No connection to google/)
  })

  it('is the mock wherever that is on, and says so', async () => {
    await put(BIG)
    await changePolicy(core, ann, { mock: true })
    expect(await pinned()).toMatch(/^mock\/mock-1: The mock is on/)
    expect((await readPolicies(core, ann)).banner).toMatch(/The mock is on here/)
    await changePolicy(core, ann, { mock: false })
    expect(await pinned()).toMatch(/^openai\/test-big/)
    expect((await readPolicies(core, ann)).own.document).toEqual({ ...BIG, mock: false })
  })

  it('fails over while a connection rests, and comes back after it', async () => {
    await put({ ...BIG, fallbacks: ['openai_compatible/none', 'mock/mock-1'] })
    const untilMs = clock.nowMs() + 30_000
    await core.db.write(async function openCircuit(tx) {
      await insertCircuit.run(tx, { id: `openai/${connection}`, untilMs })
    })
    expect(await pinned()).toMatch(/^mock\/mock-1: openai fails at the moment/)
    clock.advance(30_001)
    expect(await pinned()).toMatch(/^openai\/test-big/)
  })

  it('is a cheaper one while a budget runs low, and none when it is used up', async () => {
    await put(BIG)
    const first = (await submit()).runId
    const big = await heldMicros(first)
    // What was held before counts: one of four, then two of four.
    const limitUsd = `0.${String(big * 4n).padStart(6, '0')}`
    const { id } = await createBudget(core, ann, { of: 'team', period: 'day', limitUsd, warnPercent: 50 })
    expect(await pinned()).toMatch(/^openai\/test-big/)
    expect(await pinned()).toMatch(/^openai\/test-small: The budget of everything here for a day runs low until 2026-/)
    expect(await explainPolicy(core, ann, {})).toMatchObject({ case: 'budget', choice: { model: 'test-small' } })
    const left = (await readBudget(core, ann, id)).remainingUsd
    // One more that has room for a millionth: what is asked for is refused where it would be held.
    const tight = formatUsd(big * 4n - (parseUsd(left) ?? 0n) + 1n)
    await createBudget(core, ann, { of: 'job:llm-generate', period: 'day', limitUsd: tight })
    expect(await refusal(submit())).toMatchObject({ code: 'limit_reached', details: { facts: { limit: 'budget' } } })
    // One that was used up when it was made: nothing is even chosen.
    await createBudget(core, ann, { of: `person:${ann.accountId}`, period: 'day', limitUsd: '0.000001' })
    expect(await refusal(submit())).toMatchObject({
      code: 'limit_reached',
      message: expect.stringContaining('so no model is asked'),
    })
    expect((await readBudget(core, ann, id)).remainingUsd).toBe(left)
  })

  it('is made anew when others cross the threshold between choice and hold: exactly what fits gets the dear one', async () => {
    await put(BIG)
    const big = await heldMicros((await submit()).runId)
    // One of twelve is held before; the sixth reaches the half.
    const limitUsd = `${(big * 12n) / USD}.${String((big * 12n) % USD).padStart(6, '0')}`
    await createBudget(core, ann, { of: 'team', period: 'day', limitUsd, warnPercent: 50 })
    const runs = await Promise.all(Array.from({ length: 16 }, () => submit()))
    const pins = await Promise.all(runs.map(({ runId }) => pinOf(runId)))
    expect(pins.filter((pin) => pin.startsWith('openai/test-big'))).toHaveLength(5)
    expect(pins.filter((pin) => pin.startsWith('openai/test-small'))).toHaveLength(11)
  })

  it('that is too old by then is refused in the transaction of the hold', async () => {
    await put(BIG)
    const request = { target: { tool: 'llm.generate' }, inputs: { prompt: 'Say something' } }
    await createBudget(core, ann, { of: 'team', period: 'day', limitUsd: '100', warnPercent: 1 })
    const early = await prepareRun(core, ann, request)
    await debit(core, ann, { accountId: ann.accountId, amountUsd: '2', description: 'A book' })
    const late = core.db.write(async (tx) => submitPrepared(core, tx, ann, early, undefined))
    expect((await refusal(late)).code).toBe('busy')
    expect(await pinned()).toMatch(/^openai\/test-small/)
  })

  it('is explained for a job, an agent that is not there, and a model', async () => {
    await put({ ...BIG, overrides: { jobs: { brief: { model: 'openai/test-small' } } } })
    expect(await explainPolicy(core, ann, { job: 'brief' })).toEqual({
      case: 'job_override',
      explain: 'openai/test-small is what the policy of your personal context gives the job brief.',
      allowed: ['*'],
      choice: { provider: 'openai', model: 'test-small', connection, effort: null, maxTokens: 1_024 },
      refused: null,
      banner: null,
    })
    expect(await refusal(explainPolicy(core, ann, { agent: 'nobody' }))).toMatchObject({ code: 'not_found' })
    const unknown = await explainPolicy(core, ann, { model: 'openai/unheard-of' })
    expect(unknown).toMatchObject({ choice: null, refused: { code: 'price_unknown' } })
  })

  it('rests on documents that two cannot write at once, with everything wrong said at once', async () => {
    const write = (version: number) => savePolicy(core, ann, { document: BIG, version, owner: 'context' })
    const both = await Promise.allSettled([write(0), write(0)])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await refusal(write(0))).code).toBe('precondition_failed')
    await write(1)
    const wrong = { default: { model: '' }, allowed: [], surprise: 1 }
    const error = await refusal(savePolicy(core, ann, { document: wrong, version: 2, owner: 'context' }))
    expect(error.code).toBe('bad_input')
    expect(error.details.problems).toHaveLength(3)
    expect((await refusal(savePolicy(core, ann, { document: {}, version: 0, owner: 'instance' }))).code).toBe(
      'forbidden',
    )
  })

  it('comes from the instance where the context says nothing', async () => {
    const root = await newPerson(core, 'root', 'admin')
    await savePolicy(core, root, { document: { ...BIG, onDisallowed: 'clamp' }, version: 0, owner: 'instance' })
    expect(await pinned()).toMatch(/^openai\/test-big/)
    await put({ default: { model: 'openai/test-small' } })
    expect(await pinned()).toMatch(/^openai\/test-small/)
    expect((await readPolicies(core, ann)).effective).toMatchObject({ onDisallowed: 'clamp', cheaper: BIG.cheaper })
  })
})
