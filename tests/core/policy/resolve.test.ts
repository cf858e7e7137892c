import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ModelProvider } from '#core/models/model.ts'
import type { Chosen } from '#core/policy/choice.ts'
import { type PolicyDocument, reigning } from '#core/policy/document.ts'
import { isListed, type ModelPrice, nameOf } from '#core/policy/model-name.ts'
import { type PolicyFacts, resolvePolicy, type UsableConnection } from '#core/policy/resolve.ts'

const price = (provider: ModelProvider, model: string, usdPerMillion: number): ModelPrice => ({
  provider,
  model,
  rates: {
    inputMicros: BigInt(usdPerMillion * 200_000),
    outputMicros: BigInt(usdPerMillion * 1_000_000),
    cachedInputMicros: BigInt(usdPerMillion * 20_000),
  },
  maxOutputTokens: 32_000,
})

const PRICES = [
  price('openai', 'big', 20),
  price('openai', 'small', 2),
  price('anthropic', 'wise', 15),
  price('anthropic', 'quick', 1),
  price('google', 'bright', 5),
  price('openai_compatible', 'big', 3),
]

const openai: UsableConnection = { id: 'con_o', name: 'our-openai', provider: 'openai' }
const second: UsableConnection = { id: 'con_o2', name: 'spare-openai', provider: 'openai' }
const anthropic: UsableConnection = { id: 'con_a', name: 'our-anthropic', provider: 'anthropic' }
const proxy: UsableConnection = { id: 'con_p', name: 'proxy', provider: 'openai_compatible' }

type Given = Partial<Omit<PolicyFacts, 'policy' | 'wanted'>> & {
  policy?: PolicyDocument
  wanted?: Partial<PolicyFacts['wanted']>
}

const facts = ({ policy = {}, wanted = {}, ...rest }: Given): PolicyFacts => ({
  policy: reigning(policy),
  where: 'Acme',
  wanted: { jobId: 'brief', agentId: null, toolId: 'llm.generate', asked: {}, ...wanted },
  connections: [openai, anthropic],
  open: new Set(),
  prices: PRICES,
  standing: { level: 'fine' },
  providers: {},
  ...rest,
})

const summary = (chosen: Chosen): string =>
  'refused' in chosen
    ? `${chosen.because}: ${chosen.refused.code}: ${chosen.refused.message}`
    : `${chosen.because}: ${nameOf(chosen.choice)} via ${chosen.choice.connection}: ${chosen.explain}`

const LOW = { level: 'low', words: 'The budget of everything here for a month runs low' } as const
const SPENT = { level: 'exceeded', words: 'The budget of everything here for a month is used up' } as const
const OPENAI_BIG = { default: { model: 'openai/big' } }

