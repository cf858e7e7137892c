import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { validateDefinition } from '#core/jobs/validate.ts'
import type { JobWorld } from '#core/jobs/world.ts'
import type { Json, JsonObject } from '#core/json.ts'
import { readAdvice } from '#core/plans/advice.ts'
import { checkPlan, type Source, salvagePlan, withoutResting } from '#core/plans/check-plan.ts'
import { compilePlan } from '#core/plans/compile.ts'
import { plainPlan, planWithoutModel } from '#core/plans/plain-plan.ts'
import { CALLS_MAX, type Plan } from '#core/plans/plan.ts'
import { TOOLS } from '#core/tools/index.ts'
import { createToolRegistry } from '#core/tools/registry.ts'

const source = (name: string, more: Partial<Source> = {}): [string, Source] => [
  name,
  { name, description: '', method: 'GET', schema: null, given: {}, ...more },
]
const sources = new Map([
  source('weather'),
  source('trains', {
    schema: {
      type: 'object',
      required: ['from'],
      properties: { from: { type: 'string' }, count: { type: 'integer', default: 3 } },
    },
  }),
  source('book', { method: 'POST' }),
  [
    'job:notes',
    {
      name: 'job:notes',
      description: '',
      schema: { type: 'object', properties: { title: { type: 'string' } } },
      given: {},
    },
  ] as [string, Source],
])

const call = (endpoint: Json, more: JsonObject = {}): JsonObject => ({ endpoint, ...more })
const plan = (calls: Json, more: JsonObject = {}): JsonObject => ({
  calls,
  strategy: 'mixed',
  concurrencyLimit: 2,
  reasoning: 'Because',
  confidence: 0.5,
  ...more,
})
const good = call('weather')
const many = (n: number, make: (index: number) => JsonObject): JsonObject[] =>
  Array.from({ length: n }, (_, index) => make(index))

/** What is wrong, a plan that is wrong so, the words that say it, and how many of its calls can be kept. */
const WRONG: [what: string, plan: Json, says: RegExp, kept: number][] = [
  ['text', 'call the weather', /must be an object/, 0],
  ['nothing', null, /must be an object/, 0],
  ['a list', [good], /must be an object/, 0],
  ['no calls', { strategy: 'mixed', concurrencyLimit: 1, reasoning: '', confidence: 1 }, /calls is required/, 0],
  ['calls that are no list', plan('weather'), /calls must be a list/, 0],
  ['a call that is text', plan([good, 'weather']), /calls\.1 must be/, 1],
  ['a call without a source', plan([good, {}]), /calls\.1\.endpoint is required/, 1],
  ['an unknown source', plan([good, call('secrets')]), /names "secrets", which it may not call/, 1],
  ['an address in place of a source', plan([good, call('http://169.254.169.254/')]), /which it may not call/, 1],
  ['a job it may not run', plan([good, call('job:payroll')]), /which it may not call/, 1],
  ['an unknown field', plan([good, call('weather', { url: 'https://evil.example' })]), /url/, 1],
  ['an unknown strategy', plan([good], { strategy: 'wild' }), /strategy must be one of/, 1],
  ['a concurrency of none', plan([good], { concurrencyLimit: 0 }), /concurrencyLimit/, 1],
  ['a concurrency of thousands', plan([good], { concurrencyLimit: 5_000 }), /concurrencyLimit/, 1],
  ['no reasons', plan([good], { reasoning: 7 }), /reasoning must be/, 1],
  ['more than certainty', plan([good], { confidence: 2 }), /confidence/, 1],
  ['a parameter that is missing', plan([good, call('trains')]), /parameters\.from is required/, 1],
  [
    'a parameter of another type',
    plan([good, call('trains', { parameters: { from: 3 } })]),
    /parameters\.from must be/,
    1,
  ],
  ['a parameter nobody knows', plan([good, call('trains', { parameters: { from: 'A', to: 'B' } })]), /to/, 1],
  ['parameters that are a list', plan([good, call('trains', { parameters: ['A'] })]), /parameters must be/, 1],
  [
    'parameters without end',
    plan([good, call('weather', { parameters: { a: 'x'.repeat(20_000) } })]),
    /larger than/,
    1,
  ],
  ['parameters without bottom', plan([good, call('weather', { parameters: deep(40) })]), /nested too deep/, 1],
  ['a host', plan([good, call('weather', { headers: { Host: 'evil.example' } })]), /about where the call goes/, 1],
  [
    'another host',
    plan([good, call('weather', { headers: { 'X-Forwarded-Host': 'evil.example' } })]),
    /about where/,
    1,
  ],
  [
    'a credential',
    plan([good, call('weather', { headers: { Authorization: 'Bearer x' } })]),
    /credentials stand with/,
    1,
  ],
  ['a cookie', plan([good, call('weather', { headers: { Cookie: 'a=b' } })]), /credentials stand with/, 1],
  [
    'a key under another name',
    plan([good, call('weather', { headers: { 'X-Api-Key': 'k' } })]),
    /credentials stand with/,
    1,
  ],
  [
    'a credential as a value',
    plan([good, call('weather', { headers: { 'X-Note': 'Bearer abc' } })]),
    /looks like a credential/,
    1,
  ],
  ['a header that ends itself', plan([good, call('weather', { headers: { 'X-A': 'a\r\nHost: b' } })]), /one line/, 1],
  [
    'a header with a name of its own kind',
    plan([good, call('weather', { headers: { 'X A': 'a' } })]),
    /name of a header/,
    1,
  ],
  ['headers for a job', plan([good, call('job:notes', { headers: { Accept: 'x' } })]), /for endpoints only/, 1],
  ['a call that waits for itself', plan([good, call('book', { dependsOn: ['book'] })]), /names the call itself/, 1],
  ['a call that waits for none', plan([good, call('book', { dependsOn: ['nobody'] })]), /there is no such call/, 1],
  [
    'calls that wait for each other',
    plan([good, call('book', { dependsOn: ['job:notes'] }), call('job:notes', { dependsOn: ['book'] })]),
    /in a circle/,
    1,
  ],
  [
    'too many calls',
    plan(
      many(12, (n) =>
        call(
          ['weather', 'trains', 'book', 'job:notes'][n % 4] as string,
          n % 4 === 1 ? { parameters: { from: 'A' } } : {},
        ),
      ),
    ),
    /at most 10/,
    10,
  ],
  ['too many of one source', plan(many(5, () => good)), /at most 3/, 3],
  [
    'two calls of one name',
    plan([call('weather', { id: 'a' }), call('book', { id: 'a' })]),
    /as of a call before it/,
    1,
  ],
  ['a name that is none', plan([good, call('book', { id: '__proto__ x' })]), /must be a letter/, 1],
  ['a priority beyond all', plan([good, call('book', { priority: 1e9 })]), /priority/, 1],
  ['critical as a word', plan([good, call('book', { critical: 'yes' })]), /critical must be/, 1],
]

