import { expect, test } from 'vitest'
import type { StepDefinition } from '#core/jobs/definition.ts'
import { fixedCostOf, quoteJob } from '#core/jobs/quote.ts'
import { job, RELEASE_NOTES, testWorld } from './world.ts'

const world = testWorld()
const tool = (stepId: string, toolId: string, more: object = {}): StepDefinition => ({ stepId, toolId, ...more })

test('the example of the contract: each step once', () => {
  expect(quoteJob(RELEASE_NOTES, world)).toEqual({
    estimateMicros: 2_000n,
    maxMicros: 2_000n,
    perStep: [
      { stepId: 'collect', toolId: 'docs.changelog', estimateMicros: 1_000n, maxMicros: 1_000n },
      { stepId: 'format', toolId: 'docs.format', estimateMicros: 1_000n, maxMicros: 1_000n },
    ],
  })
})

test('lists count by their length when it is known', () => {
  const each = job('j', [tool('a', 'docs.lint', { forEach: { input: 'texts' } })])
  expect(quoteJob(each, world, { texts: ['a', 'b', 'c'] })).toMatchObject({ estimateMicros: 3_000n, maxMicros: 3_000n })
  expect(quoteJob(each, world, { texts: [] })).toMatchObject({ estimateMicros: 0n, maxMicros: 0n })
  expect(quoteJob(each, world)).toMatchObject({ estimateMicros: 5_000n, maxMicros: 20_000n })
  const later = job('j', [
    tool('a', 'docs.lint'),
    tool('b', 'docs.lint', { forEach: { step: 'a', output: 'findings' } }),
  ])
  expect(quoteJob(later, world, {})).toMatchObject({ estimateMicros: 6_000n, maxMicros: 21_000n })
})

test('nothing is held above the limit of the job, and nothing more is expected', () => {
  const job1 = job('j', [tool('a', 'llm.generate')], { limits: { maxCostUsd: '0.01' } })
  expect(quoteJob(job1, world)).toMatchObject({ estimateMicros: 2_000n, maxMicros: 10_000n })
  const job2 = job('j', [tool('a', 'llm.generate')], { limits: { maxCostUsd: '0.001' } })
  expect(quoteJob(job2, world)).toMatchObject({ estimateMicros: 1_000n, maxMicros: 1_000n })
})

test('nested jobs count with all their steps; reviews and waits cost nothing', () => {
  const outer = job('j', [
    { stepId: 'notes', jobId: 'release-notes' },
    { stepId: 'ask', review: { kind: 'decide' } },
    { stepId: 'pause', wait: { ms: 1 } },
    { stepId: 'many', jobId: 'release-notes', forEach: { input: 'list' } },
  ])
  expect(quoteJob(outer, world, { list: [1, 2] })).toEqual({
    estimateMicros: 6_000n,
    maxMicros: 6_000n,
    perStep: [
      { stepId: 'notes', jobId: 'release-notes', estimateMicros: 2_000n, maxMicros: 2_000n },
      { stepId: 'many', jobId: 'release-notes', estimateMicros: 4_000n, maxMicros: 4_000n },
    ],
  })
  expect(fixedCostOf(outer, world)).toBe(4_000n)
})

test('what has no price is named, wherever it stands, and never counts as zero', () => {
  const steps = [
    tool('a', 'new.tool'),
    tool('b', 'other.tool'),
    { stepId: 'c', jobId: 'calls-unpriced' },
    { stepId: 'd', jobId: 'gone' },
  ]
  expect(quoteJob(job('j', steps), world)).toEqual({ unknownPrices: ['new.tool', 'other.tool', 'gone'] })
  expect(quoteJob(job('j', [{ stepId: 'a', jobId: 'circle-b' }]), world)).toHaveProperty('unknownPrices')
})
