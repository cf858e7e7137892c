import { describe, expect, test } from 'vitest'
import type { StepDefinition } from '#core/jobs/definition.ts'
import { Driver, idsOf, job, started } from './decide-driver.ts'

const tool = (stepId: string, rest: Partial<StepDefinition> = {}): StepDefinition => ({
  stepId,
  toolId: 'test.tool',
  ...rest,
})

describe('order', () => {
  test('without dependencies the steps run one after the other', () => {
    const [run, first] = started(job([tool('a'), tool('b'), tool('c')]))
    expect(idsOf(first.start)).toEqual(['a'])
    expect(idsOf(run.succeed('a').start)).toEqual(['b'])
    expect(idsOf(run.succeed('b').start)).toEqual(['c'])
    expect(run.succeed('c').run).toEqual({ status: 'succeeded', outputs: {}, error: null })
  })

  test('with dependencies a step starts as soon as what it waits for has ended', () => {
    const [run, first] = started(
      job([tool('d', { dependencies: ['b', 'c'] }), tool('b', { dependencies: ['a'] }), tool('c'), tool('a')]),
    )
    expect(idsOf(first.start).sort()).toEqual(['a', 'c'])
    expect(idsOf(run.succeed('c').start)).toEqual([])
    expect(idsOf(run.succeed('a').start)).toEqual(['b'])
    expect(idsOf(run.succeed('b').start)).toEqual(['d'])
  })

  test('no more than the lower of the two limits execute at once; the rest is ready', () => {
    const steps = ['a', 'b', 'c', 'd'].map((id) => tool(id, { dependencies: [] }))
    const [run, first] = started(job(steps, { limits: { concurrency: 2 } }), { maxParallel: 3 })
    expect(idsOf(first.start)).toEqual(['a', 'b'])
    expect(run.picture).toBe('a:running b:running c:ready d:ready')
    expect(first.events.map((event) => event.type)).toEqual([
      'run.started',
      'step.started',
      'step.started',
      'step.ready',
      'step.ready',
    ])
    expect(idsOf(run.succeed('b').start)).toEqual(['c'])
    expect(idsOf(started(job(steps, { limits: { concurrency: 9 } }), { maxParallel: 1 })[1].start)).toEqual(['a'])
  })

  test('a step that waits gives its place to others', () => {
    const [run] = started(job([tool('a', { dependencies: [] }), tool('b', { dependencies: [] })]), { maxParallel: 1 })
    expect(idsOf(run.send({ type: 'step_waiting', seq: 0, untilMs: run.nowMs + 50, output: {} }).start)).toEqual(['b'])
  })

  test('the work carries everything a worker needs', () => {
    const [, first] = started(job([tool('a', { timeoutMs: 500, inputMappings: { text: { input: 'x' } } })]), {
      inputs: { x: 'hello' },
    })
    expect(first.start).toEqual([
      {
        kind: 'tool',
        toolId: 'test.tool',
        seq: 0,
        stepId: 'a',
        input: { text: 'hello' },
        timeoutMs: 500,
        attempt: 1,
        idempotencySuffix: 'a:1',
        comment: '',
        pauses: 0,
      },
    ])
  })

  test('a job without steps is done at once', () => {
    const [run, first] = started(job([]))
    expect(run.state.status).toBe('succeeded')
    expect(first.events.map((event) => event.type)).toEqual(['run.started', 'run.succeeded'])
  })

  test('the outputs of the job are taken from its steps', () => {
    const outputs = {
      notes: { step: 'a', output: 'text' },
      first: { step: 'a', output: 'list', path: '0.n' },
      gone: { step: 'a', output: 'no' },
    }
    const [run] = started(job([tool('a')], { outputs }))
    expect(run.succeed('a', { text: 'T', list: [{ n: 7 }] }).run?.outputs).toEqual({ notes: 'T', first: 7 })
  })
})

