import { describe, expect, test } from 'vitest'
import type { StepDefinition } from '#core/jobs/definition.ts'
import type { Json } from '#core/json.ts'
import { COPIES_MAX } from '#core/runs/decide/fanout.ts'
import { type Driver, type DriverOptions, job, started } from './decide-driver.ts'

const tool = (stepId: string, rest: Partial<StepDefinition> = {}): StepDefinition => ({
  stepId,
  toolId: 'test.tool',
  ...rest,
})
const each = (rest: Partial<StepDefinition> = {}): StepDefinition => tool('f', { forEach: { input: 'list' }, ...rest })

const over = (list: Json, step: StepDefinition = each(), options: DriverOptions = {}) =>
  started(job([step, tool('z', { inputMappings: { all: { step: 'f', output: 'items', default: 'none' } } })]), {
    inputs: { list },
    ...options,
  })

const copies = (run: Driver) => run.state.steps.filter((row) => row.parentSeq !== null)

describe('a forEach step', () => {
  test('has a copy for each element, with its own inputs and idempotency key', () => {
    const mappings = { url: { item: true, path: 'url' }, n: { template: '{{ index }}' } } as const
    const [run, first] = over([{ url: 'u0' }, { url: 'u1' }], each({ inputMappings: mappings }))
    expect(first.start).toMatchObject([
      { seq: 2, stepId: 'f', input: { url: 'u0', n: '0' }, idempotencySuffix: 'f[0]:1' },
      { seq: 3, stepId: 'f', input: { url: 'u1', n: '1' }, idempotencySuffix: 'f[1]:1' },
    ])
    expect(copies(run).map((row) => [row.seq, row.parentSeq, row.itemIndex])).toEqual([
      [2, 0, 0],
      [3, 0, 1],
    ])
    expect(first.events).toContainEqual({ type: 'step.started', seq: 0, details: { attempt: 1, items: 2 } })
  })

  test('gives the outputs in the order of the list, whichever ended first', () => {
    const [run] = over(['a', 'b', 'c'])
    run.succeed('f', { v: 2 }, 2)
    run.succeed('f', { v: 0 }, 0)
    expect(run.succeed('f', { v: 1 }, 1).start[0]?.input).toEqual({ all: [{ v: 0 }, { v: 1 }, { v: 2 }] })
    expect(run.row('f').output).toEqual({ items: [{ v: 0 }, { v: 1 }, { v: 2 }] })
  })

  test('works on the output of a step', () => {
    const [run] = started(job([tool('a'), tool('f', { forEach: { step: 'a', output: 'list' } })]))
    expect(run.succeed('a', { list: [1, 2, 3] }).start).toHaveLength(3)
  })

  test('is done at once when the list is empty', () => {
    const [run, first] = over([])
    expect(run.row('f')).toMatchObject({ status: 'succeeded', output: { items: [] } })
    expect(first.start).toMatchObject([{ stepId: 'z', input: { all: [] } }])
  })

  test.each<[string, Json, string]>([
    ['no list', 'abc', 'is not a list'],
    ['null', null, 'is not a list'],
  ])('fails on %s', (_, list, why) => {
    const [run] = over(list)
    expect(run.row('f')).toMatchObject({
      status: 'failed',
      error: { code: 'bad_input', message: expect.stringContaining(why) },
    })
  })

  test('fails on a list that is missing', () => {
    const [run] = started(job([each()]))
    expect(run.row('f').error?.message).toBe(
      "Step “f” works on each element of the run's input “list”, which is missing.",
    )
  })

  test('takes a thousand elements and not one more', () => {
    const most = Array.from({ length: COPIES_MAX }, (_, index) => index)
    expect(copies(over(most)[0])).toHaveLength(1_000)
    expect(over([...most, 0])[0].row('f').error?.code).toBe('limit_exceeded')
  })

  test('nulls and lists are elements like others', () => {
    const [, first] = over([null, [1]], each({ inputMappings: { x: { item: true } } }))
    expect(first.start.map((work) => work.input)).toEqual([{ x: null }, { x: [1] }])
  })
})

describe('concurrency of copies', () => {
  test("is the lowest of the step's, the job's and the instance's", () => {
    const limited = each({ forEach: { input: 'list', concurrency: 2 } })
    expect(over([1, 2, 3, 4], limited)[1].start).toHaveLength(2)
    expect(over([1, 2, 3, 4], each(), { maxParallel: 3 })[1].start).toHaveLength(3)
  })

  test('goes on in list order as places become free', () => {
    const [run] = over([1, 2, 3, 4], each({ forEach: { input: 'list', concurrency: 2 } }))
    expect(run.succeed('f', {}, 1).start.map((work) => work.seq)).toEqual([4])
    expect(run.succeed('f', {}, 0).start.map((work) => work.seq)).toEqual([5])
  })

  test('a copy that waits for its nested job keeps its place', () => {
    const nested: StepDefinition = { stepId: 'f', jobId: 'other', forEach: { input: 'list', concurrency: 1 } }
    const [run, first] = started(job([nested]), { inputs: { list: [1, 2] } })
    expect(first.start).toMatchObject([{ kind: 'job', seq: 1 }])
    expect(run.send({ type: 'child_started', seq: 1 }).start).toEqual([])
    expect(run.state.status).toBe('running')
    expect(run.send({ type: 'step_succeeded', seq: 1, output: {} }).start).toMatchObject([{ kind: 'job', seq: 2 }])
  })
})

