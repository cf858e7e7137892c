import { expect, test } from 'vitest'
import type { StepDefinition } from '#core/jobs/definition.ts'
import { validateDefinition } from '#core/jobs/validate.ts'
import { job, RELEASE_NOTES, testWorld } from './world.ts'

const world = testWorld()
const lint = (stepId: string, more: Partial<StepDefinition> = {}): StepDefinition =>
  ({ stepId, toolId: 'docs.lint', inputMappings: { text: { value: 'x' } }, ...more }) as StepDefinition

test('the example of the contract has no problems', () => {
  expect(validateDefinition(RELEASE_NOTES, world)).toEqual([])
})

test('a job that uses everything has no problems', () => {
  const definition = job(
    'everything',
    [
      lint('first', { inputMappings: { text: { input: 'text' } } }),
      {
        stepId: 'each',
        toolId: 'docs.format',
        dependencies: ['first'],
        condition: "steps.first.findings.size > 0 and input.mood != 'calm'",
        forEach: { step: 'first', output: 'findings', concurrency: 3 },
        inputMappings: {
          text: {
            template:
              '{{ index }}: {{ item.message }}, {{ steps.first.findings.first.line }}, {{ input.text | upcase }}',
          },
          language: { input: 'language', default: 'markdown' },
        },
        retry: { maxAttempts: 2 },
        timeoutMs: 5_000,
        onFailure: 'continue',
        default: { text: '', changed: false },
      },
      {
        stepId: 'nested',
        jobId: 'release-notes',
        dependencies: ['each'],
        inputMappings: { commits: { step: 'each', output: 'items', path: '0.text' } },
      },
      {
        stepId: 'ask',
        dependencies: ['nested'],
        review: {
          kind: 'form',
          schema: { type: 'object', properties: { title: { type: 'string' } } },
          approvers: { accounts: ['a', 'b'], count: 2 },
        },
      },
      { stepId: 'pause', dependencies: ['ask'], wait: { ms: 1_000 } },
      lint('last', {
        dependencies: ['pause'],
        inputMappings: { text: { template: '{{ steps.ask.title }} {{ steps.nested.notes }}' } },
      }),
    ],
    {
      primaryInput: 'text',
      inputSchema: {
        type: 'object',
        required: ['text'],
        properties: {
          text: { type: 'string' },
          mood: { type: 'string' },
          language: { type: 'string', enum: ['json', 'yaml'] },
        },
      },
      outputs: {
        ok: { step: 'last', output: 'ok' },
        formatted: { step: 'each', output: 'items' },
        notes: { step: 'nested', output: 'notes' },
      },
      review: { kind: 'decide', approvers: { roles: ['admin'] }, selfApproval: false },
      limits: { maxCostUsd: '0.01', concurrency: 2 },
    },
  )
  expect(validateDefinition(definition, world)).toEqual([])
})

test('the limit may be exactly the fixed prices; what has no fixed price does not count', () => {
  const steps: StepDefinition[] = [
    lint('a'),
    { stepId: 'b', toolId: 'llm.generate', inputMappings: { prompt: { value: 'x' } } },
  ]
  expect(validateDefinition(job('j', steps, { limits: { maxCostUsd: '0.001' } }), world)).toEqual([])
  expect(validateDefinition(job('j', steps, { limits: { maxCostUsd: '0.000999' } }), world)).toHaveLength(1)
})

test('a step that is passed over needs no default when nobody needs its output', () => {
  const reader = (mapping: object): StepDefinition =>
    lint('b', { inputMappings: { text: mapping } } as Partial<StepDefinition>)
  const first: StepDefinition = {
    stepId: 'a',
    toolId: 'docs.format',
    onFailure: 'continue',
    inputMappings: { text: { value: 'x' } },
  }
  expect(validateDefinition(job('j', [first, reader({ value: 'y' })]), world)).toEqual([])
  expect(validateDefinition(job('j', [first, reader({ step: 'a', output: 'text', default: '' })]), world)).toEqual([])
  expect(validateDefinition(job('j', [first, reader({ template: '{{ steps.a.text }}' })]), world)).toHaveLength(1)
  expect(
    validateDefinition(job('j', [{ ...first, default: { text: '' } }, reader({ step: 'a', output: 'text' })]), world),
  ).toEqual([])
})

test('a hundred steps that call each other are checked in a moment', () => {
  const wide = (jobId: string, called: string) =>
    job(
      jobId,
      Array.from({ length: 100 }, (_, index) => ({ stepId: `s${index}`, jobId: called })),
    )
  const jobs = ['a', 'b', 'c', 'd'].map((jobId, index, all) => wide(jobId, all[index + 1] ?? 'leaf'))
  const startMs = performance.now()
  expect(validateDefinition(wide('top', 'a'), testWorld([...jobs, job('leaf', [lint('x')])]))).toEqual([])
  expect(performance.now() - startMs).toBeLessThan(2_000)
})

test('a file full of mistyped names is answered soon', () => {
  const name = (letter: string, index: number) => letter.repeat(30) + String(index).padStart(6, '0')
  const steps = Array.from({ length: 100 }, (_, index) => {
    const mappings = Array.from({ length: 30 }, (_, place) => [
      `m${place}`,
      { step: name('z', index * 100 + place), output: 'o' },
    ])
    return lint(name('s', index), { inputMappings: Object.fromEntries(mappings) })
  })
  const startMs = performance.now()
  expect(validateDefinition(job('j', steps), world).length).toBeGreaterThan(3_000)
  expect(performance.now() - startMs).toBeLessThan(3_000)
})