function deep(levels: number): JsonObject {
  let value: JsonObject = {}
  for (let level = 0; level < levels; level++) value = { a: value }
  return value
}

const tools = createToolRegistry(TOOLS)
const world: JobWorld = {
  tool: (toolId) => tools.find(toolId),
  toolIds: () => [],
  price: () => ({ estimateMicros: 1n, maxMicros: 1n }),
  job: (jobId) =>
    jobId === 'notes'
      ? {
          definition: {
            jobId,
            displayName: 'Notes',
            description: '',
            inputSchema: { type: 'object', properties: { title: { type: 'string' } } },
            steps: [],
            outputs: {},
          },
          version: 1,
        }
      : undefined,
  jobIds: () => ['notes'],
  commandTaken: () => undefined,
}
const problemsOf = (made: Plan) => validateDefinition(compilePlan(made, { goal: 'Watch' }), world)

describe('a plan', () => {
  it.each(WRONG)('with %s is told what is wrong, and salvaged as far as it goes', (_, value, says, kept) => {
    const { plan: none, problems } = checkPlan(value, sources)
    expect(none).toBeUndefined()
    expect(problems.map(({ path, message }) => `${path} ${message}`).join('\n')).toMatch(says)
    const salvaged = salvagePlan(value, sources)
    expect(salvaged.plan?.calls.length ?? 0).toBe(kept)
    if (!salvaged.plan) return
    // What is kept is said, and good: read again nothing is wrong with it, and it is a job.
    expect(salvaged.notes.length).toBeGreaterThan(0)
    expect(checkPlan(JSON.parse(JSON.stringify(salvaged.plan)), sources).problems).toEqual([])
    expect(problemsOf(salvaged.plan)).toEqual([])
  })

  it('that is right becomes a job with its order, its limits and its failures', () => {
    const value = plan(
      [
        call('weather', { priority: 1 }),
        call('trains', { parameters: { from: 'Porto' }, priority: 5, critical: true }),
        call('book', { dependsOn: ['trains'], headers: { Accept: 'text/plain' } }),
        call('job:notes', { parameters: { title: 'Hello' } }),
      ],
      { strategy: 'parallel', concurrencyLimit: 3 },
    )
    const { plan: made } = checkPlan(value, sources)
    const job = compilePlan(made as Plan, { goal: 'Watch' })
    expect(job.limits).toEqual({ concurrency: 3 })
    expect(job.steps.map(({ stepId }) => stepId)).toEqual(['trains', 'weather', 'book', 'job_notes'])
    expect(job.steps[0]).toMatchObject({
      toolId: 'endpoint.trains',
      onFailure: 'halt',
      dependencies: [],
      inputMappings: { params: { value: { from: 'Porto', count: 3 } } },
    })
    expect(job.steps[2]).toMatchObject({ dependencies: ['trains'], onFailure: 'skip' })
    expect(job.steps[3]).toMatchObject({ jobId: 'notes', inputMappings: { title: { value: 'Hello' } } })
    expect(problemsOf(made as Plan)).toEqual([])
    expect(compilePlan({ ...(made as Plan), strategy: 'sequential' }, { goal: 'x' }).limits).toEqual({ concurrency: 1 })
  })

  it('of nothing is fine', () => {
    expect(checkPlan(plan([]), sources).plan?.calls).toEqual([])
  })

  it('is done without what rests, and what waits for that', () => {
    const { plan: made } = checkPlan(plan([good, call('book', { dependsOn: ['weather'] }), call('job:notes')]), sources)
    const left = withoutResting(made as Plan, (name) => (name === 'weather' ? 'it rests' : undefined))
    expect(left.plan.calls.map(({ endpoint }) => endpoint)).toEqual(['job:notes'])
    expect(left.notes).toEqual([
      'Did not call weather: it rests.',
      'Did not call book: it waits for one that was not called.',
    ])
  })

  it('without a model calls what changes nothing and needs nothing, or does the last one again', () => {
    expect(plainPlan(sources).calls.map(({ endpoint }) => endpoint)).toEqual(['weather', 'job:notes'])
    const { plan: last } = checkPlan(plan([call('trains', { parameters: { from: 'Porto' } })]), sources)
    expect(planWithoutModel(sources, last as Plan)?.plan.calls[0]).toMatchObject({ endpoint: 'trains' })
    // What it called is gone: it is as if there had been none.
    expect(planWithoutModel(new Map([source('weather')]), last as Plan)?.plan.calls[0]).toMatchObject({
      endpoint: 'weather',
    })
    expect(planWithoutModel(new Map([source('book', { method: 'POST' })]), null)).toBeUndefined()
  })

  it('never gets past the checks whatever a model writes', () => {
    const wild = fc.record(
      {
        calls: fc.array(
          fc.oneof(
            fc.record(
              {
                endpoint: fc.oneof(fc.constantFrom('weather', 'trains', 'book', 'job:notes'), fc.string()),
                id: fc.oneof(fc.constantFrom('a', 'b'), fc.string()),
                parameters: fc.oneof(fc.constantFrom({}, { from: 'x' }), fc.dictionary(fc.string(), fc.jsonValue())),
                headers: fc.dictionary(fc.string(), fc.string()),
                priority: fc.oneof(fc.integer({ min: -100, max: 100 }), fc.double()),
                dependsOn: fc.array(fc.constantFrom('a', 'b', 'weather', 'book', 'zzz')),
                critical: fc.boolean(),
              },
              { requiredKeys: ['endpoint'] },
            ),
            fc.jsonValue(),
          ),
          { maxLength: 14 },
        ),
        strategy: fc.constantFrom('sequential', 'parallel', 'mixed', 'odd'),
        concurrencyLimit: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.double()),
        reasoning: fc.string(),
        confidence: fc.double(),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(wild, (value) => {
        const written = JSON.parse(JSON.stringify(value)) as Json
        for (const made of [checkPlan(written, sources).plan, salvagePlan(written, sources).plan]) {
          if (!made || made.calls.length === 0) continue
          expect(made.calls.length).toBeLessThanOrEqual(CALLS_MAX)
          expect(made.calls.every(({ endpoint }) => sources.has(endpoint))).toBe(true)
          expect(problemsOf(made)).toEqual([])
        }
      }),
      { numRuns: 400 },
    )
  })
})