const CASES: [what: string, given: Given, outcome: string][] = [
  [
    '1: the default of the context',
    { policy: OPENAI_BIG },
    'team_default: openai/big via con_o: openai/big is what the policy of Acme has as its default.',
  ],
  [
    '1: a usual model where nobody names one',
    {},
    'team_default: openai/big via con_o: Nobody names a model, so openai/big is asked: it is usual for what is connected.',
  ],
  [
    '1: the mock where it is on, whatever else is said',
    { policy: { ...OPENAI_BIG, mock: true }, standing: SPENT },
    'team_default: mock/mock-1 via null: The mock is on in Acme, so it answers and no model is asked.',
  ],
  [
    '2: what the job asks for, where it is allowed',
    { policy: { ...OPENAI_BIG, allowed: ['openai/*', 'wise'] }, wanted: { asked: { model: 'wise' } } },
    'job_override: anthropic/wise via con_a: anthropic/wise is what the job brief asks for.',
  ],
  [
    '2: what the policy gives a job, whatever it asks for',
    {
      policy: { ...OPENAI_BIG, overrides: { jobs: { brief: { model: 'anthropic/quick' } } } },
      wanted: { asked: { model: 'wise' } },
    },
    'job_override: anthropic/quick via con_a: anthropic/quick is what the policy of Acme gives the job brief.',
  ],
  [
    '2: what the policy gives an agent, before its job',
    {
      policy: { overrides: { jobs: { brief: { model: 'quick' } }, agents: { agt_1: { model: 'wise' } } } },
      wanted: { agentId: 'agt_1' },
    },
    'job_override: anthropic/wise via con_a: anthropic/wise is what the policy of Acme gives the agent agt_1.',
  ],
  [
    '3: refused',
    { policy: { ...OPENAI_BIG, allowed: ['openai/*'] }, wanted: { asked: { model: 'anthropic/wise' } } },
    'override_refused: policy_refused: anthropic/wise, which the job brief asks for, is not among what Acme allows (openai/*).',
  ],
  [
    '3: refused, also without a price',
    { policy: { ...OPENAI_BIG, allowed: ['openai/*'] }, wanted: { asked: { model: 'google/unheard-of' } } },
    'override_refused: policy_refused: google/unheard-of, which the job brief asks for, is not among what Acme allows (openai/*).',
  ],
  [
    '3: clamped to the default',
    {
      policy: { ...OPENAI_BIG, allowed: ['openai/*'], onDisallowed: 'clamp' },
      wanted: { asked: { model: 'anthropic/wise' } },
    },
    'override_refused: openai/big via con_o: anthropic/wise, which the job brief asks for, is not among what Acme allows (openai/*), so openai/big is asked instead.',
  ],
  [
    '3: longer than anybody may have, refused',
    { policy: { ...OPENAI_BIG, most: { maxTokens: 100 } }, wanted: { asked: { maxTokens: 200 } } },
    'override_refused: policy_refused: 200 tokens are asked for and 100 are the most, which Acme does not allow.',
  ],
  [
    'no price: never zero',
    { wanted: { asked: { model: 'openai/unheard-of' } } },
    'job_override: price_unknown: There is no price for openai/unheard-of, which the job brief asks for, so it is not asked; a platform admin sets prices.',
  ],
  [
    '4: a named fallback',
    { policy: { default: { model: 'google/bright' }, fallbacks: ['nothing/known', 'anthropic/quick'] } },
    'no_connection: anthropic/quick via con_a: No connection to google can be used in Acme, so anthropic/quick is asked in place of google/bright.',
  ],
  [
    '4: a connection as the fallback, for the same model',
    { policy: { ...OPENAI_BIG, fallbacks: ['proxy'] }, connections: [proxy, anthropic] },
    'no_connection: openai_compatible/big via con_p: No connection to openai can be used in Acme, so openai_compatible/big is asked in place of openai/big.',
  ],
  [
    '4: nothing can stand in',
    { policy: { default: { model: 'google/bright' } } },
    'no_connection: policy_refused: No connection to google can be used in Acme, and its policy names nothing that can stand in for google/bright.',
  ],
  [
    '4: nothing is connected at all',
    { policy: OPENAI_BIG, connections: [] },
    'no_connection: mock/mock-1 via null: No connection to openai can be used in Acme, so the mock answers in place of openai/big.',
  ],
  [
    '4: nothing is connected, and no policy',
    { connections: [] },
    'no_connection: mock/mock-1 via null: No provider is connected, so the mock answers.',
  ],
  [
    '4: nothing is connected, and then nothing shall answer',
    { policy: { ...OPENAI_BIG, onNoConnection: 'refuse' }, connections: [] },
    'no_connection: policy_refused: No connection to openai can be used in Acme, and its policy names nothing that can stand in for openai/big.',
  ],
  [
    '5: a cheaper model',
    { policy: { ...OPENAI_BIG, cheaper: ['openai/big', 'anthropic/quick'] }, standing: LOW },
    'budget: anthropic/quick via con_a: The budget of everything here for a month runs low, so the cheaper anthropic/quick is asked instead of openai/big.',
  ],
  [
    '5: fewer tokens where nothing cheaper is named',
    { policy: OPENAI_BIG, standing: LOW },
    'budget: openai/big via con_o: The budget of everything here for a month runs low, so openai/big answers in half the length.',
  ],
  [
    '5: fewer tools',
    { policy: { ...OPENAI_BIG, tools: { deniedWhenLow: ['llm.generate'] } }, standing: LOW },
    'budget: limit_reached: The budget of everything here for a month runs low, and until then llm.generate is closed by the policy of Acme.',
  ],
  [
    '5: blocked',
    { policy: OPENAI_BIG, standing: SPENT },
    'budget: limit_reached: The budget of everything here for a month is used up, so no model is asked.',
  ],
  [
    '5: blocked for one provider alone',
    {
      policy: { ...OPENAI_BIG, fallbacks: ['anthropic/wise'] },
      providers: { openai: { level: 'exceeded', words: 'The budget of provider openai for a day is used up' } },
    },
    'budget: anthropic/wise via con_a: The budget of provider openai for a day is used up, so anthropic/wise is asked in place of openai/big.',
  ],
  [
    '6: another connection to the same provider',
    { policy: OPENAI_BIG, connections: [openai, second], open: new Set(['con_o']) },
    'circuit_open: openai/big via con_o2: Another connection to openai fails at the moment, so openai/big is asked through spare-openai.',
  ],
  [
    '6: a fallback',
    { policy: { ...OPENAI_BIG, fallbacks: ['anthropic/wise'] }, open: new Set(['con_o']) },
    'circuit_open: anthropic/wise via con_a: openai fails at the moment, so anthropic/wise is asked in place of openai/big.',
  ],
  [
    '6: nothing to fail over to: the call waits',
    { policy: OPENAI_BIG, open: new Set(['con_o']) },
    'circuit_open: openai/big via con_o: openai fails at the moment, and the policy of Acme names nothing else, so openai/big is asked when it is back.',
  ],
]