describe('what a step sees', () => {
  test('the outputs of what it waits for, however far back', () => {
    const c = tool('c', { inputMappings: { x: { template: '{{ steps.a.v }}{{ steps.b.v }}' } } })
    const [run] = started(job([tool('a'), tool('b'), c]))
    run.succeed('a', { v: 1 })
    expect(run.succeed('b', { v: 2 }).start[0]?.input).toEqual({ x: '12' })
  })

  test('and never those of a step that only happens to have ended already', () => {
    const c = tool('c', { dependencies: ['b'], inputMappings: { x: { step: 'a', output: 'v', default: 'not seen' } } })
    const [run] = started(job([tool('a', { dependencies: [] }), tool('b', { dependencies: [] }), c]))
    run.succeed('a', { v: 1 })
    expect(run.succeed('b').start[0]?.input).toEqual({ x: 'not seen' })
  })

  test('a mapping that cannot be resolved fails the step with a sentence', () => {
    const b = tool('b', { inputMappings: { text: { step: 'a', output: 'markdown' } } })
    const [run] = started(job([tool('a'), b]))
    const end = run.succeed('a', { other: 1 })
    const message = 'Step “b”: input “text” needs output “markdown” of step “a”, which did not give it.'
    expect(run.row('b')).toMatchObject({
      status: 'failed',
      attempt: 0,
      starts: 0,
      error: { code: 'bad_input', message },
    })
    expect(end.run).toMatchObject({ status: 'failed', error: { code: 'bad_input', message } })
  })

  test('a run input that the job requires and that is missing fails it too', () => {
    const definition = job([tool('a', { inputMappings: { text: { input: 'x' } } })], {
      inputSchema: { type: 'object', required: ['x'] },
    })
    expect(started(definition)[0].row('a').error?.code).toBe('bad_input')
  })
})

describe('conditions', () => {
  const sees = { inputMappings: { x: { step: 'b', output: 'v', default: 'none' } } } satisfies Partial<StepDefinition>

  test('false skips the step; what depends on it runs and sees no output', () => {
    const [run] = started(job([tool('a'), tool('b', { condition: 'steps.a.ok == true' }), tool('c', sees)]))
    const next = run.succeed('a', { ok: false })
    expect(run.picture).toBe('a:succeeded b:skipped c:running')
    expect(next.start[0]?.input).toEqual({ x: 'none' })
    expect(next.events[1]).toMatchObject({
      type: 'step.skipped',
      seq: 1,
      details: { reason: expect.stringContaining('steps.a.ok') },
    })
    expect(run.succeed('c').run?.status).toBe('succeeded')
  })

  test('true runs it', () => {
    const [run] = started(job([tool('a'), tool('b', { condition: 'steps.a.ok == true' })]))
    expect(idsOf(run.succeed('a', { ok: true }).start)).toEqual(['b'])
  })

  test('a run whose every step is skipped by its condition has succeeded', () => {
    const [run] = started(job([tool('a', { condition: 'input.go' })], {}), { inputs: { go: false } })
    expect(run.state.status).toBe('succeeded')
  })

  test('one that cannot be evaluated fails the step', () => {
    const [run] = started(job([tool('a', { condition: 'input.go ==' + ' | nofilter: {{' })]), { inputs: { go: true } })
    expect(run.row('a')).toMatchObject({ status: 'failed', error: { code: 'bad_input' } })
    expect(run.row('a').error?.message).toContain('Step “a”: the condition')
  })

  test('on a forEach step it is asked once, for the whole', () => {
    const [run] = started(job([tool('a', { condition: 'input.go', forEach: { input: 'list' } })]), {
      inputs: { go: false, list: [1, 2] },
    })
    expect(run.picture).toBe('a:skipped')
  })
})

describe('events that come twice, early or late', () => {
  const definition = job([tool('a'), tool('b')])

  test('started twice starts nothing twice', () => {
    const [run] = started(definition)
    expect(run.send({ type: 'started' })).toMatchObject({ steps: [], start: [], abort: [], events: [], wakeAtMs: null })
  })

  test('a result that comes again, or for a step that has not begun or is not there, changes nothing', () => {
    const [run] = started(definition)
    run.succeed('a', { v: 1 })
    const before = run.state
    const nothing = { steps: [], start: [], abort: [], events: [], wakeAtMs: null }
    expect(run.succeed('a', { v: 2 })).toEqual(nothing)
    expect(run.fail('a')).toEqual(nothing)
    expect(run.send({ type: 'step_waiting', seq: 0, untilMs: 9e12, output: {} })).toEqual(nothing)
    expect(run.send({ type: 'step_succeeded', seq: 99, output: {} })).toEqual(nothing)
    expect(run.send({ type: 'child_started', seq: 1 })).toEqual(nothing)
    expect(run.state).toEqual(before)
  })

  test('nothing but a worker or a cancel moves a queued run', () => {
    const run = new Driver(definition)
    run.succeed('a')
    run.pass(1_000)
    expect(run.state.status).toBe('queued')
    expect(run.picture).toBe('a:pending b:pending')
  })

  test('a run that has ended stays as it is', () => {
    const [run] = started(definition)
    run.succeed('a')
    run.succeed('b')
    const before = run.state
    run.succeed('b')
    run.send({ type: 'started' })
    run.send({ type: 'recovered' })
    run.send({ type: 'cancel', reason: 'too late' })
    run.pass(1e9)
    expect(run.state).toEqual(before)
  })
})