describe('advice', () => {
  const now = Date.parse('2026-11-20T10:00:00Z')
  it.each([
    ['2026-11-20T11:00:00Z', now + 3_600_000],
    ['2026-11-20T09:00:00Z', null],
    ['soon', null],
    ['[mock]', null],
    [12, null],
    ['2026-11-20', null],
    ['+275760-09-13T00:00:00.001Z', null],
  ])('of %s is %s', (nextRunAt, atMs) => {
    expect(
      readAdvice({ nextRunAt, reasoning: '', confidence: 1, recommendedActions: [] }, now).advice.nextRunAtMs,
    ).toBe(atMs)
  })

  it('keeps of what is recommended what can be done', () => {
    const recommendedActions = [
      { action: 'explode', reason: '' },
      { action: 'disable_endpoint', reason: 'no name' },
      { action: 'change_interval', reason: 'no number' },
      { action: 'pause', reason: 'quiet', until: '2026-11-21T10:00:00Z' },
      'pause',
      { action: 'notify', reason: 'one too many' },
    ]
    const { advice, notes } = readAdvice({ nextRunAt: '', reasoning: 1, confidence: 'high', recommendedActions }, now)
    expect(advice.actions).toMatchObject([{ action: 'pause', untilMs: now + 86_400_000 }])
    expect(notes.length).toBeGreaterThan(4)
    expect(readAdvice(null, now).advice).toMatchObject({ nextRunAtMs: null, actions: [] })
  })
})