describe('a copy that fails', () => {
  test('is retried by itself', () => {
    const [run] = over([1, 2], each(), { random: () => 0 })
    run.fail('f', true, 0)
    expect(run.pass(1).start).toMatchObject([{ seq: 2, attempt: 2, idempotencySuffix: 'f[0]:1' }])
  })

  test('with halt fails the run and aborts the others', () => {
    const [run] = over([1, 2, 3])
    const end = run.fail('f', false, 1)
    expect(run.picture).toBe('f:cancelled z:cancelled f[0]:cancelled f[1]:failed f[2]:cancelled')
    expect(end.abort).toEqual([2, 4])
    expect(end.run?.error?.message).toBe('Step “f” (element 2) failed: The provider said no.')
  })

  test('with skip lets the others end, then the step fails and its dependents are skipped', () => {
    const [run] = over([1, 2, 3], each({ onFailure: 'skip' }))
    run.fail('f', false, 2)
    expect(run.row('f').status).toBe('running')
    run.succeed('f', {}, 0)
    const end = run.succeed('f', {}, 1)
    expect(run.row('f').error).toEqual({
      code: 'provider_error',
      message: 'Element 3 of 3 failed: The provider said no.',
    })
    expect(run.row('z').status).toBe('skipped')
    expect(end.run?.status).toBe('partially_completed')
  })

  test('with continue gives its default, or null, in its place', () => {
    const withDefault = each({ onFailure: 'continue', default: { v: 'spare' } })
    for (const [step, spare] of [
      [withDefault, { v: 'spare' }],
      [each({ onFailure: 'continue' }), null],
    ] as const) {
      const [run] = over([1, 2], step)
      run.fail('f', false, 0)
      expect(run.succeed('f', { v: 1 }, 1).start[0]?.input).toEqual({ all: [spare, { v: 1 }] })
      expect(run.succeed('z').run?.status).toBe('partially_completed')
    }
  })

  test('with continue and no copy that succeeded, nothing was done', () => {
    const [run] = started(job([each({ onFailure: 'continue' })]), { inputs: { list: [1, 2] } })
    run.fail('f', false, 0)
    expect(run.fail('f', false, 1).run?.status).toBe('failed')
    expect(run.row('f')).toMatchObject({ status: 'succeeded', output: { items: [null, null] } })
  })

  test('because its inputs cannot be resolved follows the same rules', () => {
    const [run] = over([{ v: 1 }, {}], each({ onFailure: 'continue', inputMappings: { x: { item: true, path: 'v' } } }))
    expect(run.row('f', 1)).toMatchObject({ status: 'failed', error: { code: 'bad_input' } })
    expect(run.succeed('f', { y: 1 }, 0).start[0]?.input).toEqual({ all: [{ y: 1 }, null] })
  })

  test('because its inputs cannot be resolved, with halt, ends the run before any other begins', () => {
    const [run, begun] = over([{ v: 1 }, {}, {}], each({ inputMappings: { x: { item: true, path: 'v' } } }))
    expect(begun.start).toEqual([])
    expect(run.picture).toBe('f:cancelled z:cancelled f[0]:cancelled f[1]:failed f[2]:cancelled')
  })

  test('a list that is none, with continue, counts as one without elements', () => {
    const [run, begun] = over('abc', each({ onFailure: 'continue', default: { items: 'not these' } }))
    expect(run.picture).toBe('f:failed z:running')
    expect(begun.start[0]?.input).toEqual({ all: [] })
  })
})

test('copies of waits and reviews begin together', () => {
  const waits: StepDefinition = { stepId: 'f', wait: { ms: 20 }, forEach: { input: 'list' } }
  const [run, first] = started(job([waits]), { inputs: { list: [1, 2] } })
  expect(first.run?.status).toBe('waiting')
  run.pass(20)
  expect(run.state.status).toBe('succeeded')
  expect(run.row('f').output).toEqual({ items: [{ waitedMs: 20 }, { waitedMs: 20 }] })
})

test('a crash in the middle repeats the copies that were executing and no others', () => {
  const [run] = over([1, 2, 3, 4], each(), { maxParallel: 2 })
  run.succeed('f', {}, 0)
  expect(run.picture).toBe('f:running z:pending f[0]:succeeded f[1]:running f[2]:running f[3]:ready')
  expect(run.send({ type: 'recovered' }).start.map((work) => work.seq)).toEqual([3, 4])
})
