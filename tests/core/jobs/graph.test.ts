import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StepDefinition } from '#core/jobs/definition.ts'
import { ancestorsOf, cyclesOf, isGraph, planOf } from '#core/jobs/graph.ts'

const step = (stepId: string, dependencies?: string[]): StepDefinition => ({
  stepId,
  wait: { ms: 1 },
  ...(dependencies && { dependencies }),
})

test('without dependencies each step waits for the one before', () => {
  const plan = planOf({ steps: [step('a'), step('b'), step('c')] })
  expect(plan.order).toEqual(['a', 'b', 'c'])
  expect(plan.dependenciesOf('a')).toEqual([])
  expect(plan.dependenciesOf('c')).toEqual(['b'])
  expect(plan.dependentsOf('a')).toEqual(['b'])
  expect([...ancestorsOf(plan, 'c')].sort()).toEqual(['a', 'b'])
})

test('one with dependencies makes a graph of all, an empty list too', () => {
  const diamond = { steps: [step('d', ['b', 'c']), step('b', ['a']), step('c', ['a', 'a', 'zzz']), step('a')] }
  const plan = planOf(diamond)
  expect(plan.order).toEqual(['a', 'b', 'c', 'd'])
  expect(plan.dependenciesOf('c')).toEqual(['a'])
  expect(plan.dependentsOf('a')).toEqual(['b', 'c'])
  expect(plan.dependenciesOf('nobody')).toEqual([])
  const free = { steps: [step('a', []), step('b')] }
  expect(isGraph(free)).toBe(true)
  expect(planOf(free).dependenciesOf('b')).toEqual([])
})

test('steps on a circle come last, and the circle is named', () => {
  const plan = planOf({ steps: [step('x', ['y']), step('y', ['x']), step('a'), step('b', ['a', 'b'])] })
  expect(plan.order).toEqual(['a', 'x', 'y', 'b'])
  expect(cyclesOf(plan)).toEqual([
    ['x', 'y', 'x'],
    ['b', 'b'],
  ])
})

test('random graphs: order respects dependencies, no circle is seen where there is none', () => {
  const edges = fc.array(fc.tuple(fc.nat(19), fc.nat(19)), { maxLength: 60 })
  fc.assert(
    fc.property(edges, fc.boolean(), (pairs, mayCircle) => {
      const steps = Array.from({ length: 20 }, (_, index) => {
        const named = pairs.filter(([from, to]) => from === index && (mayCircle || to < from)).map(([, to]) => `s${to}`)
        return step(`s${index}`, named)
      })
      const plan = planOf({ steps })
      expect([...plan.order].sort()).toEqual(steps.map(({ stepId }) => stepId).sort())
      const hasCircle = steps.some(({ stepId }) => ancestorsOf(plan, stepId).has(stepId))
      expect(cyclesOf(plan).length > 0).toBe(hasCircle)
      if (hasCircle) return
      for (const [place, stepId] of plan.order.entries()) {
        for (const dependency of plan.dependenciesOf(stepId)) expect(plan.order.indexOf(dependency)).toBeLessThan(place)
      }
    }),
  )
})
