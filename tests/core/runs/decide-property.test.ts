import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JobDefinition } from '#core/jobs/definition.ts'
import type { JsonObject } from '#core/json.ts'
import { applyDecision, decide, type Happened } from '#core/runs/decide.ts'
import { initialState, type RunState } from '#core/runs/state.ts'
import { DEFAULT_RETRY } from '#core/tools/tool.ts'
import { type Driver, job } from './decide-driver.ts'
import { definitions, runToEnd } from './decide-world.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 31 })
const inputs: fc.Arbitrary<JsonObject> = fc.record({
  flag: fc.boolean(),
  list: fc.constantFrom([], [1], ['a', 'b', null], [1, 2, 3, 4, 5, 6]),
})

// The driver checks every single decision: legal moves, starts, places, dependencies, events, timers, ends.
test('whatever happens in whatever order, a run keeps its promises and ends', () => {
  const seen = new Map<string, number>()
  const world = fc.record({
    resultSeed: seeds,
    orderSeed: seeds,
    inputs,
    maxParallel: fc.integer({ min: 1, max: 5 }),
    crashes: fc.integer({ min: 0, max: 30 }),
    maybeCancel: fc.boolean(),
    maybeChanges: fc.boolean(),
  })
  let reopened = 0
  fc.assert(
    fc.property(
      definitions([undefined, 'halt', 'skip', 'skip', 'continue', 'continue']),
      world,
      (definition, options) => {
        const { state, events } = runToEnd(definition, options)
        const { status } = state
        if (events.some(({ type }) => type === 'step.reopened')) reopened++
        seen.set(status, (seen.get(status) ?? 0) + 1)
      },
    ),
    { numRuns: 5_000 },
  )
  // Every outcome was met often, so that none of them went unchecked.
  for (const status of ['succeeded', 'partially_completed', 'failed', 'cancelled'])
    expect(seen.get(status), status).toBeGreaterThan(30)
  expect(reopened).toBeGreaterThan(300)
}, 60_000)

test('a run that is retried keeps all its promises again, and may end well', () => {
  const seen = new Map<string, number>()
  const world = fc.record({
    resultSeed: seeds,
    orderSeed: seeds,
    inputs,
    maxParallel: fc.integer({ min: 1, max: 5 }),
    crashes: fc.integer({ min: 0, max: 10 }),
    maybeCancel: fc.boolean(),
  })
  fc.assert(
    fc.property(
      definitions([undefined, 'halt', 'skip', 'skip', 'continue', 'continue']),
      world,
      (definition, options) => {
        const first = runToEnd(definition, options).state.status
        const { status } = runToEnd(definition, options, 4).state
        seen.set(`${first} ${status}`, (seen.get(`${first} ${status}`) ?? 0) + 1)
      },
    ),
    { numRuns: 3_000 },
  )
  for (const before of ['failed', 'partially_completed', 'cancelled'])
    expect(seen.get(`${before} succeeded`), before).toBeGreaterThan(10)
}, 60_000)

test('the order in which things end changes nothing in the result', () => {
  const world = fc.record({
    resultSeed: seeds,
    inputs,
    orders: fc.tuple(seeds, seeds),
    places: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
  })
  const property = fc.property(
    definitions(['skip', 'continue']),
    world,
    (definition, { resultSeed, inputs, orders, places }) => {
      const [one, other] = orders.map((orderSeed, index) =>
        runToEnd(withoutDeadlines(definition), {
          resultSeed,
          orderSeed,
          inputs,
          maxParallel: places[index] ?? 1,
          crashes: 6,
          maybeCancel: false,
        }),
      ) as [Driver, Driver]
      expect(resultOf(other)).toEqual(resultOf(one))
    },
  )
  fc.assert(property, { numRuns: 2_000 })
}, 60_000)

/** Whether a nested job misses its deadline depends on when it was asked, and so on the order. */
const withoutDeadlines = (definition: JobDefinition): JobDefinition => ({
  ...definition,
  steps: definition.steps.map(({ timeoutMs: _, ...step }) => step as (typeof definition.steps)[number]),
})

/** Everything about a run that does not depend on time: rows by name, not by seq; which of two failures skipped one is luck. */
const resultOf = ({ state }: Driver) => ({
  status: state.status,
  outputs: state.outputs,
  error: state.error,
  steps: state.steps
    .map((row) => ({
      name: `${row.stepId}[${row.itemIndex}]`,
      status: row.status,
      output: row.output,
      error: row.status === 'skipped' ? row.error?.code : row.error,
      attempt: row.attempt,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1)),
})

test('a decision is the same when it is made again, and leaves the state alone', () => {
  fc.assert(
    fc.property(definitions([undefined, 'skip', 'continue']), inputs, seeds, (definition, given, seed) => {
      const state: RunState = initialState(definition, given)
      const copy = structuredClone(state)
      const at = { nowMs: 5, random: () => (seed % 100) / 100, maxParallel: 3, retryOf: () => DEFAULT_RETRY }
      const first = decide(definition, state, { type: 'started' }, at)
      expect(decide(definition, state, { type: 'started' }, at)).toEqual(first)
      expect(state).toEqual(copy)
    }),
    { numRuns: 300 },
  )
})

test('a thousand copies of a step do not take a thousand times a thousand steps of work', () => {
  const list = Array.from({ length: 1_000 }, (_, index) => index)
  const mapping = { x: { item: true } } as const
  const definition = job([{ stepId: 'f', toolId: 't', forEach: { input: 'list' }, inputMappings: mapping }])
  const at = { nowMs: 5, random: () => 0.5, maxParallel: 50, retryOf: () => DEFAULT_RETRY }
  const startedAtMs = performance.now()
  let state = initialState(definition, { list })
  const queue = [{ type: 'started' } as Happened]
  for (let happened = queue.shift(); happened; happened = queue.shift()) {
    const decision = decide(definition, state, happened, at)
    state = applyDecision(state, decision)
    for (const { seq, input } of decision.start) queue.push({ type: 'step_succeeded', seq, output: input })
  }
  expect(state.status).toBe('succeeded')
  expect(state.steps[0]?.output).toEqual({ items: list.map((x) => ({ x })) })
  // About 100 ms on two slow cores; the square of it would be minutes.
  expect(performance.now() - startedAtMs).toBeLessThan(3_000)
})
