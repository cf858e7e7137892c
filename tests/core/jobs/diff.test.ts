import { expect, test } from 'vitest'
import type { JobDefinition } from '#core/jobs/definition.ts'
import { diffDefinitions } from '#core/jobs/diff.ts'
import { RELEASE_NOTES } from './world.ts'

const changed = (change: (copy: JobDefinition) => void): JobDefinition => {
  const copy = structuredClone(RELEASE_NOTES)
  change(copy)
  return copy
}

test('nothing changed', () => {
  expect(diffDefinitions(RELEASE_NOTES, structuredClone(RELEASE_NOTES))).toEqual([])
})

test('fields and steps, each as deep as it goes', () => {
  const after = changed((copy) => {
    copy.displayName = 'Notes'
    copy.baselineMinutes = 30
    delete copy.limits
    const format = copy.steps[1]
    if (format)
      Object.assign(format, { retry: { maxAttempts: 5, backoffMs: 1_000 }, dependencies: ['collect', 'lint'] })
    copy.steps.unshift({ stepId: 'lint', toolId: 'docs.lint' })
  })
  expect(diffDefinitions(RELEASE_NOTES, after)).toEqual([
    { path: 'displayName', kind: 'changed', before: 'release-notes', after: 'Notes' },
    { path: 'steps.format.dependencies', kind: 'changed', before: ['collect'], after: ['collect', 'lint'] },
    { path: 'steps.format.retry.maxAttempts', kind: 'changed', before: 3, after: 5 },
    { path: 'steps.lint', kind: 'added', after: { toolId: 'docs.lint' } },
    { path: 'limits', kind: 'removed', before: { maxCostUsd: '0.50', concurrency: 4 } },
    { path: 'baselineMinutes', kind: 'added', after: 30 },
  ])
})

test('steps that only changed places', () => {
  const after = changed((copy) => copy.steps.reverse())
  expect(diffDefinitions(RELEASE_NOTES, after)).toEqual([
    { path: 'steps', kind: 'changed', before: ['collect', 'format'], after: ['format', 'collect'] },
  ])
})
