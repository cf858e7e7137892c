import fc from 'fast-check'
import type { JobDefinition, Mapping, StepDefinition } from '#core/jobs/definition.ts'
import type { Json } from '#core/json.ts'

const json = fc
  .jsonValue({ maxDepth: 2 })
  .filter((value) => !JSON.stringify(value).includes('__proto__')) as fc.Arbitrary<Json>
const word = fc.constantFrom('a', 'title', 'text', 'markdown', 'yes', '12', 'null', '- x', 'é👍', 'a: b', '#c', "it's")
const name = fc.stringMatching(/^[a-z][a-zA-Z0-9_]{0,10}$/)
const prose = fc.oneof(
  word,
  fc.string({ minLength: 1, maxLength: 30 }).filter((text) => text.trim() !== ''),
  fc.constant('two\nlines\n'),
)
const maybe = <T extends object>(fields: fc.Arbitrary<T>): fc.Arbitrary<T | object> => fc.oneof(fields, fc.constant({}))

const mapping = fc
  .tuple(
    fc.oneof(
      fc.record({ input: word }),
      fc.record({ step: word, output: word }),
      fc.record({ step: word, output: word, path: fc.constant('items.0.title') }),
      fc.record({ value: json }),
      fc.record({ template: fc.oneof(prose, fc.constant('{{ input.title }}')) }),
      fc.record({ item: fc.constant(true as const) }),
    ),
    maybe(fc.record({ default: json })),
  )
  .map(([source, more]) => ({ ...source, ...more })) as fc.Arbitrary<Mapping>

const kind = fc.oneof(
  fc.record({ toolId: fc.constantFrom('docs.lint', 'docs.format', 'data.transform', 'no.tool') }),
  fc.record({ jobId: fc.constantFrom('release-notes', 'no-job') }),
  fc.record({
    wait: fc.oneof(
      fc.record({ ms: fc.integer({ min: 1, max: 1_000 }) }),
      fc.record({ until: fc.constant('2027-03-31T09:00:00Z') }),
    ),
  }),
  fc.record({
    review: fc.constantFrom(
      { kind: 'decide' as const },
      { kind: 'form' as const, schema: { type: 'object' as const } },
    ),
  }),
)

const step = fc
  .tuple(
    kind,
    maybe(fc.record({ displayName: prose })),
    maybe(fc.record({ inputMappings: fc.dictionary(name, mapping, { maxKeys: 3 }) })),
    maybe(fc.record({ condition: fc.constantFrom('input.title', "input.title == 'x'", 'steps.a.ok') })),
    maybe(fc.record({ retry: fc.record({ maxAttempts: fc.integer({ min: 1, max: 10 }) }) })),
    maybe(fc.record({ timeoutMs: fc.integer({ min: 100, max: 3_600_000 }) })),
    maybe(fc.constantFrom({ onFailure: 'skip' as const }, { onFailure: 'continue' as const, default: { text: '' } })),
  )
  .map((parts) => Object.assign({}, ...parts) as StepDefinition)

const steps = fc
  .uniqueArray(fc.tuple(name, step, fc.boolean()), { minLength: 1, maxLength: 6, selector: ([stepId]) => stepId })
  .map((all) =>
    all.map(([stepId, one, depends], index) => {
      const earlier = all[index - 1]?.[0]
      return { ...one, stepId, ...(depends && earlier ? { dependencies: [earlier] } : {}) } as StepDefinition
    }),
  )

/** Definitions of a right shape; what they speak of need not exist. */
export const definitions: fc.Arbitrary<JobDefinition> = fc
  .tuple(
    fc.record({
      jobId: fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/),
      displayName: prose,
      description: fc.oneof(prose, fc.constant('')),
      inputSchema: fc.constantFrom(
        { type: 'object' as const },
        {
          type: 'object' as const,
          required: ['title'],
          properties: { title: { type: 'string' as const, default: '' } },
        },
      ),
      steps,
      outputs: fc.dictionary(name, fc.record({ step: word, output: word }), { maxKeys: 3 }),
    }),
    maybe(fc.record({ limits: fc.record({ maxCostUsd: fc.constantFrom('0.50', '12', '.1') }) })),
    maybe(fc.record({ roles: fc.constantFrom(['marketing' as const], []), baselineMinutes: fc.constantFrom(0, 7.5) })),
    maybe(fc.record({ review: fc.constant({ kind: 'decide' as const, approvers: { roles: ['admin' as const] } }) })),
  )
  // fast-check makes objects without a prototype; definitions have one.
  .map((parts) => JSON.parse(JSON.stringify(Object.assign({}, ...parts))) as JobDefinition)