it.each(CASES)('%s', (_, given, outcome) => {
  expect(summary(resolvePolicy(facts(given)))).toBe(outcome)
})

describe('what a choice is made of', () => {
  it('takes effort and length from the override, then from what is asked, then from the default', () => {
    const policy: PolicyDocument = {
      default: { model: 'openai/big', effort: 'low', maxTokens: 300 },
      overrides: { jobs: { brief: { effort: 'high' } } },
    }
    const chosen = resolvePolicy(facts({ policy, wanted: { asked: { maxTokens: 500, effort: 'medium' } } }))
    expect(chosen).toMatchObject({ choice: { effort: 'high', maxTokens: 500 } })
  })

  it('is clamped to the most that anybody may have', () => {
    const policy: PolicyDocument = { ...OPENAI_BIG, most: { maxTokens: 100, effort: 'low' }, onDisallowed: 'clamp' }
    const chosen = resolvePolicy(facts({ policy, wanted: { asked: { maxTokens: 500, effort: 'high' } } }))
    expect(chosen).toMatchObject({ because: 'override_refused', choice: { effort: 'low', maxTokens: 100 } })
  })

  it('never asks for a longer answer than the model gives', () => {
    const chosen = resolvePolicy(facts({ policy: OPENAI_BIG, wanted: { asked: { maxTokens: 1_000_000 } } }))
    expect(chosen).toMatchObject({ choice: { maxTokens: 32_000 } })
  })
})

const models = fc.constantFrom(
  ...PRICES.map(nameOf),
  'big',
  'wise',
  'google/none',
  'mystery',
  'openai/*',
  'mock/mock-1',
)
const named = fc.constantFrom(
  'openai/big',
  'small',
  'anthropic/wise',
  'quick',
  'google/bright',
  'google/none',
  'mystery',
)
const level = fc.constantFrom({ level: 'fine' } as const, LOW, SPENT)
const anyFacts = fc.record({
  policy: fc.record(
    {
      default: fc.record({ model: named }),
      allowed: fc.array(models, { minLength: 1, maxLength: 3 }),
      overrides: fc.record({ jobs: fc.record({ brief: fc.record({ model: named }) }) }),
      most: fc.record({ maxTokens: fc.integer({ min: 1, max: 2_000 }) }),
      onDisallowed: fc.constantFrom('refuse' as const, 'clamp' as const),
      fallbacks: fc.array(fc.oneof(models, fc.constantFrom('proxy', 'our-anthropic')), { maxLength: 3 }),
      cheaper: fc.array(models, { maxLength: 4 }),
      mock: fc.boolean(),
      onNoConnection: fc.constantFrom('fallback' as const, 'refuse' as const, 'mock' as const),
    },
    { requiredKeys: [] },
  ),
  wanted: fc.record({
    asked: fc.record({ model: named, maxTokens: fc.integer({ min: 1, max: 9_000 }) }, { requiredKeys: [] }),
  }),
  connections: fc.subarray([openai, second, anthropic, proxy]),
  open: fc.subarray(['con_o', 'con_o2', 'con_a', 'con_p']).map((ids) => new Set(ids)),
  prices: fc.subarray(PRICES),
  standing: level,
  providers: fc.record({ openai: level, anthropic: level }, { requiredKeys: [] }),
})

describe('whatever is written and whatever is there', () => {
  it('gives only what is allowed, has a price and can be reached, or says in one sentence why not', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const all = facts(given)
        const chosen = resolvePolicy(all)
        const words = 'refused' in chosen ? chosen.refused.message : chosen.explain
        expect(words).toMatch(/^\S[^\n]*\.$/)
        if ('refused' in chosen) return
        const { choice } = chosen
        expect(choice.maxTokens).toBeGreaterThan(0)
        if (choice.provider === 'mock') return
        expect(all.policy.mock).toBe(false)
        expect(all.standing.level).not.toBe('exceeded')
        expect(all.providers[choice.provider]?.level).not.toBe('exceeded')
        expect(isListed(all.policy.allowed, choice)).toBe(true)
        expect(all.prices.find((one) => nameOf(one) === nameOf(choice))?.rates).toEqual(choice.rates)
        expect(all.connections.find(({ id }) => id === choice.connection)?.provider).toBe(choice.provider)
        expect(choice.maxTokens).toBeLessThanOrEqual(all.policy.most.maxTokens ?? 9_000)
      }),
      { numRuns: 3_000 },
    )
  })

  it('never turns to a dearer model because a budget runs low', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const usual = resolvePolicy(facts({ ...given, standing: { level: 'fine' }, providers: {} }))
        const low = resolvePolicy(facts({ ...given, standing: LOW, providers: {} }))
        if ('refused' in usual || 'refused' in low || low.because !== 'budget') return
        expect(low.choice.rates.outputMicros).toBeLessThanOrEqual(usual.choice.rates.outputMicros)
      }),
      { numRuns: 3_000 },
    )
  })
})
